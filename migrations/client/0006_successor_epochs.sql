-- From which epoch of the group its successor goes on; null when it is no successor, or was made before this was kept.
ALTER TABLE successions ADD COLUMN epoch INTEGER;
