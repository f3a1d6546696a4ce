"""Prints every value of a DICOM file but pixels, one a line, as pydicom reads them; for the tests of de-identification."""
import sys
import warnings

import pydicom

warnings.simplefilter("ignore")


def walk(data_set):
    for element in data_set:
        if element.VR == "SQ":
            for item in element.value:
                walk(item)
        elif element.tag != 0x7FE00010:
            print(f"{element.tag} {element.value!r}")


for path in sys.argv[1:]:
    data = pydicom.dcmread(path, force=True)
    print(f"# {path} {data.get('PatientIdentityRemoved', '')}")
    walk(data.file_meta)
    walk(data)
