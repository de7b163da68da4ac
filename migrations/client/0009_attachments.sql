-- The file that a line carries: how to get it and to know it. The line's text is the file's name.
CREATE TABLE attachments (
  group_id   BLOB NOT NULL,
  sender_key BLOB NOT NULL CHECK (length(sender_key) = 32),
  message_id BLOB NOT NULL CHECK (length(message_id) = 16),
  blob_id    BLOB NOT NULL CHECK (length(blob_id) = 16),
  key        BLOB NOT NULL CHECK (length(key) = 32),
  -- SHA-256 of the ciphertext.
  hash       BLOB NOT NULL CHECK (length(hash) = 32),
  size       INTEGER NOT NULL,
  name       TEXT NOT NULL,
  media_type TEXT NOT NULL,
  PRIMARY KEY (group_id, sender_key, message_id)
) STRICT, WITHOUT ROWID;

-- Files of one's own that lie encrypted in the profile's folder until the server has them.
CREATE TABLE uploads (
  place      INTEGER PRIMARY KEY AUTOINCREMENT,
  blob_id    BLOB NOT NULL UNIQUE CHECK (length(blob_id) = 16),
  group_id   BLOB NOT NULL,
  message_id BLOB NOT NULL CHECK (length(message_id) = 16),
  since      INTEGER NOT NULL
) STRICT;
