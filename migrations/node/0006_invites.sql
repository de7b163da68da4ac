-- One registration each. The token itself is with whoever got it.
CREATE TABLE invites (
  hash       BLOB PRIMARY KEY CHECK (length(hash) = 32),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- Who registered with it.
  account_id INTEGER REFERENCES accounts (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX invites_by_expiry ON invites (expires_at);
CREATE INDEX invites_by_account ON invites (account_id) WHERE account_id IS NOT NULL;
