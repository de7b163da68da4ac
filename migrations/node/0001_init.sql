-- The server's store: accounts, devices, sessions, KeyPackages, mailboxes, group epochs. Times in milliseconds.

CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
  id                    INTEGER PRIMARY KEY,
  name                  TEXT NOT NULL UNIQUE,
  account_key           BLOB NOT NULL UNIQUE CHECK (length(account_key) = 32),
  signature             BLOB NOT NULL CHECK (length(signature) = 64),
  opaque_record         BLOB NOT NULL,
  sealed_account_key    BLOB NOT NULL,
  device_list           BLOB NOT NULL,
  device_list_signature BLOB NOT NULL CHECK (length(device_list_signature) = 64),
  status                TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'deleted')),
  created_at            INTEGER NOT NULL
) STRICT;

CREATE TABLE devices (
  id               INTEGER PRIMARY KEY,
  device_key       BLOB NOT NULL UNIQUE CHECK (length(device_key) = 32),
  account_id       INTEGER NOT NULL REFERENCES accounts (id),
  certificate      BLOB NOT NULL CHECK (length(certificate) = 129),
  status           TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'revoked')),
  hybrid_record    BLOB,
  hybrid_signature BLOB,
  created_at       INTEGER NOT NULL,
  -- Gap-free numbers of the mailbox over all channels; expired is the highest removed without acknowledgement.
  head_position    INTEGER NOT NULL DEFAULT 0,
  expired_position INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX devices_by_account ON devices (account_id);

-- A family is one login and all that came of it by refreshing.
CREATE TABLE families (
  id         BLOB PRIMARY KEY CHECK (length(id) = 16),
  device_id  INTEGER NOT NULL REFERENCES devices (id),
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX families_by_expiry ON families (expires_at);

CREATE TABLE access_tokens (
  hash       BLOB PRIMARY KEY CHECK (length(hash) = 32),
  family_id  BLOB NOT NULL REFERENCES families (id) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX access_tokens_by_family ON access_tokens (family_id);

CREATE TABLE refresh_tokens (
  hash      BLOB PRIMARY KEY CHECK (length(hash) = 32),
  family_id BLOB NOT NULL REFERENCES families (id) ON DELETE CASCADE,
  -- Hash of the token that replaced this one.
  successor BLOB CHECK (successor IS NULL OR length(successor) = 32)
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family_id);

CREATE TABLE key_packages (
  id          INTEGER PRIMARY KEY,
  device_id   INTEGER NOT NULL REFERENCES devices (id),
  suite       INTEGER NOT NULL,
  last_resort INTEGER NOT NULL CHECK (last_resort IN (0, 1)),
  package     BLOB NOT NULL,
  not_after   INTEGER NOT NULL
) STRICT;
CREATE INDEX key_packages_by_device ON key_packages (device_id, suite, last_resort);
CREATE INDEX key_packages_by_expiry ON key_packages (not_after);

-- Who consumed whose KeyPackages in the last hour. Caller 0 is the static token.
CREATE TABLE key_package_takes (
  device_id INTEGER NOT NULL,
  caller_id INTEGER NOT NULL,
  taken_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX key_package_takes_by_device ON key_package_takes (device_id, taken_at);

CREATE TABLE lanes (
  device_id   INTEGER NOT NULL,
  channel     BLOB NOT NULL,
  head_seq    INTEGER NOT NULL,
  expired_seq INTEGER NOT NULL,
  PRIMARY KEY (device_id, channel)
) STRICT, WITHOUT ROWID;

CREATE TABLE bodies (
  id   INTEGER PRIMARY KEY,
  refs INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;

CREATE TABLE mail (
  id          INTEGER PRIMARY KEY,
  device_id   INTEGER NOT NULL,
  position    INTEGER NOT NULL,
  channel     BLOB NOT NULL,
  seq         INTEGER NOT NULL,
  message_id  BLOB NOT NULL,
  -- Sending account; 0 is the static token.
  sender_id   INTEGER NOT NULL,
  -- The payload is prefix ‖ body; without a body the prefix is all of it.
  prefix      BLOB NOT NULL,
  body_id     INTEGER,
  bytes       INTEGER NOT NULL,
  -- Rows of an accepted commit.
  group_tag   BLOB,
  epoch       INTEGER,
  commit_info BLOB,
  received_at INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX mail_by_position ON mail (device_id, position);
CREATE INDEX mail_by_expiry ON mail (expires_at);

CREATE TABLE tombstones (
  device_id  INTEGER NOT NULL,
  message_id BLOB NOT NULL,
  sender_id  INTEGER NOT NULL,
  channel    BLOB NOT NULL,
  seq        INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (device_id, message_id, sender_id, channel)
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstones_by_expiry ON tombstones (expires_at);

CREATE TABLE group_tags (
  tag        BLOB PRIMARY KEY CHECK (length(tag) = 16),
  epoch      INTEGER NOT NULL,
  verifier   BLOB NOT NULL CHECK (length(verifier) = 32),
  created_by INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX group_tags_by_creator ON group_tags (created_by, created_at);

-- Never swept: the same commit gets the same answer for ever.
CREATE TABLE commit_log (
  tag          BLOB NOT NULL,
  base_epoch   INTEGER NOT NULL,
  message_id   BLOB NOT NULL,
  author_key   BLOB NOT NULL,
  payload_hash BLOB NOT NULL,
  PRIMARY KEY (tag, base_epoch)
) STRICT, WITHOUT ROWID;
