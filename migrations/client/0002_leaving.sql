-- When the person left; the group is followed until a member has removed the leaf.
ALTER TABLE groups ADD COLUMN left_at INTEGER;

-- Devices that asked to be removed, and since when this device knows.
CREATE TABLE wishes (
  group_id    BLOB NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  device_key  BLOB NOT NULL CHECK (length(device_key) = 32),
  since       INTEGER NOT NULL,
  PRIMARY KEY (group_id, device_key)
) STRICT, WITHOUT ROWID;
