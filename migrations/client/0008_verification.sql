-- Another account key that the server shows for the name since it was pinned. It is used for nothing until accepted.
ALTER TABLE contacts ADD COLUMN offered_key BLOB CHECK (length(offered_key) = 32);
-- One that was offered, and that the person refused.
ALTER TABLE contacts ADD COLUMN refused_key BLOB CHECK (length(refused_key) = 32);
-- The person compared the safety number, and it was another.
ALTER TABLE contacts ADD COLUMN mismatched INTEGER NOT NULL DEFAULT 0 CHECK (mismatched IN (0, 1));

-- Keys that names had before the person accepted others: what was said with them keeps a name.
CREATE TABLE former_keys (
  account_key BLOB PRIMARY KEY CHECK (length(account_key) = 32),
  name        TEXT NOT NULL
) STRICT, WITHOUT ROWID;
