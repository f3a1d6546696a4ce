"""Decodes values with pydicom.

Usage: pydicom_charset.py JOBS
JOBS is a file of JSON lines; for each of them a line is printed.
In:  {"terms": ["", "ISO 2022 IR 87"], "vr": "PN", "values": ["1b2442...", ...]}
Out: ["text or null where pydicom cannot decode it", ...]
"""
import json
import sys
import warnings

import pydicom.config
from pydicom.charset import convert_encodings
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag
from pydicom.values import convert_value

warnings.simplefilter("ignore")
pydicom.config.settings.reading_validation_mode = pydicom.config.RAISE


def decode(vr, value, encodings):
    raw = RawDataElement(Tag(0x00080008), vr, len(value), value, 0, False, True)
    try:
        decoded = convert_value(vr, raw, encodings)
        values = [decoded] if isinstance(decoded, str) or not hasattr(decoded, "__iter__") or vr == "PN" and not hasattr(decoded, "append") else decoded
        return "\\".join(str(one) for one in values)
    except ValueError:  # UnicodeError is one
        return None


with open(sys.argv[1], encoding="utf-8") as jobs:
    for line in jobs:
        job = json.loads(line)
        encodings = convert_encodings(job["terms"])
        print(json.dumps([decode(job["vr"], bytes.fromhex(value), encodings) for value in job["values"]]))
