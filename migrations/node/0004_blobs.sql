-- Encrypted files, in the chunks they came in. The server knows neither name nor key.
CREATE TABLE blobs (
  id         INTEGER PRIMARY KEY,
  blob_id    BLOB NOT NULL UNIQUE CHECK (length(blob_id) = 16),
  account_id INTEGER NOT NULL REFERENCES accounts (id),
  size       INTEGER NOT NULL CHECK (size > 0),
  -- SHA-256 of the whole.
  hash       BLOB NOT NULL CHECK (length(hash) = 32),
  received   INTEGER NOT NULL CHECK (received <= size),
  -- All is there, and the hash was found to fit.
  complete   INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1)),
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX blobs_by_account ON blobs (account_id, size);
CREATE INDEX blobs_by_expiry ON blobs (expires_at);

CREATE TABLE blob_chunks (
  blob  INTEGER NOT NULL REFERENCES blobs (id) ON DELETE CASCADE,
  start INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE (blob, start)
) STRICT;
