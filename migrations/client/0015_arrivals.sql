-- In which order what was said about lines came here, from 1; 0 until its line is there. One that replaces another comes anew.
ALTER TABLE annotations ADD COLUMN arrival INTEGER NOT NULL DEFAULT 0;

-- What is there already: in the order of its time.
UPDATE annotations SET arrival = told.place
  FROM (SELECT group_id, author_key, message_id, kind, sender_key, row_number() OVER (
          ORDER BY sent_at, own_id, group_id, author_key, message_id, kind, sender_key) AS place
        FROM annotations AS about WHERE EXISTS (SELECT 1 FROM timeline WHERE group_id = about.group_id
          AND sender_key = about.author_key AND message_id = about.message_id)) AS told
  WHERE annotations.group_id = told.group_id AND annotations.author_key = told.author_key
    AND annotations.message_id = told.message_id AND annotations.kind = told.kind
    AND annotations.sender_key = told.sender_key;
CREATE INDEX annotations_by_arrival ON annotations (group_id, arrival) WHERE arrival > 0;

-- The last number; none is given twice.
CREATE TABLE arrivals (last INTEGER NOT NULL) STRICT;
INSERT INTO arrivals SELECT coalesce(max(arrival), 0) FROM annotations;
