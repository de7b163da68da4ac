-- One profile: identity, groups, messages, outbox, mailbox cursor, KeyPackages. The file is always encrypted.
-- Times in milliseconds since the Unix epoch.

CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- People seen so far. The key of a name is pinned at first sight.
CREATE TABLE contacts (
  name         TEXT PRIMARY KEY,
  account_key  BLOB NOT NULL CHECK (length(account_key) = 32),
  list_counter INTEGER NOT NULL,
  verified     INTEGER NOT NULL DEFAULT 0 CHECK (verified IN (0, 1)),
  first_seen   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX contacts_by_key ON contacts (account_key);

CREATE TABLE groups (
  id          BLOB PRIMARY KEY CHECK (length(id) = 32),
  tag         BLOB NOT NULL UNIQUE CHECK (length(tag) = 16),
  suite       TEXT NOT NULL CHECK (suite IN ('baseline', 'hybrid')),
  name        TEXT NOT NULL,
  -- hidden: joined by a Welcome, not yet accepted.
  status      TEXT NOT NULL CHECK (status IN ('hidden', 'active', 'removed')),
  -- Account key of who invited us.
  inviter     BLOB,
  epoch       INTEGER NOT NULL,
  -- One more with every step; two processes never step from one state.
  version     INTEGER NOT NULL,
  -- MLS state as of the beginning of the epoch; secret_nodes hold what messages changed since.
  state       BLOB NOT NULL,
  owes_update INTEGER NOT NULL DEFAULT 0 CHECK (owes_update IN (0, 1)),
  read_up_to  INTEGER NOT NULL DEFAULT 0,
  joined_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE secret_nodes (
  group_id BLOB NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  epoch    INTEGER NOT NULL,
  leaf     INTEGER NOT NULL,
  record   BLOB NOT NULL,
  PRIMARY KEY (group_id, epoch, leaf)
) STRICT, WITHOUT ROWID;

-- What opens a 0x02 envelope: the current epoch's key and the one before.
CREATE TABLE epoch_keys (
  group_id BLOB NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  epoch    INTEGER NOT NULL,
  key_tag  BLOB NOT NULL CHECK (length(key_tag) = 8),
  key      BLOB NOT NULL CHECK (length(key) = 32),
  PRIMARY KEY (group_id, epoch)
) STRICT, WITHOUT ROWID;
CREATE INDEX epoch_keys_by_tag ON epoch_keys (key_tag);

-- At most one commit whose outcome is not known, per group.
CREATE TABLE staged_commits (
  group_id   BLOB PRIMARY KEY REFERENCES groups (id) ON DELETE CASCADE,
  message_id BLOB NOT NULL CHECK (length(message_id) = 16),
  base_epoch INTEGER NOT NULL,
  request    BLOB NOT NULL,
  next_state BLOB NOT NULL,
  intent     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The timeline: what people said, and what happened to the group.
CREATE TABLE timeline (
  place       INTEGER PRIMARY KEY AUTOINCREMENT,
  group_id    BLOB NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('text', 'change', 'unknown', 'notice')),
  message_id  BLOB NOT NULL CHECK (length(message_id) = 16),
  sender_key  BLOB NOT NULL,
  own         INTEGER NOT NULL CHECK (own IN (0, 1)),
  body        TEXT NOT NULL,
  epoch       INTEGER NOT NULL,
  sent_at     INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  delivery    TEXT NOT NULL CHECK (delivery IN ('received', 'queued', 'stored', 'failed')),
  UNIQUE (group_id, sender_key, message_id)
) STRICT;
CREATE INDEX timeline_by_group ON timeline (group_id, place);

-- What waits to be sent. sealed is empty until the text was encrypted for an epoch.
CREATE TABLE outbox (
  place      INTEGER PRIMARY KEY AUTOINCREMENT,
  group_id   BLOB NOT NULL,
  message_id BLOB NOT NULL CHECK (length(message_id) = 16),
  content    BLOB NOT NULL,
  epoch      INTEGER,
  sealed     BLOB,
  since      INTEGER NOT NULL,
  UNIQUE (group_id, message_id)
) STRICT;

-- Mail that cannot be read yet: of an unknown epoch key, or of an epoch ahead.
CREATE TABLE buffered (
  position INTEGER PRIMARY KEY,
  row      BLOB NOT NULL,
  since    INTEGER NOT NULL
) STRICT;

CREATE TABLE key_packages (
  ref           BLOB PRIMARY KEY CHECK (length(ref) = 32),
  suite         TEXT NOT NULL,
  last_resort   INTEGER NOT NULL CHECK (last_resort IN (0, 1)),
  public_bytes  BLOB NOT NULL,
  private_bytes BLOB NOT NULL,
  not_after     INTEGER NOT NULL,
  used          INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1))
) STRICT, WITHOUT ROWID;

CREATE TABLE hybrid_keys (
  key_id      BLOB NOT NULL CHECK (length(key_id) = 4),
  record      BLOB PRIMARY KEY,
  private_key BLOB NOT NULL,
  not_after   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who may do a thing alone for a while: refreshing the token.
CREATE TABLE leases (
  name  TEXT PRIMARY KEY,
  owner BLOB NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A delivery that is being processed, with its owner's heartbeat: only a dead owner's mark leads to quarantine.
CREATE TABLE processing (
  position  INTEGER PRIMARY KEY,
  owner     BLOB NOT NULL,
  heartbeat INTEGER NOT NULL,
  attempts  INTEGER NOT NULL
) STRICT;
