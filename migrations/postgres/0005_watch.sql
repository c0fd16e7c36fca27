-- The stall watch. look_at is when it looks at an incident next, none when the
-- incident is resolved; entries bring it forward. looked_at is when it looked
-- last: one that lies ahead tells that the clock was set back.

ALTER TABLE incidents ADD COLUMN look_at BIGINT;
ALTER TABLE incidents ADD COLUMN looked_at BIGINT;
ALTER TABLE incidents ADD COLUMN prompted BIGINT NOT NULL DEFAULT 0 CONSTRAINT incidents_prompted_check CHECK (prompted IN (0, 1));
ALTER TABLE incidents ADD COLUMN stall_level BIGINT NOT NULL DEFAULT 0;
UPDATE incidents SET look_at = 0 WHERE resolved_at IS NULL;
CREATE INDEX incidents_look_idx ON incidents (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX incidents_looked_idx ON incidents (looked_at) WHERE look_at IS NOT NULL;
-- Declared by a node of the version before, which knows nothing of the watch.
CREATE INDEX incidents_unwatched_idx ON incidents (number) WHERE look_at IS NULL AND resolved_at IS NULL;

-- Where an incident stands on the prompt ladder, JSON, up to which sequence, what
-- made Rideout ask last, JSON, and when that was.
CREATE TABLE watches (
    incident_id UUID NOT NULL PRIMARY KEY REFERENCES incidents (id),
    ladder      TEXT NOT NULL,
    seq         BIGINT NOT NULL,
    signals     TEXT NOT NULL,
    prompted_at BIGINT
);

CREATE INDEX watches_prompted_idx ON watches (prompted_at) WHERE prompted_at IS NOT NULL;

-- Thresholds and ladder, JSON: the organisation's where no service is named.
CREATE TABLE watch_policies (
    id         UUID NOT NULL PRIMARY KEY,
    service_id UUID CONSTRAINT watch_policies_service_key UNIQUE REFERENCES services (id),
    settings   TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by UUID NOT NULL REFERENCES users (id)
);
CREATE UNIQUE INDEX watch_policies_organisation_key ON watch_policies ((service_id IS NULL)) WHERE service_id IS NULL;
