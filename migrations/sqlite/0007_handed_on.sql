-- Whoever was paged by hand hands on at most once: when they did.
ALTER TABLE pages ADD COLUMN handed_on_at INTEGER;
