-- Dates and times in one form whose order as text is theirs; null where they cannot be read.
UPDATE studies SET patient_birth_date = comparable_date(patient_birth_date), study_date = comparable_date(study_date), study_time = comparable_time(study_time);
UPDATE series SET series_date = comparable_date(series_date), series_time = comparable_time(series_time),
    pps_start_date = comparable_date(pps_start_date), pps_start_time = comparable_time(pps_start_time);
UPDATE instances SET content_date = comparable_date(content_date), content_time = comparable_time(content_time)
    WHERE content_date IS NOT comparable_date(content_date) OR content_time IS NOT comparable_time(content_time);

-- Names by their component groups.
DROP INDEX studies_patient_name;
ALTER TABLE studies DROP COLUMN patient_name_norm;
ALTER TABLE studies DROP COLUMN referring_physician_name_norm;
ALTER TABLE studies ADD COLUMN patient_name_alphabetic TEXT;
ALTER TABLE studies ADD COLUMN patient_name_ideographic TEXT;
ALTER TABLE studies ADD COLUMN patient_name_phonetic TEXT;
ALTER TABLE studies ADD COLUMN referring_physician_name_alphabetic TEXT;
ALTER TABLE studies ADD COLUMN referring_physician_name_ideographic TEXT;
ALTER TABLE studies ADD COLUMN referring_physician_name_phonetic TEXT;
ALTER TABLE studies ADD COLUMN patient_key TEXT NOT NULL DEFAULT '';
UPDATE studies SET
    patient_name_alphabetic = name_group(patient_name, 0), patient_name_ideographic = name_group(patient_name, 1), patient_name_phonetic = name_group(patient_name, 2),
    referring_physician_name_alphabetic = name_group(referring_physician_name, 0),
    referring_physician_name_ideographic = name_group(referring_physician_name, 1),
    referring_physician_name_phonetic = name_group(referring_physician_name, 2),
    patient_key = patient_key_of(patient_id, issuer_of_patient_id, patient_name, patient_birth_date, patient_sex);
CREATE INDEX studies_patient_name_alphabetic ON studies (patient_name_alphabetic);
CREATE INDEX studies_patient_name_ideographic ON studies (patient_name_ideographic) WHERE patient_name_ideographic IS NOT NULL;
CREATE INDEX studies_patient_name_phonetic ON studies (patient_name_phonetic) WHERE patient_name_phonetic IS NOT NULL;
CREATE INDEX studies_patient ON studies (patient_key);
-- The series of a study in the order in which queries tell them.
CREATE INDEX series_study ON series (study_id);
CREATE INDEX series_date ON series (series_date) WHERE series_date IS NOT NULL;
CREATE INDEX series_pps_start_date ON series (pps_start_date) WHERE pps_start_date IS NOT NULL;

-- The words of names, for fuzzy matching.
CREATE TABLE name_words (
    word TEXT NOT NULL, attribute TEXT NOT NULL,
    study_id INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    PRIMARY KEY (attribute, word, study_id)
) WITHOUT ROWID;
CREATE INDEX name_words_study ON name_words (study_id);
INSERT INTO name_words (word, attribute, study_id) SELECT w.value, '00100010', s.id FROM studies s, json_each(name_words_of(s.patient_name)) w;
INSERT INTO name_words (word, attribute, study_id) SELECT w.value, '00080090', s.id FROM studies s, json_each(name_words_of(s.referring_physician_name)) w;

-- More attributes are kept with studies and series: those of the first instance of each, which is where the others are from.
UPDATE studies SET attributes = coalesce(study_attributes_of(
    (SELECT metadata FROM instances WHERE id = (SELECT min(i.id) FROM series se JOIN instances i ON i.series_id = se.id WHERE se.study_id = studies.id))), attributes);
UPDATE series SET attributes = coalesce(series_attributes_of(
    (SELECT metadata FROM instances WHERE id = (SELECT min(i.id) FROM instances i WHERE i.series_id = series.id))), attributes);
