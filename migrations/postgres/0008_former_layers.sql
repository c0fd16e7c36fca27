-- What the layers and the zone of a schedule were until they were changed: they tell
-- who was on call before. layers is JSON. Each counts from the change before it.
CREATE TABLE former_layers (
    schedule_id UUID NOT NULL REFERENCES schedules (id),
    until_at    BIGINT NOT NULL,
    zone        TEXT NOT NULL,
    layers      TEXT NOT NULL,
    CONSTRAINT former_layers_key PRIMARY KEY (schedule_id, until_at)
);
CREATE INDEX former_layers_until_idx ON former_layers (until_at);
