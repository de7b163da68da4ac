-- Ids that the successors of a group would have, were it to break in this epoch: attempts 0 to 3, 32 bytes each.
ALTER TABLE epoch_keys ADD COLUMN heirs BLOB NOT NULL DEFAULT x'';

-- Groups that may be broken: a commit won that cannot be applied here.
CREATE TABLE successions (
  group_id  BLOB PRIMARY KEY REFERENCES groups (id) ON DELETE CASCADE,
  -- Device keys, 32 bytes each: whose commit it was, then whose attempts at a successor came to nothing.
  blamed    BLOB NOT NULL,
  attempt   INTEGER NOT NULL,
  -- When the first member may begin the attempt.
  since     INTEGER NOT NULL,
  -- Who was first with the attempt, if it was not us, and since when that is known.
  winner    BLOB CHECK (winner IS NULL OR length(winner) = 32),
  winner_at INTEGER,
  -- The group that we made or joined for it.
  successor BLOB CHECK (successor IS NULL OR length(successor) = 32),
  -- The conversation has moved there.
  moved     INTEGER NOT NULL DEFAULT 0 CHECK (moved IN (0, 1))
) STRICT, WITHOUT ROWID;

-- Groups that were dropped: none is joined again below its epoch, or with another suite.
CREATE TABLE floors (
  group_id BLOB PRIMARY KEY CHECK (length(group_id) = 32),
  suite    TEXT NOT NULL,
  epoch    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
