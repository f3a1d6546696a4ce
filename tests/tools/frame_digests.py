"""Prints, for each DICOM file of a list (a file of one path a line), the SHA-256 of each of its frames as pydicom reads them, as JSON.

Native frames are taken in little-endian byte order, frames of 1 bit moved to begin on a byte. Files without pixel data, or that
pydicom cannot take apart, are left out.
"""

import hashlib
import json
import sys
import warnings

import numpy as np
import pydicom
from pydicom.encaps import generate_pixel_data_frame

warnings.simplefilter("ignore")


def frames(path):
    ds = pydicom.dcmread(path, force=True)
    if "PixelData" not in ds or "Rows" not in ds:
        return None
    count = int(ds.get("NumberOfFrames", 1) or 1)
    syntax = ds.file_meta.TransferSyntaxUID
    if syntax.is_encapsulated:
        return list(generate_pixel_data_frame(ds.PixelData, count))
    data = ds.PixelData
    if not syntax.is_little_endian and ds["PixelData"].VR == "OW":
        data = np.frombuffer(data, ">u2").astype("<u2").tobytes()
    samples = 2 if ds.PhotometricInterpretation == "YBR_FULL_422" else int(ds.SamplesPerPixel)
    bits = samples * ds.Rows * ds.Columns * ds.BitsAllocated
    if bits % 8 == 0:
        size = bits // 8
        return [data[i * size:(i + 1) * size] for i in range(count)] if len(data) >= size * count else None
    unpacked = np.unpackbits(np.frombuffer(data, "u1"), bitorder="little")
    return [np.packbits(unpacked[i * bits:(i + 1) * bits], bitorder="little").tobytes() for i in range(count)]


result = {}
for path in open(sys.argv[1], encoding="utf-8").read().splitlines():
    try:
        found = frames(path)
    except Exception:
        continue
    if found:
        result[path] = [hashlib.sha256(frame).hexdigest() for frame in found]
json.dump(result, sys.stdout)
