"""Prints what pydicom reads, one JSON object a line for each file: {"file": ..., "error": ...} or {"file": ..., "dataset": ...}.

Usage: pydicom_json.py LIST
LIST is a file with a path on each line. Data sets are in DICOM JSON (PS3.18 annex F) as pydicom makes it, but:
values of bytes are a BulkDataURI of the form sha256:DIGEST:LENGTH of the little-endian bytes, of encapsulated pixel data the
items with their headers; numbers that are not finite are strings; an element that pydicom cannot put into JSON is {"failed": REASON}
without losing the others; private elements have the VR that stands in the file,
else that of the table of their creator; UN is the VR that it is known to be.
"""
import hashlib
import json
import math
import sys
import warnings

import pydicom
import pydicom.config

warnings.simplefilter("ignore")
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
pydicom.config.logger.disabled = True


def digest(element, is_little_endian):
    value = element.value
    if element.is_undefined_length:
        return f"sha256:{hashlib.sha256(value).hexdigest()}:{len(value)} encapsulated"
    unit = {"OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}.get(element.VR, 1)
    if unit > 1 and not is_little_endian:  # pydicom leaves the bytes in the order of the file
        value = b"".join(value[i : i + unit][::-1] for i in range(0, len(value), unit))
    return f"sha256:{hashlib.sha256(value).hexdigest()}:{len(value)}"


def element_json(element, is_little_endian):
    if element.VR == "SQ":
        return {"vr": "SQ", "Value": [dataset_json(item, is_little_endian) for item in element.value]}
    result = element.to_json_dict(lambda bulk: digest(bulk, is_little_endian), 0)
    if "Value" in result:
        result["Value"] = [str(value).lower().replace("nan", "NaN") if isinstance(value, float) and not math.isfinite(value) else value for value in result["Value"]]
    json.dumps(result)
    return result


def dataset_json(dataset, is_little_endian):
    result = {}
    for tag in sorted(dataset.keys()):
        try:
            value = element_json(dataset[tag], is_little_endian)
        except Exception as error:  # whatever pydicom raises on a broken value
            value = {"vr": "UN", "failed": f"{type(error).__name__}: {error}"}
        result[f"{int(tag):08X}"] = value
    return result


def main():
    with open(sys.argv[1], encoding="utf-8") as paths:
        for path in paths.read().splitlines():
            try:
                dataset = pydicom.dcmread(path)
                answer = {"file": path, "dataset": dataset_json(dataset, dataset.is_little_endian)}
            except Exception as error:
                answer = {"file": path, "error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer))


main()
