-- Calendars at a web address that schedules keep up with. The address may be a
-- secret. who is JSON: who those are whom the calendar names and nobody recognised.
CREATE TABLE calendar_sources (
    schedule_id  BLOB NOT NULL PRIMARY KEY REFERENCES schedules (id),
    url          TEXT NOT NULL,
    who          TEXT NOT NULL,
    followed_by  BLOB NOT NULL REFERENCES users (id),
    followed_at  INTEGER NOT NULL,
    next_at      INTEGER NOT NULL,
    read_at      INTEGER NOT NULL,
    failed_since INTEGER,
    why          TEXT NOT NULL
) STRICT;
CREATE INDEX calendar_sources_next_idx ON calendar_sources (next_at);
