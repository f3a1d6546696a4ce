-- The index as it is in version 4. Texts are compared by their code points (COLLATE "C"), as everywhere in this program. Texts that others
-- choose and that have no bound are looked up by their first 128 characters: an entry of an index cannot hold more than some 2,700 bytes.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE studies (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    study_uid text COLLATE "C" NOT NULL UNIQUE,
    patient_key text COLLATE "C" NOT NULL,
    patient_id text COLLATE "C", issuer_of_patient_id text COLLATE "C",
    patient_name text COLLATE "C", patient_name_alphabetic text COLLATE "C", patient_name_ideographic text COLLATE "C", patient_name_phonetic text COLLATE "C",
    patient_birth_date text COLLATE "C", patient_sex text COLLATE "C",
    study_date text COLLATE "C", study_time text COLLATE "C", accession_number text COLLATE "C", study_id text COLLATE "C", study_description text COLLATE "C",
    referring_physician_name text COLLATE "C", referring_physician_name_alphabetic text COLLATE "C",
    referring_physician_name_ideographic text COLLATE "C", referring_physician_name_phonetic text COLLATE "C",
    modalities text COLLATE "C" NOT NULL DEFAULT '', sop_classes text COLLATE "C" NOT NULL DEFAULT '',
    number_of_series bigint NOT NULL DEFAULT 0, number_of_instances bigint NOT NULL DEFAULT 0,
    attributes text COLLATE "C" NOT NULL,
    revision bigint NOT NULL DEFAULT 0, stable_at bigint,
    created_at bigint NOT NULL, updated_at bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX studies_patient ON studies (patient_key, id DESC);
CREATE INDEX studies_patient_id ON studies (left(patient_id, 128), id DESC);
CREATE INDEX studies_accession ON studies (left(accession_number, 128), id DESC) WHERE accession_number IS NOT NULL;
CREATE INDEX studies_date ON studies (study_date, id DESC);
CREATE INDEX studies_patient_name ON studies (left(patient_name_alphabetic, 128));
CREATE INDEX studies_patient_name_ideographic ON studies (left(patient_name_ideographic, 128)) WHERE patient_name_ideographic IS NOT NULL;
CREATE INDEX studies_patient_name_phonetic ON studies (left(patient_name_phonetic, 128)) WHERE patient_name_phonetic IS NOT NULL;
CREATE INDEX studies_patient_name_words ON studies USING gin (patient_name_alphabetic gin_trgm_ops, patient_name_ideographic gin_trgm_ops, patient_name_phonetic gin_trgm_ops);
CREATE INDEX studies_stable ON studies (stable_at) WHERE stable_at IS NOT NULL;

CREATE TABLE series (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    study_id bigint NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    series_uid text COLLATE "C" NOT NULL,
    modality text COLLATE "C", series_number bigint, series_description text COLLATE "C", body_part_examined text COLLATE "C",
    series_date text COLLATE "C", series_time text COLLATE "C", pps_start_date text COLLATE "C", pps_start_time text COLLATE "C",
    number_of_instances bigint NOT NULL DEFAULT 0,
    attributes text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL, updated_at bigint NOT NULL,
    UNIQUE (study_id, series_uid)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX series_uid ON series (series_uid);
CREATE INDEX series_study ON series (study_id, id);
CREATE INDEX series_date ON series (series_date) WHERE series_date IS NOT NULL;
CREATE INDEX series_pps_start_date ON series (pps_start_date) WHERE pps_start_date IS NOT NULL;

CREATE TABLE instances (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    series_id bigint NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    sop_instance_uid text COLLATE "C" NOT NULL UNIQUE,
    sop_class_uid text COLLATE "C" NOT NULL, transfer_syntax_uid text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    object_key text COLLATE "C" NOT NULL, object_offset bigint NOT NULL, object_length bigint NOT NULL, data_set_offset bigint NOT NULL,
    instance_number bigint, number_of_frames bigint, "rows" bigint, "columns" bigint, bits_allocated bigint,
    content_date text COLLATE "C", content_time text COLLATE "C",
    metadata bytea NOT NULL, bulk bytea NOT NULL, warnings text COLLATE "C",
    received_at bigint NOT NULL, protocol text COLLATE "C" NOT NULL, calling_ae text COLLATE "C", called_ae text COLLATE "C", remote_address text COLLATE "C"
);
-- It is compressed already.
ALTER TABLE instances ALTER COLUMN metadata SET STORAGE EXTERNAL;
CREATE INDEX instances_series ON instances (series_id, instance_number NULLS FIRST, sop_instance_uid);
CREATE INDEX instances_object ON instances (object_key);

CREATE TABLE name_words (
    word text COLLATE "C" NOT NULL, attribute text COLLATE "C" NOT NULL,
    study_id bigint NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    PRIMARY KEY (attribute, word, study_id)
);
CREATE INDEX name_words_study ON name_words (study_id);

CREATE TABLE quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sop_instance_uid text COLLATE "C" NOT NULL, study_uid text COLLATE "C" NOT NULL, series_uid text COLLATE "C" NOT NULL, sop_class_uid text COLLATE "C" NOT NULL,
    transfer_syntax_uid text COLLATE "C" NOT NULL, digest bytea NOT NULL,
    object_key text COLLATE "C" NOT NULL, object_length bigint NOT NULL, data_set_offset bigint NOT NULL,
    received_at bigint NOT NULL, protocol text COLLATE "C" NOT NULL, calling_ae text COLLATE "C", called_ae text COLLATE "C", remote_address text COLLATE "C",
    UNIQUE (sop_instance_uid, digest)
);
CREATE INDEX quarantine_object ON quarantine (object_key);

CREATE TABLE change_log (
    sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text COLLATE "C" NOT NULL, study_uid text COLLATE "C" NOT NULL, series_uid text COLLATE "C", sop_instance_uid text COLLATE "C", task_id text COLLATE "C", at bigint NOT NULL
);
CREATE INDEX change_log_study ON change_log (study_uid, sequence);

CREATE TABLE ai_inference_tasks (
    id text COLLATE "C" PRIMARY KEY,
    study_uid text COLLATE "C" NOT NULL, model text COLLATE "C" NOT NULL, model_version text COLLATE "C" NOT NULL, inputs_digest text COLLATE "C" NOT NULL, inputs text COLLATE "C" NOT NULL,
    priority bigint NOT NULL, status text COLLATE "C" NOT NULL CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    attempts bigint NOT NULL DEFAULT 0, error text COLLATE "C",
    lease_owner text COLLATE "C", lease_until bigint, fence bigint NOT NULL DEFAULT 0, next_attempt_at bigint,
    findings bytea,
    created_at bigint NOT NULL, started_at bigint, completed_at bigint, dead_lettered_at bigint, updated_at bigint NOT NULL,
    UNIQUE (study_uid, model, model_version, inputs_digest)
);
CREATE INDEX tasks_status ON ai_inference_tasks (status, updated_at);
CREATE INDEX tasks_created ON ai_inference_tasks (created_at, id);
CREATE INDEX tasks_open ON ai_inference_tasks (created_at) WHERE status IN ('queued', 'running');
CREATE INDEX tasks_leased ON ai_inference_tasks (lease_until) WHERE lease_until IS NOT NULL;
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text COLLATE "C" NOT NULL, task_id text COLLATE "C" NOT NULL, priority bigint NOT NULL, not_before bigint, created_at bigint NOT NULL
);
CREATE TABLE work_queue (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text COLLATE "C" NOT NULL, task_id text COLLATE "C" NOT NULL, priority bigint NOT NULL, available_at bigint NOT NULL,
    receipt text COLLATE "C", deliveries bigint NOT NULL DEFAULT 0, dead_at bigint, enqueued_at bigint NOT NULL
);
CREATE UNIQUE INDEX work_queue_waiting ON work_queue (kind, task_id) WHERE receipt IS NULL AND dead_at IS NULL;
CREATE INDEX work_queue_next ON work_queue (kind, available_at) WHERE dead_at IS NULL;
CREATE INDEX work_queue_receipt ON work_queue (receipt) WHERE receipt IS NOT NULL;

CREATE TABLE reports (
    task_id text COLLATE "C" PRIMARY KEY, study_uid text COLLATE "C" NOT NULL, model text COLLATE "C" NOT NULL, model_version text COLLATE "C" NOT NULL,
    sr_uid text COLLATE "C" NOT NULL, seg_uid text COLLATE "C", diagnostic_report_id text COLLATE "C" NOT NULL, status text COLLATE "C" NOT NULL, created_at bigint NOT NULL
);
CREATE INDEX reports_study ON reports (study_uid);
CREATE INDEX reports_created ON reports (created_at DESC, task_id);
CREATE TABLE fhir_resources (
    type text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, version bigint NOT NULL, last_updated bigint NOT NULL, json bytea NOT NULL,
    PRIMARY KEY (type, id)
);
CREATE INDEX fhir_resources_newest ON fhir_resources (type, last_updated DESC, id);
CREATE TABLE fhir_search_values (
    type text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, parameter text COLLATE "C" NOT NULL, system text COLLATE "C", value text COLLATE "C" NOT NULL,
    FOREIGN KEY (type, id) REFERENCES fhir_resources (type, id) ON DELETE CASCADE
);
CREATE INDEX fhir_search ON fhir_search_values (type, parameter, left(value, 128));
CREATE INDEX fhir_search_owner ON fhir_search_values (type, id);

CREATE TABLE forward_cursor (id bigint PRIMARY KEY CHECK (id = 1), position bigint NOT NULL);
CREATE TABLE forward_items (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    destination text COLLATE "C" NOT NULL, rule text COLLATE "C" NOT NULL, study_uid text COLLATE "C" NOT NULL, sop_instance_uid text COLLATE "C" NOT NULL,
    priority bigint NOT NULL, state text COLLATE "C" NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'dead')),
    attempts bigint NOT NULL DEFAULT 0, available_at bigint NOT NULL, error text COLLATE "C",
    lease_owner text COLLATE "C", fence bigint NOT NULL DEFAULT 0,
    queued_at bigint NOT NULL, ended_at bigint,
    UNIQUE (destination, sop_instance_uid)
);
CREATE INDEX forward_items_next ON forward_items (destination, priority DESC, id) WHERE state IN ('queued', 'sending');
CREATE INDEX forward_items_state ON forward_items (destination, state, queued_at) WHERE state <> 'sent';
CREATE INDEX forward_items_sent ON forward_items (ended_at) WHERE state = 'sent';

CREATE TABLE commitments (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transaction_uid text COLLATE "C" NOT NULL, is_duplicate boolean NOT NULL DEFAULT false, digest bytea NOT NULL,
    calling_ae text COLLATE "C" NOT NULL, called_ae text COLLATE "C" NOT NULL, remote_address text COLLATE "C",
    state text COLLATE "C" NOT NULL CHECK (state IN ('checking', 'reporting', 'reported', 'rejected', 'expired')),
    attempts bigint NOT NULL DEFAULT 0, available_at bigint NOT NULL, lease_owner text COLLATE "C", error text COLLATE "C",
    requested_at bigint NOT NULL, since bigint NOT NULL, ended_at bigint
);
-- Of several at once with one Transaction UID one is the first, and the others are made duplicates.
CREATE UNIQUE INDEX commitments_transaction ON commitments (transaction_uid) WHERE NOT is_duplicate;
CREATE INDEX commitments_due ON commitments (available_at) WHERE state IN ('checking', 'reporting');
CREATE INDEX commitments_ended ON commitments (ended_at) WHERE ended_at IS NOT NULL;
CREATE TABLE commitment_references (
    commitment_id bigint NOT NULL REFERENCES commitments (id) ON DELETE CASCADE,
    position bigint NOT NULL,
    sop_class_uid text COLLATE "C" NOT NULL, sop_instance_uid text COLLATE "C" NOT NULL, failure_reason bigint,
    PRIMARY KEY (commitment_id, position)
);

CREATE TABLE performed_procedure_steps (
    sop_instance_uid text COLLATE "C" PRIMARY KEY,
    status text COLLATE "C" NOT NULL CHECK (status IN ('IN PROGRESS', 'COMPLETED', 'DISCONTINUED')),
    calling_ae text COLLATE "C" NOT NULL, data_set bytea NOT NULL, revision bigint NOT NULL, created_at bigint NOT NULL, updated_at bigint NOT NULL
);
CREATE TABLE availability_notifications (
    sop_instance_uid text COLLATE "C" PRIMARY KEY, study_uid text COLLATE "C" NOT NULL, calling_ae text COLLATE "C" NOT NULL, data_set bytea NOT NULL, created_at bigint NOT NULL
);
CREATE TABLE study_orders (study_uid text COLLATE "C" PRIMARY KEY, priority bigint, codes text COLLATE "C" NOT NULL, asked_at bigint NOT NULL);
CREATE TABLE study_holds (study_uid text COLLATE "C" NOT NULL, step_uid text COLLATE "C" NOT NULL, until bigint NOT NULL, PRIMARY KEY (study_uid, step_uid));
CREATE TABLE study_expectations (study_uid text COLLATE "C" NOT NULL, sop_instance_uid text COLLATE "C" NOT NULL, told_at bigint NOT NULL, PRIMARY KEY (study_uid, sop_instance_uid));
CREATE INDEX study_expectations_told ON study_expectations (told_at);
