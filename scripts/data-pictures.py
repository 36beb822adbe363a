"""Writes Fashion-MNIST as PNG files: FOLDER/train/CLASS/00001.png, FOLDER/test/CLASS/00001.png.

  python3 scripts/data-pictures.py FOLDER                  all of them
  python3 scripts/data-pictures.py FOLDER 5 9 100 200      of classes 5 to 9, from 0, the first 100 and the first 200 of each
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


def write(folder, images, labels, names, most):
    with gzip.open(f"{SOURCE}/{labels}-labels-idx1-ubyte.gz") as file:
        classes = file.read()[8:]
    with gzip.open(f"{SOURCE}/{images}-images-idx3-ubyte.gz") as file:
        _, count, height, width = struct.unpack(">IIII", file.read(16))
        written = {name: 0 for name in names}
        for name in names:
            os.makedirs(f"{folder}/{name}", exist_ok=True)
        for number in range(count):
            pixels, name = file.read(height * width), CLASSES[classes[number]]
            if written.get(name, most) >= most:
                continue
            written[name] += 1
            with open(f"{folder}/{name}/{number + 1:05}.png", "wb") as out:
                out.write(png(pixels, height, width))
    return sum(written.values())


if __name__ == "__main__":
    target, numbers = sys.argv[1], [int(word) for word in sys.argv[2:]] or [0, len(CLASSES) - 1, sys.maxsize, sys.maxsize]
    chosen = CLASSES[numbers[0] : numbers[1] + 1]
    parts = [("train", "train", numbers[2]), ("test", "t10k", numbers[3])]
    done = sum(write(f"{target}/{part}", name, name, chosen, most) for part, name, most in parts)
    print(f"{target}: {done:,} pictures in folders of {len(chosen)} classes")
