"""Wraps PneumoniaMNIST images as DICOM CR or DX instances, one study each, with the labels in a CSV file.

Usage: python3 make_dicom.py pneumoniamnist.npz OUT_FOLDER [--split test|val|train] [--limit N] [--sop CR|DX]
           [--bits 8|12] [--mono1] [--scale K] [--expected ../../tests/data/models/pneumonia_cxr/expected_test.csv]
Needs numpy and pydicom (>= 2.3). The same arguments always give the same UIDs and bytes.

Every form holds the same picture, so a right pipeline must give the same probability for all of them:
  --bits 12   stores value * 16 in 16-bit words with a VOI window that leads back to 0..255 exactly (PS3.3 C.11.2.1.2.1)
  --mono1     stores MONOCHROME1 (inverted), as many CR systems do
  --scale K   repeats each pixel K x K times (28 K square); an area average over K x K gives the 28 x 28 image back
labels.csv: file, index, label (0 normal, 1 pneumonia), patient_id, study_instance_uid, sop_instance_uid
and, with --expected, the probability that the model gives in ONNX Runtime (only for the test split).
Patients and dates are invented. Data: PneumoniaMNIST (MedMNIST v2), CC BY 4.0; not for diagnosis.
"""
import argparse
import csv
import hashlib
import os

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, UID

SOP = {"CR": "1.2.840.10008.5.1.4.1.1.1", "DX": "1.2.840.10008.5.1.4.1.1.1.1"}


def uid(*parts):
    """A stable UUID-derived UID (PS3.5 B.2)."""
    h = bytearray(hashlib.sha256("|".join(map(str, parts)).encode()).digest()[:16])
    h[6] = (h[6] & 0x0F) | 0x50
    h[8] = (h[8] & 0x3F) | 0x80
    return UID("2.25.%d" % int.from_bytes(h, "big"))


def code(value, scheme, meaning, **more):
    c = Dataset()
    c.CodeValue, c.CodingSchemeDesignator, c.CodeMeaning = value, scheme, meaning
    for k, v in more.items():
        setattr(c, k, v)
    return c


def instance(image, index, a):
    """Returns the data set for one 28 x 28 uint8 image."""
    form = (a.split, a.sop, a.bits, a.mono1, a.scale)
    pix = np.repeat(np.repeat(image, a.scale, 0), a.scale, 1).astype(np.uint16)
    top = 255 if a.bits == 8 else 4080
    pix = pix * (1 if a.bits == 8 else 16)
    if a.mono1:
        pix = top - pix
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = SOP[a.sop], uid("pneumoniamnist", index, *form)
    meta.TransferSyntaxUID, meta.ImplementationClassUID = ExplicitVRLittleEndian, uid("pneumoniamnist make_dicom.py")
    d = FileDataset(None, Dataset(), file_meta=meta, preamble=b"\0" * 128)
    d.is_little_endian, d.is_implicit_VR = True, False
    d.SpecificCharacterSet = "ISO_IR 192"
    d.ImageType = ["DERIVED", "PRIMARY", ""] if a.sop == "DX" else ["DERIVED", "PRIMARY"]
    d.SOPClassUID, d.SOPInstanceUID = SOP[a.sop], meta.MediaStorageSOPInstanceUID
    d.StudyDate = d.SeriesDate = d.ContentDate = d.AcquisitionDate = "20250103"
    d.StudyTime = d.SeriesTime = d.ContentTime = d.AcquisitionTime = "080000"
    d.AccessionNumber, d.Modality, d.Manufacturer = f"PMN{index:05d}", a.sop, "Test data"
    d.ReferringPhysicianName = ""
    d.StudyDescription, d.SeriesDescription = "Chest radiograph (PneumoniaMNIST)", f"Chest, {a.split} {index}"
    d.PatientName, d.PatientID = f"Test^PneumoniaMNIST {index}", f"PMNIST-{a.split.upper()}-{index:04d}"
    d.PatientBirthDate, d.PatientSex = "", ""
    d.StudyInstanceUID, d.SeriesInstanceUID = uid("pmn study", index, *form), uid("pmn series", index, *form)
    d.StudyID, d.SeriesNumber, d.InstanceNumber = "1", 1, 1
    d.BodyPartExamined, d.ViewPosition, d.PatientOrientation = "CHEST", "AP", ["L", "F"]
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME1" if a.mono1 else "MONOCHROME2"
    d.Rows, d.Columns = pix.shape
    d.BitsAllocated = 8 if a.bits == 8 else 16
    d.BitsStored, d.HighBit, d.PixelRepresentation = a.bits, a.bits - 1, 0
    # LINEAR: y = ((x - (c - 0.5)) / (w - 1) + 0.5) * 255, so c - 0.5 = top / 2 and w - 1 = top give y = x * 255 / top
    d.WindowCenter, d.WindowWidth = f"{top / 2 + 0.5:g}", f"{top + 1}"
    d.BurnedInAnnotation = "NO"
    if a.sop == "DX":
        d.PresentationIntentType = "FOR PRESENTATION"
        d.ImageLaterality = "U"
        d.PixelIntensityRelationship, d.PixelIntensityRelationshipSign = "LOG", 1 if a.mono1 else -1
        d.RescaleIntercept, d.RescaleSlope, d.RescaleType = "0", "1", "US"
        d.PresentationLUTShape = "INVERSE" if a.mono1 else "IDENTITY"
        d.LossyImageCompression = "00"
        d.DetectorType = d.PositionerType = ""
        d.ImagerPixelSpacing = [f"{8 / a.scale:g}"] * 2            # nominal: a 28 x 28 field of about 22 cm
        d.AcquisitionContextSequence = Sequence()
        d.AnatomicRegionSequence = Sequence([code("43799004", "SCT", "Chest")])
        d.ViewCodeSequence = Sequence([code("399348003", "SCT", "antero-posterior",
                                            ViewModifierCodeSequence=Sequence())])
    d.add_new("PixelData", "OW", pix.astype("<u2" if a.bits > 8 else "u1").tobytes())
    return d


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("npz")
    ap.add_argument("out")
    ap.add_argument("--split", choices=("train", "val", "test"), default="test")
    ap.add_argument("--limit", type=int, default=0)
    ap.add_argument("--sop", choices=sorted(SOP), default="CR")
    ap.add_argument("--bits", type=int, choices=(8, 12), default=8)
    ap.add_argument("--mono1", action="store_true")
    ap.add_argument("--scale", type=int, default=1)
    ap.add_argument("--expected", default="")
    a = ap.parse_args()
    data = np.load(a.npz)
    images, labels = data[a.split + "_images"], data[a.split + "_labels"].reshape(-1)
    expected = {}
    if a.expected and a.split == "test":
        with open(a.expected, newline="") as f:
            expected = {int(r["index"]): (int(r["label"]), r["probability"]) for r in csv.DictReader(f)}
    n = min(a.limit or len(images), len(images))
    os.makedirs(a.out, exist_ok=True)
    with open(os.path.join(a.out, "labels.csv"), "w", newline="") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(["file", "index", "label", "patient_id", "study_instance_uid", "sop_instance_uid"]
                   + (["expected_probability"] if expected else []))
        for i in range(n):
            d = instance(images[i], i, a)
            name = f"{a.split}_{i:04d}.dcm"
            d.save_as(os.path.join(a.out, name), write_like_original=False)
            row = [name, i, int(labels[i]), d.PatientID, d.StudyInstanceUID, d.SOPInstanceUID]
            if expected:
                assert expected[i][0] == int(labels[i])
                row.append(expected[i][1])
            w.writerow(row)
    print(f"{n} instances, {int(labels[:n].sum())} with label 1")


if __name__ == "__main__":
    main()
