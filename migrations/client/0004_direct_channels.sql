-- 1:1 conversations: one for each other account.
CREATE TABLE directs (
  -- What the conversation is called for as long as it lasts, whichever group it is in.
  id         BLOB PRIMARY KEY CHECK (length(id) = 32),
  -- Account key of the other.
  peer       BLOB NOT NULL UNIQUE CHECK (length(peer) = 32),
  channel    BLOB NOT NULL UNIQUE CHECK (length(channel) = 16),
  -- The group's tag is made of the channel and this number.
  attempt    INTEGER NOT NULL,
  group_id   BLOB NOT NULL UNIQUE REFERENCES groups (id) ON DELETE CASCADE,
  -- Since when it is known that somebody else was first with this attempt.
  refused_at INTEGER
) STRICT, WITHOUT ROWID;
