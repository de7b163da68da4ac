-- The message that a line answers: its author's account key and its id.
ALTER TABLE timeline ADD COLUMN reply_author BLOB CHECK (length(reply_author) = 32);
ALTER TABLE timeline ADD COLUMN reply_id BLOB CHECK (length(reply_id) = 16);

-- What was said about a line, by the line's author (edit, delete) or by anybody (reaction): the newest of each person.
-- A line need not be there (yet).
CREATE TABLE annotations (
  group_id   BLOB NOT NULL,
  author_key BLOB NOT NULL CHECK (length(author_key) = 32),
  message_id BLOB NOT NULL CHECK (length(message_id) = 16),
  kind       TEXT NOT NULL CHECK (kind IN ('reaction', 'edit', 'delete')),
  sender_key BLOB NOT NULL CHECK (length(sender_key) = 32),
  -- Of the message that said it; of two of one time the higher id counts.
  own_id     BLOB NOT NULL CHECK (length(own_id) = 16),
  sent_at    INTEGER NOT NULL,
  -- Emoji or text; empty for a deletion, and for a reaction that was taken back.
  body       TEXT NOT NULL,
  PRIMARY KEY (group_id, author_key, message_id, kind, sender_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX annotations_by_sender ON annotations (group_id, sender_key);
