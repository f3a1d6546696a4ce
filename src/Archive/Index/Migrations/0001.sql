CREATE TABLE studies (
    id INTEGER PRIMARY KEY,
    study_uid TEXT NOT NULL UNIQUE,
    patient_id TEXT, issuer_of_patient_id TEXT,
    patient_name TEXT, patient_name_norm TEXT,
    patient_birth_date TEXT, patient_sex TEXT,
    study_date TEXT, study_time TEXT, accession_number TEXT, study_id TEXT, study_description TEXT,
    referring_physician_name TEXT, referring_physician_name_norm TEXT,
    modalities TEXT NOT NULL DEFAULT '', sop_classes TEXT NOT NULL DEFAULT '',
    number_of_series INTEGER NOT NULL DEFAULT 0, number_of_instances INTEGER NOT NULL DEFAULT 0,
    attributes TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0, stable_at INTEGER,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
);
CREATE INDEX studies_patient_id ON studies (patient_id);
CREATE INDEX studies_patient_name ON studies (patient_name_norm);
CREATE INDEX studies_date ON studies (study_date);
CREATE INDEX studies_accession ON studies (accession_number);
CREATE INDEX studies_stable ON studies (stable_at) WHERE stable_at IS NOT NULL;
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    study_id INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    series_uid TEXT NOT NULL,
    modality TEXT, series_number INTEGER, series_description TEXT, body_part_examined TEXT,
    series_date TEXT, series_time TEXT, pps_start_date TEXT, pps_start_time TEXT,
    number_of_instances INTEGER NOT NULL DEFAULT 0,
    attributes TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    UNIQUE (study_id, series_uid)
);
CREATE INDEX series_uid ON series (series_uid);
CREATE TABLE instances (
    id INTEGER PRIMARY KEY,
    series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    sop_instance_uid TEXT NOT NULL UNIQUE,
    sop_class_uid TEXT NOT NULL, transfer_syntax_uid TEXT NOT NULL,
    digest BLOB NOT NULL,
    object_key TEXT NOT NULL, object_offset INTEGER NOT NULL, object_length INTEGER NOT NULL, data_set_offset INTEGER NOT NULL,
    instance_number INTEGER, number_of_frames INTEGER, "rows" INTEGER, "columns" INTEGER, bits_allocated INTEGER,
    content_date TEXT, content_time TEXT,
    metadata BLOB NOT NULL, bulk BLOB NOT NULL, warnings TEXT,
    received_at INTEGER NOT NULL, protocol TEXT NOT NULL, calling_ae TEXT, called_ae TEXT, remote_address TEXT
);
CREATE INDEX instances_series ON instances (series_id, instance_number, sop_instance_uid);
CREATE INDEX instances_object ON instances (object_key);
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    sop_instance_uid TEXT NOT NULL, study_uid TEXT NOT NULL, series_uid TEXT NOT NULL, sop_class_uid TEXT NOT NULL,
    transfer_syntax_uid TEXT NOT NULL, digest BLOB NOT NULL,
    object_key TEXT NOT NULL, object_length INTEGER NOT NULL, data_set_offset INTEGER NOT NULL,
    received_at INTEGER NOT NULL, protocol TEXT NOT NULL, calling_ae TEXT, called_ae TEXT, remote_address TEXT,
    UNIQUE (sop_instance_uid, digest)
);
CREATE INDEX quarantine_object ON quarantine (object_key);
CREATE TABLE change_log (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, study_uid TEXT NOT NULL, series_uid TEXT, sop_instance_uid TEXT, task_id TEXT, at INTEGER NOT NULL
);
CREATE TABLE ai_inference_tasks (
    id TEXT PRIMARY KEY,
    study_uid TEXT NOT NULL, model TEXT NOT NULL, model_version TEXT NOT NULL, inputs_digest TEXT NOT NULL, inputs TEXT NOT NULL,
    priority INTEGER NOT NULL, status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    attempts INTEGER NOT NULL DEFAULT 0, error TEXT,
    lease_owner TEXT, lease_until INTEGER, fence INTEGER NOT NULL DEFAULT 0, next_attempt_at INTEGER,
    findings BLOB,
    created_at INTEGER NOT NULL, started_at INTEGER, completed_at INTEGER, dead_lettered_at INTEGER, updated_at INTEGER NOT NULL,
    UNIQUE (study_uid, model, model_version, inputs_digest)
);
CREATE INDEX tasks_status ON ai_inference_tasks (status, updated_at);
CREATE INDEX tasks_created ON ai_inference_tasks (created_at);
CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, task_id TEXT NOT NULL, priority INTEGER NOT NULL, not_before INTEGER, created_at INTEGER NOT NULL);
CREATE TABLE work_queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, task_id TEXT NOT NULL, priority INTEGER NOT NULL, available_at INTEGER NOT NULL,
    receipt TEXT, deliveries INTEGER NOT NULL DEFAULT 0, dead_at INTEGER, enqueued_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX work_queue_waiting ON work_queue (kind, task_id) WHERE receipt IS NULL AND dead_at IS NULL;
CREATE INDEX work_queue_next ON work_queue (kind, available_at) WHERE dead_at IS NULL;
CREATE TABLE reports (
    task_id TEXT PRIMARY KEY, study_uid TEXT NOT NULL, model TEXT NOT NULL, model_version TEXT NOT NULL,
    sr_uid TEXT NOT NULL, seg_uid TEXT, diagnostic_report_id TEXT NOT NULL, status TEXT NOT NULL, created_at INTEGER NOT NULL
);
CREATE INDEX reports_study ON reports (study_uid);
CREATE TABLE fhir_resources (
    type TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, last_updated INTEGER NOT NULL, json BLOB NOT NULL,
    PRIMARY KEY (type, id)
);
CREATE TABLE fhir_search_values (
    type TEXT NOT NULL, id TEXT NOT NULL, parameter TEXT NOT NULL, system TEXT, value TEXT NOT NULL,
    FOREIGN KEY (type, id) REFERENCES fhir_resources (type, id) ON DELETE CASCADE
);
CREATE INDEX fhir_search ON fhir_search_values (type, parameter, value);
CREATE INDEX fhir_search_owner ON fhir_search_values (type, id);
