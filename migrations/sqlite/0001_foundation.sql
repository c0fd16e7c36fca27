-- Identifiers are UUIDv7, times are UTC microseconds, enumerations are text with a check.

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE users (
    id            BLOB NOT NULL PRIMARY KEY,
    email         TEXT NOT NULL CONSTRAINT users_email_key UNIQUE,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL CONSTRAINT users_role_check CHECK (role IN ('viewer', 'responder', 'commander', 'admin')),
    password_hash TEXT,
    created_at    INTEGER NOT NULL,
    disabled_at   INTEGER
) STRICT;

-- The set-up link is an invitation to be the first admin, made by nobody.
CREATE TABLE invites (
    id         BLOB NOT NULL PRIMARY KEY,
    token_hash BLOB NOT NULL CONSTRAINT invites_token_hash_key UNIQUE,
    email      TEXT,
    role       TEXT NOT NULL CONSTRAINT invites_role_check CHECK (role IN ('viewer', 'responder', 'commander', 'admin')),
    created_by BLOB REFERENCES users (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER,
    used_by    BLOB REFERENCES users (id),
    revoked_at INTEGER
) STRICT;

CREATE TABLE sessions (
    id           BLOB NOT NULL PRIMARY KEY,
    token_hash   BLOB NOT NULL CONSTRAINT sessions_token_hash_key UNIQUE,
    user_id      BLOB NOT NULL REFERENCES users (id),
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    ended_at     INTEGER,
    user_agent   TEXT NOT NULL,
    address      TEXT NOT NULL
) STRICT;
CREATE INDEX sessions_user_idx ON sessions (user_id, ended_at);

CREATE TABLE api_tokens (
    id           BLOB NOT NULL PRIMARY KEY,
    token_hash   BLOB NOT NULL CONSTRAINT api_tokens_token_hash_key UNIQUE,
    user_id      BLOB NOT NULL REFERENCES users (id),
    name         TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at   INTEGER
) STRICT;
CREATE INDEX api_tokens_user_idx ON api_tokens (user_id);

CREATE TABLE login_failures (
    id      BLOB NOT NULL PRIMARY KEY,
    at      INTEGER NOT NULL,
    email   TEXT NOT NULL,
    address TEXT NOT NULL
) STRICT;
CREATE INDEX login_failures_email_idx ON login_failures (email, at);
CREATE INDEX login_failures_address_idx ON login_failures (address, at);

CREATE TABLE audit (
    id       BLOB NOT NULL PRIMARY KEY,
    at       INTEGER NOT NULL,
    actor_id BLOB REFERENCES users (id),
    actor    TEXT NOT NULL,
    action   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    detail   TEXT NOT NULL,
    address  TEXT NOT NULL
) STRICT;
CREATE INDEX audit_at_idx ON audit (at, id);

CREATE TABLE incidents (
    id               BLOB NOT NULL PRIMARY KEY,
    number           INTEGER NOT NULL CONSTRAINT incidents_number_key UNIQUE,
    title            TEXT NOT NULL,
    description      TEXT NOT NULL,
    description_html TEXT NOT NULL,
    services         TEXT NOT NULL,
    severity         TEXT NOT NULL CONSTRAINT incidents_severity_check CHECK (severity IN ('SEV1', 'SEV2', 'SEV3', 'SEV4')),
    status           TEXT NOT NULL CONSTRAINT incidents_status_check CHECK (status IN ('investigating', 'identified', 'mitigated', 'resolved')),
    restricted       INTEGER NOT NULL CONSTRAINT incidents_restricted_check CHECK (restricted IN (0, 1)),
    declared_at      INTEGER NOT NULL,
    declared_by      BLOB NOT NULL REFERENCES users (id),
    started_at       INTEGER NOT NULL,
    resolved_at      INTEGER,
    commander_id     BLOB REFERENCES users (id),
    last_human_at    INTEGER NOT NULL,
    last_learnt_at   INTEGER,
    next_update_at   INTEGER,
    last_seq         INTEGER NOT NULL,
    CONSTRAINT incidents_resolved_check CHECK ((status = 'resolved') = (resolved_at IS NOT NULL))
) STRICT;
CREATE INDEX incidents_open_idx ON incidents (severity, number) WHERE resolved_at IS NULL;
CREATE INDEX incidents_status_idx ON incidents (status, number);

-- Who may see a restricted incident.
CREATE TABLE incident_access (
    incident_id BLOB NOT NULL REFERENCES incidents (id),
    user_id     BLOB NOT NULL REFERENCES users (id),
    granted_by  BLOB NOT NULL REFERENCES users (id),
    granted_at  INTEGER NOT NULL,
    CONSTRAINT incident_access_key PRIMARY KEY (incident_id, user_id)
) STRICT;
CREATE INDEX incident_access_user_idx ON incident_access (user_id);

-- The timeline. A row is never deleted. An edit, a redaction or a pin changes
-- the row, keeps what stood there in entry_revisions, and is itself an entry,
-- so that one sequence tells everything that happened. changed_seq is the
-- sequence of the entry that last changed this row, its own to begin with.
CREATE TABLE entries (
    id          BLOB NOT NULL PRIMARY KEY,
    incident_id BLOB NOT NULL REFERENCES incidents (id),
    seq         INTEGER NOT NULL,
    changed_seq INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    author_id   BLOB REFERENCES users (id),
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    text        TEXT NOT NULL,
    html        TEXT NOT NULL,
    body        TEXT NOT NULL,
    digest      BLOB NOT NULL,
    revision    INTEGER NOT NULL,
    redacted_at INTEGER,
    pinned_at   INTEGER,
    CONSTRAINT entries_seq_key UNIQUE (incident_id, seq)
) STRICT;
CREATE INDEX entries_changed_idx ON entries (incident_id, changed_seq);

CREATE TABLE entry_revisions (
    entry_id    BLOB NOT NULL REFERENCES entries (id),
    revision    INTEGER NOT NULL,
    text        TEXT NOT NULL,
    html        TEXT NOT NULL,
    body        TEXT NOT NULL,
    occurred_at INTEGER NOT NULL,
    replaced_at INTEGER NOT NULL,
    replaced_by BLOB NOT NULL REFERENCES users (id),
    reason      TEXT NOT NULL,
    CONSTRAINT entry_revisions_key PRIMARY KEY (entry_id, revision)
) STRICT;

CREATE TABLE attachments (
    id           BLOB NOT NULL PRIMARY KEY,
    incident_id  BLOB NOT NULL REFERENCES incidents (id),
    name         TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size         INTEGER NOT NULL,
    sha256       BLOB NOT NULL,
    content      BLOB NOT NULL,
    uploaded_by  BLOB NOT NULL REFERENCES users (id),
    uploaded_at  INTEGER NOT NULL,
    redacted_at  INTEGER
) STRICT;
CREATE INDEX attachments_incident_idx ON attachments (incident_id);

CREATE TABLE participants (
    incident_id BLOB NOT NULL REFERENCES incidents (id),
    user_id     BLOB NOT NULL REFERENCES users (id),
    joined_at   INTEGER NOT NULL,
    left_at     INTEGER,
    seen_at     INTEGER NOT NULL,
    CONSTRAINT participants_key PRIMARY KEY (incident_id, user_id)
) STRICT;

CREATE TABLE stakeholder_links (
    id             BLOB NOT NULL PRIMARY KEY,
    incident_id    BLOB NOT NULL REFERENCES incidents (id),
    token_hash     BLOB NOT NULL CONSTRAINT stakeholder_links_token_hash_key UNIQUE,
    label          TEXT NOT NULL,
    created_by     BLOB NOT NULL REFERENCES users (id),
    created_at     INTEGER NOT NULL,
    last_viewed_at INTEGER,
    revoked_at     INTEGER
) STRICT;
CREATE INDEX stakeholder_links_incident_idx ON stakeholder_links (incident_id);
