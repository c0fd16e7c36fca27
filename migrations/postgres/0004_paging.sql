-- Escalations, pages and messages. Which states go together is enforced here.

-- policy is JSON: the policy as it was when the escalation began, so that
-- changing or archiving it disturbs nothing that runs.
CREATE TABLE escalations (
    id              UUID NOT NULL PRIMARY KEY,
    incident_id     UUID NOT NULL REFERENCES incidents (id),
    policy          TEXT NOT NULL,
    reason          TEXT NOT NULL,
    state           TEXT NOT NULL CONSTRAINT escalations_state_check CHECK (state IN ('running', 'acknowledged', 'ended', 'exhausted')),
    level           BIGINT NOT NULL,
    round           BIGINT NOT NULL,
    next_at         BIGINT,
    started_at      BIGINT NOT NULL,
    started_by      UUID REFERENCES users (id),
    acknowledged_at BIGINT,
    acknowledged_by UUID REFERENCES users (id),
    ended_at        BIGINT,
    CONSTRAINT escalations_next_check CHECK ((state = 'running') = (next_at IS NOT NULL)),
    CONSTRAINT escalations_ended_check CHECK ((state = 'running') = (ended_at IS NULL)),
    CONSTRAINT escalations_acknowledged_check CHECK ((state = 'acknowledged') = (acknowledged_at IS NOT NULL AND acknowledged_by IS NOT NULL))
);
CREATE INDEX escalations_due_idx ON escalations (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX escalations_incident_idx ON escalations (incident_id);

-- A person called once, by as many routes as it takes.
CREATE TABLE pages (
    id               UUID NOT NULL PRIMARY KEY,
    incident_id      UUID NOT NULL REFERENCES incidents (id),
    escalation_id    UUID REFERENCES escalations (id),
    level            BIGINT,
    round            BIGINT NOT NULL,
    user_id          UUID NOT NULL REFERENCES users (id),
    reason           TEXT NOT NULL,
    state            TEXT NOT NULL CONSTRAINT pages_state_check CHECK (state IN ('open', 'acknowledged', 'failed', 'ended')),
    created_at       BIGINT NOT NULL,
    created_by       UUID REFERENCES users (id),
    acknowledged_at  BIGINT,
    acknowledged_by  UUID REFERENCES users (id),
    acknowledged_via TEXT NOT NULL,
    ended_at         BIGINT,
    CONSTRAINT pages_step_key UNIQUE (escalation_id, round, level, user_id),
    CONSTRAINT pages_acknowledged_check CHECK ((state = 'acknowledged') = (acknowledged_at IS NOT NULL AND acknowledged_by IS NOT NULL)),
    CONSTRAINT pages_ended_check CHECK ((state = 'open') = (ended_at IS NULL))
);
CREATE INDEX pages_open_idx ON pages (user_id, created_at) WHERE state = 'open';
CREATE INDEX pages_failed_idx ON pages (ended_at) WHERE state = 'failed';
CREATE INDEX pages_incident_idx ON pages (incident_id);

-- The outbox: what is to be sent through one route. body is JSON.
CREATE TABLE messages (
    id           UUID NOT NULL PRIMARY KEY,
    page_id      UUID REFERENCES pages (id),
    user_id      UUID NOT NULL REFERENCES users (id),
    route_id     UUID NOT NULL REFERENCES contact_routes (id),
    purpose      TEXT NOT NULL CONSTRAINT messages_purpose_check CHECK (purpose IN ('page', 'bundle', 'test')),
    body         TEXT NOT NULL,
    state        TEXT NOT NULL CONSTRAINT messages_state_check CHECK (state IN ('pending', 'sending', 'sent', 'failed', 'cancelled', 'bundled')),
    attempts     BIGINT NOT NULL,
    due_at       BIGINT,
    claimed_by   TEXT,
    claim_until  BIGINT,
    why          TEXT NOT NULL,
    bundled_into UUID REFERENCES messages (id),
    created_at   BIGINT NOT NULL,
    settled_at   BIGINT,
    CONSTRAINT messages_due_check CHECK ((state = 'pending') = (due_at IS NOT NULL)),
    CONSTRAINT messages_claim_check CHECK ((state = 'sending') = (claimed_by IS NOT NULL AND claim_until IS NOT NULL)),
    CONSTRAINT messages_bundled_check CHECK ((state = 'bundled') = (bundled_into IS NOT NULL)),
    CONSTRAINT messages_settled_check CHECK ((state IN ('pending', 'sending')) = (settled_at IS NULL)),
    CONSTRAINT messages_page_check CHECK ((purpose = 'page') = (page_id IS NOT NULL))
);
CREATE INDEX messages_due_idx ON messages (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX messages_claim_idx ON messages (claim_until) WHERE claim_until IS NOT NULL;
CREATE INDEX messages_page_idx ON messages (page_id);
CREATE INDEX messages_route_idx ON messages (route_id, created_at);

-- The heartbeat of the engine on each node.
CREATE TABLE engine_nodes (
    node        TEXT NOT NULL PRIMARY KEY,
    started_at  BIGINT NOT NULL,
    cycle       BIGINT NOT NULL,
    cycled_at   BIGINT NOT NULL,
    took_micros BIGINT NOT NULL
);
