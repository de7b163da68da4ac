-- What the person has chosen for a conversation, and what is begun there and not sent.
CREATE TABLE conversations (
  group_id BLOB PRIMARY KEY REFERENCES groups (id) ON DELETE CASCADE,
  notify   TEXT NOT NULL CHECK (notify IN ('all', 'mentions', 'nothing')),
  draft    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Whether a line calls the person by name, or answers a message of theirs.
ALTER TABLE timeline ADD COLUMN mention INTEGER NOT NULL DEFAULT 0 CHECK (mention IN (0, 1));
