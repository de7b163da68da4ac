-- A text that is said again in another group is known by its sender and id alone.
CREATE INDEX timeline_by_message ON timeline (message_id);
