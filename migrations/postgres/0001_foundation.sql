-- Identifiers are UUIDv7, times are UTC microseconds, enumerations are text with a check.

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE users (
    id            UUID NOT NULL PRIMARY KEY,
    email         TEXT NOT NULL CONSTRAINT users_email_key UNIQUE,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL CONSTRAINT users_role_check CHECK (role IN ('viewer', 'responder', 'commander', 'admin')),
    password_hash TEXT,
    created_at    BIGINT NOT NULL,
    disabled_at   BIGINT
);

-- The set-up link is an invitation to be the first admin, made by nobody.
CREATE TABLE invites (
    id         UUID NOT NULL PRIMARY KEY,
    token_hash BYTEA NOT NULL CONSTRAINT invites_token_hash_key UNIQUE,
    email      TEXT,
    role       TEXT NOT NULL CONSTRAINT invites_role_check CHECK (role IN ('viewer', 'responder', 'commander', 'admin')),
    created_by UUID REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT,
    used_by    UUID REFERENCES users (id),
    revoked_at BIGINT
);

CREATE TABLE sessions (
    id           UUID NOT NULL PRIMARY KEY,
    token_hash   BYTEA NOT NULL CONSTRAINT sessions_token_hash_key UNIQUE,
    user_id      UUID NOT NULL REFERENCES users (id),
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    ended_at     BIGINT,
    user_agent   TEXT NOT NULL,
    address      TEXT NOT NULL
);
CREATE INDEX sessions_user_idx ON sessions (user_id, ended_at);

CREATE TABLE api_tokens (
    id           UUID NOT NULL PRIMARY KEY,
    token_hash   BYTEA NOT NULL CONSTRAINT api_tokens_token_hash_key UNIQUE,
    user_id      UUID NOT NULL REFERENCES users (id),
    name         TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at   BIGINT
);
CREATE INDEX api_tokens_user_idx ON api_tokens (user_id);

CREATE TABLE login_failures (
    id      UUID NOT NULL PRIMARY KEY,
    at      BIGINT NOT NULL,
    email   TEXT NOT NULL,
    address TEXT NOT NULL
);
CREATE INDEX login_failures_email_idx ON login_failures (email, at);
CREATE INDEX login_failures_address_idx ON login_failures (address, at);

CREATE TABLE audit (
    id       UUID NOT NULL PRIMARY KEY,
    at       BIGINT NOT NULL,
    actor_id UUID REFERENCES users (id),
    actor    TEXT NOT NULL,
    action   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    detail   TEXT NOT NULL,
    address  TEXT NOT NULL
);
CREATE INDEX audit_at_idx ON audit (at, id);

CREATE TABLE incidents (
    id               UUID NOT NULL PRIMARY KEY,
    number           BIGINT NOT NULL CONSTRAINT incidents_number_key UNIQUE,
    title            TEXT NOT NULL,
    description      TEXT NOT NULL,
    description_html TEXT NOT NULL,
    services         TEXT NOT NULL,
    severity         TEXT NOT NULL CONSTRAINT incidents_severity_check CHECK (severity IN ('SEV1', 'SEV2', 'SEV3', 'SEV4')),
    status           TEXT NOT NULL CONSTRAINT incidents_status_check CHECK (status IN ('investigating', 'identified', 'mitigated', 'resolved')),
    restricted       BIGINT NOT NULL CONSTRAINT incidents_restricted_check CHECK (restricted IN (0, 1)),
    declared_at      BIGINT NOT NULL,
    declared_by      UUID NOT NULL REFERENCES users (id),
    started_at       BIGINT NOT NULL,
    resolved_at      BIGINT,
    commander_id     UUID REFERENCES users (id),
    last_human_at    BIGINT NOT NULL,
    last_learnt_at   BIGINT,
    next_update_at   BIGINT,
    last_seq         BIGINT NOT NULL,
    CONSTRAINT incidents_resolved_check CHECK ((status = 'resolved') = (resolved_at IS NOT NULL))
);
CREATE INDEX incidents_open_idx ON incidents (severity, number) WHERE resolved_at IS NULL;
CREATE INDEX incidents_status_idx ON incidents (status, number);

-- Who may see a restricted incident.
CREATE TABLE incident_access (
    incident_id UUID NOT NULL REFERENCES incidents (id),
    user_id     UUID NOT NULL REFERENCES users (id),
    granted_by  UUID NOT NULL REFERENCES users (id),
    granted_at  BIGINT NOT NULL,
    CONSTRAINT incident_access_key PRIMARY KEY (incident_id, user_id)
);
CREATE INDEX incident_access_user_idx ON incident_access (user_id);

-- The timeline. A row is never deleted. An edit, a redaction or a pin changes
-- the row, keeps what stood there in entry_revisions, and is itself an entry,
-- so that one sequence tells everything that happened. changed_seq is the
-- sequence of the entry that last changed this row, its own to begin with.
CREATE TABLE entries (
    id          UUID NOT NULL PRIMARY KEY,
    incident_id UUID NOT NULL REFERENCES incidents (id),
    seq         BIGINT NOT NULL,
    changed_seq BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    author_id   UUID REFERENCES users (id),
    occurred_at BIGINT NOT NULL,
    recorded_at BIGINT NOT NULL,
    text        TEXT NOT NULL,
    html        TEXT NOT NULL,
    body        TEXT NOT NULL,
    digest      BYTEA NOT NULL,
    revision    BIGINT NOT NULL,
    redacted_at BIGINT,
    pinned_at   BIGINT,
    CONSTRAINT entries_seq_key UNIQUE (incident_id, seq)
);
CREATE INDEX entries_changed_idx ON entries (incident_id, changed_seq);

CREATE TABLE entry_revisions (
    entry_id    UUID NOT NULL REFERENCES entries (id),
    revision    BIGINT NOT NULL,
    text        TEXT NOT NULL,
    html        TEXT NOT NULL,
    body        TEXT NOT NULL,
    occurred_at BIGINT NOT NULL,
    replaced_at BIGINT NOT NULL,
    replaced_by UUID NOT NULL REFERENCES users (id),
    reason      TEXT NOT NULL,
    CONSTRAINT entry_revisions_key PRIMARY KEY (entry_id, revision)
);

CREATE TABLE attachments (
    id           UUID NOT NULL PRIMARY KEY,
    incident_id  UUID NOT NULL REFERENCES incidents (id),
    name         TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size         BIGINT NOT NULL,
    sha256       BYTEA NOT NULL,
    content      BYTEA NOT NULL,
    uploaded_by  UUID NOT NULL REFERENCES users (id),
    uploaded_at  BIGINT NOT NULL,
    redacted_at  BIGINT
);
CREATE INDEX attachments_incident_idx ON attachments (incident_id);

CREATE TABLE participants (
    incident_id UUID NOT NULL REFERENCES incidents (id),
    user_id     UUID NOT NULL REFERENCES users (id),
    joined_at   BIGINT NOT NULL,
    left_at     BIGINT,
    seen_at     BIGINT NOT NULL,
    CONSTRAINT participants_key PRIMARY KEY (incident_id, user_id)
);

CREATE TABLE stakeholder_links (
    id             UUID NOT NULL PRIMARY KEY,
    incident_id    UUID NOT NULL REFERENCES incidents (id),
    token_hash     BYTEA NOT NULL CONSTRAINT stakeholder_links_token_hash_key UNIQUE,
    label          TEXT NOT NULL,
    created_by     UUID NOT NULL REFERENCES users (id),
    created_at     BIGINT NOT NULL,
    last_viewed_at BIGINT,
    revoked_at     BIGINT
);
CREATE INDEX stakeholder_links_incident_idx ON stakeholder_links (incident_id);
