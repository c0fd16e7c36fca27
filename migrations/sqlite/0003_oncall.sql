-- Who is on call. layers is JSON; the zone is an IANA name.

CREATE TABLE schedules (
    id          BLOB NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL,
    zone        TEXT NOT NULL,
    layers      TEXT NOT NULL,
    team_id     BLOB REFERENCES teams (id),
    created_at  INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    archived_at INTEGER
) STRICT;
CREATE UNIQUE INDEX schedules_name_key ON schedules (lower(name)) WHERE archived_at IS NULL;

-- Somebody stands in, or comes from an imported calendar.
CREATE TABLE schedule_overrides (
    id          BLOB NOT NULL PRIMARY KEY,
    schedule_id BLOB NOT NULL REFERENCES schedules (id),
    user_id     BLOB NOT NULL REFERENCES users (id),
    from_at     INTEGER NOT NULL,
    until_at    INTEGER NOT NULL,
    source      TEXT NOT NULL CONSTRAINT schedule_overrides_source_check CHECK (source IN ('person', 'import')),
    created_by  BLOB NOT NULL REFERENCES users (id),
    created_at  INTEGER NOT NULL,
    removed_at  INTEGER,
    CONSTRAINT schedule_overrides_span_check CHECK (from_at < until_at)
) STRICT;
CREATE INDEX schedule_overrides_span_idx ON schedule_overrides (schedule_id, until_at);

-- Unguessable addresses of calendar feeds, of a schedule or of a person's shifts.
CREATE TABLE calendar_feeds (
    id          BLOB NOT NULL PRIMARY KEY,
    token_hash  BLOB NOT NULL CONSTRAINT calendar_feeds_token_hash_key UNIQUE,
    schedule_id BLOB REFERENCES schedules (id),
    user_id     BLOB NOT NULL REFERENCES users (id),
    created_at  INTEGER NOT NULL,
    revoked_at  INTEGER
) STRICT;
CREATE INDEX calendar_feeds_user_idx ON calendar_feeds (user_id);
