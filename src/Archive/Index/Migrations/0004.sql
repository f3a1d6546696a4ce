-- Storage commitment that others asked us for (PS3.4 annex J).
CREATE TABLE commitments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    transaction_uid TEXT NOT NULL, is_duplicate INTEGER NOT NULL DEFAULT 0, digest BLOB NOT NULL,
    calling_ae TEXT NOT NULL, called_ae TEXT NOT NULL, remote_address TEXT,
    state TEXT NOT NULL CHECK (state IN ('checking', 'reporting', 'reported', 'rejected', 'expired')),
    attempts INTEGER NOT NULL DEFAULT 0, available_at INTEGER NOT NULL, lease_owner TEXT, error TEXT,
    requested_at INTEGER NOT NULL, since INTEGER NOT NULL, ended_at INTEGER
);
CREATE INDEX commitments_transaction ON commitments (transaction_uid);
CREATE INDEX commitments_due ON commitments (available_at) WHERE state IN ('checking', 'reporting');
CREATE INDEX commitments_ended ON commitments (ended_at) WHERE ended_at IS NOT NULL;
CREATE TABLE commitment_references (
    commitment_id INTEGER NOT NULL REFERENCES commitments (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    sop_class_uid TEXT NOT NULL, sop_instance_uid TEXT NOT NULL, failure_reason INTEGER,
    PRIMARY KEY (commitment_id, position)
) WITHOUT ROWID;

-- What modalities, image managers and the RIS tell of procedures (PS3.4 annexes F, R and K).
CREATE TABLE performed_procedure_steps (
    sop_instance_uid TEXT PRIMARY KEY,
    status TEXT NOT NULL CHECK (status IN ('IN PROGRESS', 'COMPLETED', 'DISCONTINUED')),
    calling_ae TEXT NOT NULL, data_set BLOB NOT NULL, revision INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
);
CREATE TABLE availability_notifications (
    sop_instance_uid TEXT PRIMARY KEY, study_uid TEXT NOT NULL, calling_ae TEXT NOT NULL, data_set BLOB NOT NULL, created_at INTEGER NOT NULL
);
CREATE TABLE study_orders (study_uid TEXT PRIMARY KEY, priority INTEGER, codes TEXT NOT NULL, asked_at INTEGER NOT NULL);

-- Studies that a procedure step in progress holds back, and instances that were told of and have not come.
CREATE TABLE study_holds (study_uid TEXT NOT NULL, step_uid TEXT NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (study_uid, step_uid)) WITHOUT ROWID;
CREATE TABLE study_expectations (study_uid TEXT NOT NULL, sop_instance_uid TEXT NOT NULL, told_at INTEGER NOT NULL, PRIMARY KEY (study_uid, sop_instance_uid)) WITHOUT ROWID;
CREATE INDEX study_expectations_told ON study_expectations (told_at);
