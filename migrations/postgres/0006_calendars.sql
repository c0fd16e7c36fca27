-- Calendars at a web address that schedules keep up with. The address may be a
-- secret. who is JSON: who those are whom the calendar names and nobody recognised.
CREATE TABLE calendar_sources (
    schedule_id  UUID NOT NULL PRIMARY KEY REFERENCES schedules (id),
    url          TEXT NOT NULL,
    who          TEXT NOT NULL,
    followed_by  UUID NOT NULL REFERENCES users (id),
    followed_at  BIGINT NOT NULL,
    next_at      BIGINT NOT NULL,
    read_at      BIGINT NOT NULL,
    failed_since BIGINT,
    why          TEXT NOT NULL
);
CREATE INDEX calendar_sources_next_idx ON calendar_sources (next_at);
