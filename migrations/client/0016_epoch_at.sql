-- When the epoch of a group began, as far as that is known here.
ALTER TABLE groups ADD COLUMN epoch_at INTEGER NOT NULL DEFAULT 0;
UPDATE groups SET epoch_at = coalesce(
  (SELECT min(received_at) FROM timeline WHERE group_id = groups.id AND kind = 'change' AND epoch = groups.epoch),
  joined_at);
