-- Of a line of one's own that the server has: where the mailbox ended then. Until it was read so far, the line stands
-- behind all that comes.
ALTER TABLE timeline ADD COLUMN head INTEGER;
CREATE INDEX timeline_by_head ON timeline (head) WHERE head IS NOT NULL;

-- Places that were kept free before what came with a mailbox row: a line of one's own that was on its way may belong there.
CREATE TABLE rooms (
  -- The last of them.
  place    INTEGER PRIMARY KEY,
  -- Of the row in the mailbox.
  position INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_under_way ON outbox (place) WHERE sealed IS NOT NULL;
