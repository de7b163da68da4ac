-- Whom the person wants to hear nothing of: by name, and by the key that it had then.
CREATE TABLE blocks (
  name        TEXT PRIMARY KEY,
  account_key BLOB NOT NULL CHECK (length(account_key) = 32),
  since       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
