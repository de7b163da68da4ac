-- Where the sender's own mailbox ended when the row was stored: a repetition is told the same. 0 when that is not known.
ALTER TABLE tombstones ADD COLUMN sender_head INTEGER NOT NULL DEFAULT 0;
-- The same of a commit's author.
ALTER TABLE commit_log ADD COLUMN author_head INTEGER NOT NULL DEFAULT 0;
