-- Who is there, how each is reached, who owns what, and whom an escalation calls.
-- What others refer to is archived, never deleted.

CREATE TABLE teams (
    id          BLOB NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    archived_at INTEGER
) STRICT;
CREATE UNIQUE INDEX teams_name_key ON teams (lower(name)) WHERE archived_at IS NULL;

CREATE TABLE team_members (
    team_id BLOB NOT NULL REFERENCES teams (id),
    user_id BLOB NOT NULL REFERENCES users (id),
    CONSTRAINT team_members_key PRIMARY KEY (team_id, user_id)
) STRICT;
CREATE INDEX team_members_user_idx ON team_members (user_id);

-- How a person is reached, in the order of position. target is an address or a
-- URL, empty for the browser; secret signs or unlocks what is sent there.
CREATE TABLE contact_routes (
    id           BLOB NOT NULL PRIMARY KEY,
    user_id      BLOB NOT NULL REFERENCES users (id),
    channel      TEXT NOT NULL CONSTRAINT contact_routes_channel_check CHECK (channel IN ('browser', 'email', 'slack', 'webhook', 'ntfy')),
    target       TEXT NOT NULL,
    secret       TEXT,
    label        TEXT NOT NULL,
    position     INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    removed_at   INTEGER,
    disabled_at  INTEGER,
    disabled_why TEXT NOT NULL,
    tested_at    INTEGER,
    test_outcome TEXT NOT NULL
) STRICT;
CREATE INDEX contact_routes_user_idx ON contact_routes (user_id, position);

-- Whoever has an account can be reached by its address. That route has the
-- account's id. A trigger, because a node of the version before makes accounts too.
CREATE TRIGGER users_contact_route AFTER INSERT ON users BEGIN
    INSERT INTO contact_routes (id, user_id, channel, target, label, position, created_at, disabled_why, test_outcome)
    VALUES (NEW.id, NEW.id, 'email', NEW.email, '', 0, NEW.created_at, '', '');
END;
INSERT INTO contact_routes (id, user_id, channel, target, label, position, created_at, disabled_why, test_outcome)
    SELECT id, id, 'email', email, '', 0, created_at, '', '' FROM users;

-- When a person is not to be disturbed, in minutes of the day of their zone,
-- but by incidents at least as bad as loud_severity.
CREATE TABLE quiet_hours (
    user_id       BLOB NOT NULL PRIMARY KEY REFERENCES users (id),
    zone          TEXT NOT NULL,
    from_minute   INTEGER NOT NULL,
    until_minute  INTEGER NOT NULL,
    loud_severity TEXT NOT NULL CONSTRAINT quiet_hours_severity_check CHECK (loud_severity IN ('SEV1', 'SEV2', 'SEV3', 'SEV4')),
    CONSTRAINT quiet_hours_minutes_check CHECK (from_minute BETWEEN 0 AND 1439 AND until_minute BETWEEN 0 AND 1439)
) STRICT;

-- levels is JSON: who is called after how many minutes. At most one is the
-- policy of services without their own.
CREATE TABLE escalation_policies (
    id          BLOB NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    repeats     INTEGER NOT NULL CONSTRAINT escalation_policies_repeats_check CHECK (repeats BETWEEN 0 AND 9),
    levels      TEXT NOT NULL,
    is_default  INTEGER NOT NULL CONSTRAINT escalation_policies_default_check CHECK (is_default IN (0, 1)),
    created_at  INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    archived_at INTEGER
) STRICT;
CREATE UNIQUE INDEX escalation_policies_name_key ON escalation_policies (lower(name)) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX escalation_policies_default_key ON escalation_policies (is_default) WHERE is_default = 1 AND archived_at IS NULL;

-- A service is ours; a dependency is somebody else's that we rely on. key is
-- the name in lower case, by which the services of an incident are matched.
CREATE TABLE services (
    id               BLOB NOT NULL PRIMARY KEY,
    name             TEXT NOT NULL,
    key              TEXT NOT NULL,
    description      TEXT NOT NULL,
    kind             TEXT NOT NULL CONSTRAINT services_kind_check CHECK (kind IN ('service', 'dependency')),
    team_id          BLOB REFERENCES teams (id),
    owner_id         BLOB REFERENCES users (id),
    policy_id        BLOB REFERENCES escalation_policies (id),
    contact          TEXT NOT NULL,
    response_minutes INTEGER CONSTRAINT services_response_check CHECK (response_minutes > 0),
    created_at       INTEGER NOT NULL,
    archived_at      INTEGER
) STRICT;
CREATE UNIQUE INDEX services_key_key ON services (key) WHERE archived_at IS NULL;

CREATE TABLE service_dependencies (
    service_id    BLOB NOT NULL REFERENCES services (id),
    dependency_id BLOB NOT NULL REFERENCES services (id),
    hard          INTEGER NOT NULL CONSTRAINT service_dependencies_hard_check CHECK (hard IN (0, 1)),
    CONSTRAINT service_dependencies_key PRIMARY KEY (service_id, dependency_id),
    CONSTRAINT service_dependencies_self_check CHECK (service_id <> dependency_id)
) STRICT;
CREATE INDEX service_dependencies_dependency_idx ON service_dependencies (dependency_id);

CREATE TABLE components (
    id          BLOB NOT NULL PRIMARY KEY,
    service_id  BLOB NOT NULL REFERENCES services (id),
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    owner_id    BLOB REFERENCES users (id),
    archived_at INTEGER
) STRICT;
CREATE INDEX components_service_idx ON components (service_id);

-- Who knows a component well.
CREATE TABLE component_experts (
    component_id BLOB NOT NULL REFERENCES components (id),
    user_id      BLOB NOT NULL REFERENCES users (id),
    CONSTRAINT component_experts_key PRIMARY KEY (component_id, user_id)
) STRICT;
CREATE INDEX component_experts_user_idx ON component_experts (user_id);
