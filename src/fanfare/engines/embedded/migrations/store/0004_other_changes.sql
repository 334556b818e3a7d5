-- Followers of events, sales and demands look past the notifications' changes, which are nearly all of the log.
CREATE INDEX change_other ON change (seq) WHERE record_type <> 'notification';
