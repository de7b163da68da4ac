-- Rows of the mailbox that were read, by their digests: a server that was restored from a backup gives them out again.
CREATE TABLE taken (
  digest   BLOB PRIMARY KEY CHECK (length(digest) = 16),
  taken_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX taken_by_time ON taken (taken_at);
