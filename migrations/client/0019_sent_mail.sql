-- What the server has stored for others within the retention: one that was restored from a backup is offered it again.
CREATE TABLE sent_mail (
  place      INTEGER PRIMARY KEY AUTOINCREMENT,
  group_id   BLOB NOT NULL,
  message_id BLOB NOT NULL CHECK (length(message_id) = 16),
  epoch      INTEGER NOT NULL,
  sealed     BLOB NOT NULL,
  recipients BLOB NOT NULL CHECK (length(recipients) % 32 = 0),
  stored_at  INTEGER NOT NULL,
  UNIQUE (group_id, message_id)
) STRICT;
CREATE INDEX sent_mail_by_time ON sent_mail (stored_at);
