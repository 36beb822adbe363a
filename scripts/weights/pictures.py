"""Writes pictures of Fashion-MNIST's classes 5 to 9, enlarged, as IDX files of three equal channels: see scripts/transfer.

pictures.py FOLDER [SIZE]   100 of each class for training, the first in the file; 200 of each for testing
"""

import gzip
import pathlib
import struct
import sys

import numpy

DATA = pathlib.Path("/usr/share/datasets/fashion-mnist")
CLASSES = range(5, 10)


def idx(path):
    content = gzip.open(path).read()
    rank = content[3]
    extents = struct.unpack(f">{rank}I", content[4 : 4 + 4 * rank])
    return numpy.frombuffer(content, numpy.uint8, offset=4 + 4 * rank).reshape(extents)


def write(path, array):
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes())


def enlarged(pictures, size):
    """Bilinear, with pixels' centres where they are: as OpenCV, and PyTorch without align_corners."""
    count = pictures.shape[1]
    places = numpy.clip((numpy.arange(size) + 0.5) * count / size - 0.5, 0, count - 1)
    first = numpy.minimum(places.astype(int), count - 2)
    share = (places - first).astype(numpy.float32)
    rows = pictures[:, first] * (1 - share)[:, None] + pictures[:, first + 1] * share[:, None]
    both = rows[:, :, first] * (1 - share) + rows[:, :, first + 1] * share
    return numpy.rint(both).astype(numpy.uint8)


def main():
    folder, size = pathlib.Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 112
    for part, name, each in (("train", "train", 100), ("test", "t10k", 200)):
        pictures, labels = idx(DATA / f"{name}-images-idx3-ubyte.gz"), idx(DATA / f"{name}-labels-idx1-ubyte.gz")
        chosen = numpy.sort(numpy.concatenate([numpy.flatnonzero(labels == own)[:each] for own in CLASSES]))
        large = enlarged(pictures[chosen].astype(numpy.float32), size)
        write(folder / f"{part}-images", numpy.repeat(large[..., None], 3, axis=3))
        write(folder / f"{part}-labels", labels[chosen] - CLASSES[0])


main()
