-- A study that became stable is told by the change log as well; those that are stable already are so before all that follows.
INSERT INTO change_log (kind, study_uid, at) SELECT 'study-stable', study_uid, updated_at FROM studies WHERE stable_at IS NULL;
CREATE INDEX change_log_study ON change_log (study_uid, sequence);
CREATE TABLE forward_cursor (id INTEGER PRIMARY KEY CHECK (id = 1), position INTEGER NOT NULL);
CREATE TABLE forward_items (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    destination TEXT NOT NULL, rule TEXT NOT NULL, study_uid TEXT NOT NULL, sop_instance_uid TEXT NOT NULL,
    priority INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0, available_at INTEGER NOT NULL, error TEXT,
    lease_owner TEXT, fence INTEGER NOT NULL DEFAULT 0,
    queued_at INTEGER NOT NULL, ended_at INTEGER,
    UNIQUE (destination, sop_instance_uid)
);
CREATE INDEX forward_items_next ON forward_items (destination, priority DESC, id) WHERE state IN ('queued', 'sending');
CREATE INDEX forward_items_state ON forward_items (destination, state, queued_at) WHERE state <> 'sent';
CREATE INDEX forward_items_sent ON forward_items (ended_at) WHERE state = 'sent';
