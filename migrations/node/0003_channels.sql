-- 1:1 channels, one for each two accounts. The members of a channel never change.
CREATE TABLE channels (
  id           BLOB PRIMARY KEY CHECK (length(id) = 16),
  low_account  INTEGER NOT NULL REFERENCES accounts (id),
  high_account INTEGER NOT NULL REFERENCES accounts (id),
  created_at   INTEGER NOT NULL,
  CHECK (low_account < high_account),
  UNIQUE (low_account, high_account)
) STRICT, WITHOUT ROWID;
