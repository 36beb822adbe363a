"""Writes Tests/Goldens/pictures: small pictures of every kind, and what Pillow makes of them.

  /usr/bin/python3 Tests/Goldens/make-pictures.py

Expects Debian's python3-pil, which decodes by the libjpeg-turbo that Lockstep is linked with on the same host: pixels of JPEG
files are those of one version. What is expected of samples of 16 bits, of opacity and of interlaced files, which Pillow reduces or
does not write, is computed here from the pixels that went in, by integers.
"""
import hashlib
import json
import os
import random
import struct
import zlib

from PIL import Image, ImageOps

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pictures")
NEAREST, BOX, TRIANGLE = Image.Resampling.NEAREST, Image.Resampling.BOX, Image.Resampling.BILINEAR
random.seed(14)


def scene(width, height, shift=0):
    """Edges, slopes and noise in colour."""
    image = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            edge = 180 if (x // 5 + y // 7 + shift) % 2 else 40
            image.putpixel((x, y), ((x * 255 // width + edge) // 2, (y * 255 // height + edge) // 2,
                                    min(255, edge + random.randrange(50))))
    return image


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(name, rows, depth, colours, interlaced=False, parts=()):
    """A file of rows of pixels, each a list of samples of 8 or 16 bits."""
    height, width = len(rows), len(rows[0])
    pack = lambda row: b"".join(struct.pack(">B" if depth == 8 else ">H", v) for pixel in row for v in pixel)
    if interlaced:
        data = b""
        for left, top, across, down in PASSES:
            for y in range(top, height, down):
                own = rows[y][left::across]
                data += b"\0" + pack(own) if own else b""
    else:
        data = b"".join(b"\0" + pack(row) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, int(interlaced))
    with open(f"{FOLDER}/{name}", "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunk(*p) for p in parts)
                   + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


cases = []


def expect(file, channels, size, values, fit="stretch", filter="triangle", background=0.0, most=255):
    """`values` are what a sample is, multiplied by the largest number; height and width are those of the sample."""
    text = ",".join(map(str, values))
    cases.append({"file": file, "channels": channels, "height": size[0], "width": size[1], "fit": fit, "filter": filter,
                  "background": background, "most": most, "sha256": hashlib.sha256(text.encode()).hexdigest()})


def plain(file, image):
    """All of a picture as it is, in colour and in grey."""
    size = (image.height, image.width)
    expect(file, "rgb", size, image.convert("RGB").tobytes())


def grey(file, image):
    expect(file, "grey", (image.height, image.width), image.convert("L").tobytes())


def save(name, image, **options):
    image.save(f"{FOLDER}/{name}", **options)
    return Image.open(f"{FOLDER}/{name}")


def brightness(file):
    """What a JPEG file has as brightness, without colours."""
    image = Image.open(f"{FOLDER}/{file}")
    image.draft("L", image.size)
    assert image.mode == "L"
    return image


def jpegs():
    base = scene(37, 29)
    for name, options in {"444": {"subsampling": 0}, "422": {"subsampling": 1}, "420": {"subsampling": 2},
                          "progressive": {"subsampling": 2, "progressive": True}, "rough": {"quality": 10}}.items():
        file = f"{name}.jpg"
        plain(file, save(file, base, **{"quality": 85, **options}))
        expect(file, "grey", (29, 37), brightness(file).tobytes())
    file = "grey.jpg"
    image = save(file, base.convert("L"), quality=85)
    plain(file, image)
    grey(file, image)
    file = "inks.jpg"
    image = save(file, base.convert("CMYK"), quality=85)
    plain(file, image)
    grey(file, image.convert("RGB"))
    for orientation in range(1, 9):
        file = f"turned-{orientation}.jpg"
        exif = Image.Exif()
        exif[0x0112] = orientation
        image = save(file, scene(23, 16), quality=90, exif=exif)
        plain(file, ImageOps.exif_transpose(image))
        # Resized as it is stored, then turned: 12 rows and 8 columns of the upright picture.
        stored = (8, 12) if orientation < 5 else (12, 8)
        small = image.resize(stored, TRIANGLE)
        small.info["exif"] = exif.tobytes()
        small.getexif()[0x0112] = orientation
        expect(file, "rgb", (12, 8), ImageOps.exif_transpose(small).tobytes())


def pngs():
    base = scene(19, 13)
    for name, image in {"rgb": base, "grey": base.convert("L"), "two": base.convert("1"),
                        "palette": base.convert("P", palette=Image.Palette.ADAPTIVE, colors=200),
                        "few": base.convert("P", palette=Image.Palette.ADAPTIVE, colors=4)}.items():
        file = f"{name}.png"
        image = save(file, image)
        plain(file, image)
        if name in ("rgb", "grey", "two"):
            grey(file, image)
    rows = [[[random.randrange(256) for _ in range(4)] for _ in range(11)] for _ in range(9)]
    png("opacity.png", rows, 8, 6)
    for background in (0, 0.5, 1):
        behind = int(background * 255 + 0.5)
        over = [(v * p[3] + behind * (255 - p[3]) + 127) // 255 for row in rows for p in row for v in p[:3]]
        expect("opacity.png", "rgb", (9, 11), over, background=float(background))
    wide = [[[random.randrange(65536) for _ in range(3)] for _ in range(11)] for _ in range(9)]
    png("rgb-16.png", wide, 16, 2)
    expect("rgb-16.png", "rgb", (9, 11), [v for row in wide for p in row for v in p], most=65535)
    mixed = [(19595 * r + 38470 * g + 7471 * b + 32768) >> 16 for row in wide for r, g, b in row]
    expect("rgb-16.png", "grey", (9, 11), mixed, most=65535)
    shades = [[[random.randrange(65536)] for _ in range(21)] for _ in range(18)]
    png("interlaced-16.png", shades, 16, 0, interlaced=True)
    expect("interlaced-16.png", "grey", (18, 21), [v for row in shades for p in row for v in p], most=65535)
    colours = [[[random.randrange(256) for _ in range(3)] for _ in range(21)] for _ in range(18)]
    png("interlaced.png", colours, 8, 2, interlaced=True)
    expect("interlaced.png", "rgb", (18, 21), [v for row in colours for p in row for v in p])
    # One shade is transparent.
    shades = [[[random.choice([7, 200])] for _ in range(5)] for _ in range(4)]
    png("transparent.png", shades, 8, 0, parts=[(b"tRNS", struct.pack(">H", 7))])
    expect("transparent.png", "grey", (4, 5), [255 if p[0] == 7 else 200 for row in shades for p in row],
           background=1.0)
    exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    png("turned.png", shades, 8, 0, parts=[(b"eXIf", exif)])
    expect("turned.png", "grey", (5, 4), [shades[3 - x][y][0] for y in range(5) for x in range(4)])
    png("animated.png", shades, 8, 0, parts=[(b"acTL", struct.pack(">II", 2, 0))])


def resized():
    file = "photo.jpg"
    image = save(file, scene(96, 64, 1), quality=90, subsampling=2)
    for height, width in [(32, 32), (64, 96), (17, 50), (100, 130), (17, 1), (64, 10), (10, 96)]:
        for name, filter in [("triangle", TRIANGLE), ("area", BOX)]:
            expect(file, "rgb", (height, width), image.resize((width, height), filter).tobytes(), filter=name)
    light = brightness(file)
    expect(file, "grey", (20, 30), light.resize((30, 20), TRIANGLE).tobytes())
    # 96×64 is wider than 32×32 and narrower than 20×50.
    expect(file, "rgb", (32, 32), image.crop((16, 0, 80, 64)).resize((32, 32), TRIANGLE).tobytes(), fit="crop")
    expect(file, "rgb", (20, 50), image.crop((0, 13, 96, 51)).resize((50, 20), TRIANGLE).tobytes(), fit="crop")
    sheet = Image.new("RGB", (32, 32), (128, 128, 128))
    sheet.paste(image.resize((32, 21), TRIANGLE), (0, 5))
    expect(file, "rgb", (32, 32), sheet.tobytes(), fit="pad", background=0.5)
    sheet = Image.new("RGB", (50, 20), (0, 0, 0))
    sheet.paste(image.resize((30, 20), TRIANGLE), (10, 0))
    expect(file, "rgb", (20, 50), sheet.tobytes(), fit="pad")


def reduced():
    """Of a file that is much larger than a sample: decoded at a half, a quarter and an eighth, as `draft` does."""
    file = "large.jpg"
    save(file, scene(211, 150, 1), quality=60, subsampling=2)
    for (height, width), reduction in [((30, 40), 2), ((18, 26), 4), ((9, 13), 8), ((4, 4), 8), ((38, 52), 1)]:
        image = Image.open(f"{FOLDER}/{file}")
        image.draft("RGB", (image.width // reduction, image.height // reduction))
        assert image.size == (-(-211 // reduction), -(-150 // reduction)), image.size
        box = (0, 0, 211 / reduction, 150 / reduction)
        expect(file, "rgb", (height, width), image.resize((width, height), TRIANGLE, box=box).tobytes())


if __name__ == "__main__":
    os.makedirs(FOLDER, exist_ok=True)
    jpegs()
    pngs()
    resized()
    reduced()
    with open(f"{FOLDER}/expected.json", "w") as out:
        json.dump(cases, out, indent=1)
    print(f"{len(cases)} samples of {len(os.listdir(FOLDER)) - 1} pictures")
