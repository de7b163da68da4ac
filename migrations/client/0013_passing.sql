-- Seconds after which a line disappears, 0 never, and when that is: known once it came in, or was sent.
ALTER TABLE timeline ADD COLUMN expires_after INTEGER NOT NULL DEFAULT 0;
ALTER TABLE timeline ADD COLUMN expires_at INTEGER;
CREATE INDEX timeline_by_end ON timeline (expires_at) WHERE expires_at IS NOT NULL;

-- After how long messages of a conversation disappear from now on: what was said last about it.
CREATE TABLE timers (
  group_id   BLOB PRIMARY KEY REFERENCES groups (id) ON DELETE CASCADE,
  seconds    INTEGER NOT NULL,
  sender_key BLOB NOT NULL CHECK (length(sender_key) = 32),
  -- Of the message that said it; of two of one time the higher id counts.
  own_id     BLOB NOT NULL CHECK (length(own_id) = 16),
  sent_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Messages that have disappeared: nothing of them comes back. Without their text, and for a while only.
CREATE TABLE vanished (
  sender_key BLOB NOT NULL CHECK (length(sender_key) = 32),
  message_id BLOB NOT NULL CHECK (length(message_id) = 16),
  since      INTEGER NOT NULL,
  PRIMARY KEY (sender_key, message_id)
) STRICT, WITHOUT ROWID;

-- Who has got a line of one's own, or read it.
CREATE TABLE receipts (
  group_id   BLOB NOT NULL,
  author_key BLOB NOT NULL CHECK (length(author_key) = 32),
  message_id BLOB NOT NULL CHECK (length(message_id) = 16),
  sender_key BLOB NOT NULL CHECK (length(sender_key) = 32),
  state      TEXT NOT NULL CHECK (state IN ('delivered', 'read')),
  -- When that was heard of.
  at         INTEGER NOT NULL,
  PRIMARY KEY (group_id, author_key, message_id, sender_key)
) STRICT, WITHOUT ROWID;

-- Whether the others are told what has come and was read, and that one is writing.
ALTER TABLE conversations ADD COLUMN receipts TEXT NOT NULL DEFAULT 'default' CHECK (receipts IN ('default', 'on', 'off'));
ALTER TABLE conversations ADD COLUMN typing TEXT NOT NULL DEFAULT 'default' CHECK (typing IN ('default', 'on', 'off'));
