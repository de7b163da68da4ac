-- The marks that stand for commits without room, found by group; server/store/sqlite-lost-marks.ts repeats the condition.
CREATE INDEX mail_lost ON mail (device_id, group_tag, channel, position, sender_id)
  WHERE prefix = x'04' AND body_id IS NULL AND group_tag IS NOT NULL;
