"""Writes Fashion-MNIST as PNG files: FOLDER/train/CLASS/00001.png, FOLDER/test/CLASS/00001.png.

  python3 scripts/data-pictures.py FOLDER
"""
import gzip
import os
import struct
import sys
import zlib

SOURCE = "/usr/share/datasets/fashion-mnist"
CLASSES = [
    "T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
]


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(pixels, height, width):
    """A picture of bytes, shades of grey, as a PNG file without filters."""
    rows = b"".join(b"\0" + pixels[y * width:(y + 1) * width] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 6))
            + chunk(b"IEND", b""))


def write(folder, images, labels):
    with gzip.open(f"{SOURCE}/{labels}-labels-idx1-ubyte.gz") as file:
        classes = file.read()[8:]
    with gzip.open(f"{SOURCE}/{images}-images-idx3-ubyte.gz") as file:
        _, count, height, width = struct.unpack(">IIII", file.read(16))
        for name in CLASSES:
            os.makedirs(f"{folder}/{name}", exist_ok=True)
        for number in range(count):
            pixels = file.read(height * width)
            with open(f"{folder}/{CLASSES[classes[number]]}/{number + 1:05}.png", "wb") as out:
                out.write(png(pixels, height, width))
    return count


if __name__ == "__main__":
    target = sys.argv[1]
    done = sum(write(f"{target}/{part}", name, name) for part, name in [("train", "train"), ("test", "t10k")])
    print(f"{target}: {done:,} pictures in folders of {len(CLASSES)} classes")
