-- Who is on call. layers is JSON; the zone is an IANA name.

CREATE TABLE schedules (
    id          UUID NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL,
    zone        TEXT NOT NULL,
    layers      TEXT NOT NULL,
    team_id     UUID REFERENCES teams (id),
    created_at  BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL,
    archived_at BIGINT
);
CREATE UNIQUE INDEX schedules_name_key ON schedules (lower(name)) WHERE archived_at IS NULL;

-- Somebody stands in, or comes from an imported calendar.
CREATE TABLE schedule_overrides (
    id          UUID NOT NULL PRIMARY KEY,
    schedule_id UUID NOT NULL REFERENCES schedules (id),
    user_id     UUID NOT NULL REFERENCES users (id),
    from_at     BIGINT NOT NULL,
    until_at    BIGINT NOT NULL,
    source      TEXT NOT NULL CONSTRAINT schedule_overrides_source_check CHECK (source IN ('person', 'import')),
    created_by  UUID NOT NULL REFERENCES users (id),
    created_at  BIGINT NOT NULL,
    removed_at  BIGINT,
    CONSTRAINT schedule_overrides_span_check CHECK (from_at < until_at)
);
CREATE INDEX schedule_overrides_span_idx ON schedule_overrides (schedule_id, until_at);

-- Unguessable addresses of calendar feeds, of a schedule or of a person's shifts.
CREATE TABLE calendar_feeds (
    id          UUID NOT NULL PRIMARY KEY,
    token_hash  BYTEA NOT NULL CONSTRAINT calendar_feeds_token_hash_key UNIQUE,
    schedule_id UUID REFERENCES schedules (id),
    user_id     UUID NOT NULL REFERENCES users (id),
    created_at  BIGINT NOT NULL,
    revoked_at  BIGINT
);
CREATE INDEX calendar_feeds_user_idx ON calendar_feeds (user_id);
