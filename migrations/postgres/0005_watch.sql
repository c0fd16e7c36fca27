-- The stall watch. look_at is when it looks at an incident next, none when the
-- incident is resolved; an open prompt makes every human entry bring that forward.

ALTER TABLE incidents ADD COLUMN look_at BIGINT;
ALTER TABLE incidents ADD COLUMN prompted BIGINT NOT NULL DEFAULT 0 CONSTRAINT incidents_prompted_check CHECK (prompted IN (0, 1));
ALTER TABLE incidents ADD COLUMN stall_level BIGINT NOT NULL DEFAULT 0;
UPDATE incidents SET look_at = 0 WHERE resolved_at IS NULL;
CREATE INDEX incidents_look_idx ON incidents (look_at) WHERE look_at IS NOT NULL;

-- Where an incident stands on the prompt ladder, JSON.
CREATE TABLE watches (
    incident_id UUID NOT NULL PRIMARY KEY REFERENCES incidents (id),
    ladder      TEXT NOT NULL,
    signals     TEXT NOT NULL,
    looked_at   BIGINT NOT NULL
);

-- Thresholds and ladder, JSON: the organisation's where no service is named.
CREATE TABLE watch_policies (
    id         UUID NOT NULL PRIMARY KEY,
    service_id UUID CONSTRAINT watch_policies_service_key UNIQUE REFERENCES services (id),
    settings   TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by UUID NOT NULL REFERENCES users (id)
);
CREATE UNIQUE INDEX watch_policies_organisation_key ON watch_policies ((service_id IS NULL)) WHERE service_id IS NULL;
