-- When the person left; the group is followed until a member has removed the leaf.
ALTER TABLE groups ADD COLUMN left_at INTEGER;

-- Devices that asked to be removed, and since when this device knows.
CREATE TABLE wishes (
  group_id    BLOB NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  device_key  BLOB NOT NULL CHECK (length(device_key) = 32),
  since       INTEGER NOT NULL,
  PRIMARY KEY (group_id, device_key)
) STRICT, WITHOUT ROWID;

-- Since when the group's state is known to be lost or forked, and when the others were last asked to add us again.
ALTER TABLE groups ADD COLUMN rejoin_since INTEGER;
ALTER TABLE groups ADD COLUMN rejoin_asked INTEGER;

-- Requests of members to be added again; a request's id is kept for as long as the request could count.
CREATE TABLE rejoin_requests (
  id          BLOB PRIMARY KEY CHECK (length(id) = 16),
  group_id    BLOB NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  device_key  BLOB NOT NULL CHECK (length(device_key) = 32),
  -- NULL once it is done, or of no use.
  key_package BLOB,
  since       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX rejoin_requests_by_group ON rejoin_requests (group_id);
