-- The newest device list of each account that was seen. Without a list only its counter is known, of an earlier version.
CREATE TABLE device_lists (
  account_key BLOB PRIMARY KEY CHECK (length(account_key) = 32),
  counter     INTEGER NOT NULL,
  list        BLOB NOT NULL,
  signature   BLOB NOT NULL,
  -- The list before it.
  previous    BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO device_lists SELECT account_key, max(list_counter), x'', x'', x'' FROM contacts GROUP BY account_key;
ALTER TABLE contacts DROP COLUMN list_counter;
