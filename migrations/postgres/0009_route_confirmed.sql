-- When its person last showed that a route reaches them, by the button behind a
-- link that went by it. addressed_at is since when it leads where it does, NULL
-- since it was made: what was sent before went elsewhere.
ALTER TABLE contact_routes ADD COLUMN confirmed_at BIGINT;
ALTER TABLE contact_routes ADD COLUMN addressed_at BIGINT;

-- The mailbox that a test went to, where nobody has shown that it is the asker's.
ALTER TABLE messages ADD COLUMN mailbox TEXT;
CREATE INDEX messages_mailbox_idx ON messages (mailbox, created_at) WHERE mailbox IS NOT NULL;
