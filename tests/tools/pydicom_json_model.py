"""Writes and reads DICOM JSON (PS3.18 annex F) with pydicom, one JSON object a line for each pair of files.

Usage: pydicom_json_model.py LIST
LIST has on each line the path of a DICOM file, a tab, and the path of a data set in DICOM JSON that somebody else wrote.
Printed: {"file": ..., "written": the file's data set as pydicom writes it, "read": the other data set as pydicom reads and writes it again,
"error": why either of them is missing}. Elements that pydicom cannot put into JSON are left out of "written".
"""
import json
import sys
import warnings

import pydicom
import pydicom.config

warnings.simplefilter("ignore")
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE
pydicom.config.logger.disabled = True
pydicom.config.replace_un_with_known_vr = False

INLINE = 1 << 40


def model(dataset):
    return json.loads(json.dumps(dataset.to_json_dict(INLINE, None, suppress_invalid_tags=True)))


def main():
    with open(sys.argv[1], encoding="utf-8") as pairs:
        for line in pairs.read().splitlines():
            path, other = line.split("\t")
            answer = {"file": path}
            try:
                answer["written"] = model(pydicom.dcmread(path, force=True))
                with open(other, encoding="utf-8") as text:
                    answer["read"] = model(pydicom.Dataset.from_json(text.read(), lambda tag, vr, uri: b""))
            except Exception as error:  # whatever pydicom raises
                answer["error"] = f"{type(error).__name__}: {error}"
            print(json.dumps(answer))


main()
