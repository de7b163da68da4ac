-- A tag's epoch and verifier when the server was restored from a backup: who knows the verifier's preimage was there, and
-- may commit in a later epoch. For a group that is younger than the backup, those of its first commit afterwards.
ALTER TABLE group_tags ADD COLUMN restore_epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE group_tags ADD COLUMN restore_verifier BLOB NOT NULL DEFAULT x'';
