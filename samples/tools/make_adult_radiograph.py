"""Wraps a chest radiograph in JPEG or PNG as a DX instance (Digital X-Ray Image Storage, for presentation), 8 bits, uncompressed.

Usage: python3 make_adult_radiograph.py IMAGE OUT.dcm --key KEY --sex F|M --description TEXT [--size 1024]
Needs pydicom (>= 2.3) and Pillow. The same arguments always give the same UIDs and bytes. Patient and dates are invented; the
picture is scaled to SIZE x SIZE by area average and otherwise unchanged.
"""
import argparse
import hashlib

from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, UID

DX = "1.2.840.10008.5.1.4.1.1.1.1"


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


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("image")
    ap.add_argument("out")
    ap.add_argument("--key", required=True)
    ap.add_argument("--sex", default="")
    ap.add_argument("--description", required=True)
    ap.add_argument("--size", type=int, default=1024)
    a = ap.parse_args()
    image = Image.open(a.image).convert("L").resize((a.size, a.size), Image.BOX)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = DX, uid("adult cxr", a.key)
    meta.TransferSyntaxUID, meta.ImplementationClassUID = ExplicitVRLittleEndian, uid("make_adult_radiograph.py")
    d = FileDataset(None, Dataset(), file_meta=meta, preamble=b"\0" * 128)
    d.is_little_endian, d.is_implicit_VR = True, False
    d.SpecificCharacterSet = "ISO_IR 192"
    d.ImageType = ["DERIVED", "PRIMARY", ""]
    d.SOPClassUID, d.SOPInstanceUID = DX, meta.MediaStorageSOPInstanceUID
    d.StudyDate = d.SeriesDate = d.ContentDate = d.AcquisitionDate = "20250104"
    d.StudyTime = d.SeriesTime = d.ContentTime = d.AcquisitionTime = "093000"
    d.AccessionNumber, d.Modality, d.Manufacturer = "CXR" + a.key[:8].upper(), "DX", "Sample data"
    d.ReferringPhysicianName = ""
    d.StudyDescription, d.SeriesDescription = "Chest radiograph (sample)", a.description
    d.DerivationDescription = "Scaled by area average from a published image"
    d.PatientName, d.PatientID = "Sample^Chest " + a.key[:8], "CXR-" + a.key[:8].upper()
    d.PatientBirthDate, d.PatientSex = "", a.sex
    d.StudyInstanceUID, d.SeriesInstanceUID = uid("adult cxr study", a.key), uid("adult cxr series", a.key)
    d.StudyID, d.SeriesNumber, d.InstanceNumber = "1", 1, 1
    d.BodyPartExamined, d.ViewPosition, d.PatientOrientation = "CHEST", "PA", ["L", "F"]
    d.SamplesPerPixel, d.PhotometricInterpretation = 1, "MONOCHROME2"
    d.Rows = d.Columns = a.size
    d.BitsAllocated = d.BitsStored = 8
    d.HighBit, d.PixelRepresentation = 7, 0
    d.WindowCenter, d.WindowWidth = "128", "256"
    d.BurnedInAnnotation = "NO"
    d.PresentationIntentType, d.ImageLaterality = "FOR PRESENTATION", "U"
    d.PixelIntensityRelationship, d.PixelIntensityRelationshipSign = "LOG", -1
    d.RescaleIntercept, d.RescaleSlope, d.RescaleType = "0", "1", "US"
    d.PresentationLUTShape = "IDENTITY"
    d.LossyImageCompression, d.LossyImageCompressionRatio, d.LossyImageCompressionMethod = "01", "10", "ISO_10918_1"
    d.DetectorType = d.PositionerType = ""
    d.ImagerPixelSpacing = [f"{400 / a.size:g}"] * 2            # nominal: a field of about 40 cm
    d.AcquisitionContextSequence = Sequence()
    d.AnatomicRegionSequence = Sequence([code("43799004", "SCT", "Chest")])
    d.ViewCodeSequence = Sequence([code("399348003", "SCT", "antero-posterior", ViewModifierCodeSequence=Sequence())])
    if d.ViewPosition == "PA":
        d.ViewCodeSequence = Sequence([code("272479007", "SCT", "postero-anterior", ViewModifierCodeSequence=Sequence())])
    d.add_new("PixelData", "OW", image.tobytes())
    d.save_as(a.out, write_like_original=False)


if __name__ == "__main__":
    main()
