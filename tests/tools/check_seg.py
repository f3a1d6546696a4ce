"""Decodes a binary segmentation with pydicom and compares it, frame by frame, with a label map.

Usage: check_seg.py SEG LABELS ROWS COLUMNS SOURCE...
LABELS is a file of bytes, frame-major; each SOURCE is the SOP Instance UID of a label frame, or UID#FRAME for a frame of a
multi-frame image. Prints the number of frames and the voxels of each segment; ends with 1 where anything differs.
"""
import sys

import numpy
import pydicom


def main() -> int:
    path, labels_path, rows, columns, *sources = sys.argv[1:]
    rows, columns = int(rows), int(columns)
    expected = numpy.fromfile(labels_path, dtype=numpy.uint8).reshape(len(sources), rows, columns)
    seg = pydicom.dcmread(path)
    pixels = seg.pixel_array
    if pixels.ndim == 2:
        pixels = pixels[None]
    found = numpy.zeros_like(expected)
    seen = set()
    for frame, group in zip(pixels, seg.PerFrameFunctionalGroupsSequence, strict=True):
        image = group.DerivationImageSequence[0].SourceImageSequence[0]
        source = image.ReferencedSOPInstanceUID
        if "ReferencedFrameNumber" in image:
            source += f"#{image.ReferencedFrameNumber}"
        segment = group.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        if (source, segment) in seen:
            print(f"two frames of segment {segment} on {source}")
            return 1
        seen.add((source, segment))
        if not frame.any():
            print(f"empty frame of segment {segment} on {source}")
            return 1
        index = sources.index(source)
        if (found[index][frame > 0] != 0).any():
            print(f"overlap of segment {segment} on {source}")
            return 1
        found[index][frame > 0] = segment
    if not numpy.array_equal(found, expected):
        print(f"{int((found != expected).sum())} pixels differ")
        return 1
    print(len(pixels), *numpy.bincount(found.ravel(), minlength=len(seg.SegmentSequence) + 1)[1:])
    return 0


sys.exit(main())
