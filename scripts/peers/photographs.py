"""Decodes photographs in Lockstep and in torchvision: see scripts/compare-pictures.

photographs.py LOCKSTEP PHOTOGRAPHS FOLDER ROUNDS
"""

import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

# Modules beside this script have names that others look for.
sys.path.pop(0)
import torch
import torchvision
from torchvision.io import ImageReadMode, decode_jpeg, encode_jpeg, read_file, read_image
from torchvision.transforms import v2

NAMES = ("astronaut.png", "coffee.png", "chelsea.png", "motorcycle_left.png", "rocket.jpg", "ihc.png")
SIZES = {"500x375 to 224x224": (375, 500), "224x224": (224, 224)}
COUNT, QUALITY, EPOCHS = 256, 85, 8


def write(photographs, folder, height, width):
    """Parts of photographs, as files of two classes."""
    torch.manual_seed(1)
    whole = [read_image(str(photographs / name), ImageReadMode.RGB) for name in NAMES]
    for number in range(COUNT):
        picture = whole[number % len(whole)]
        # Some are smaller than that.
        scale = max(height / picture.shape[1], width / picture.shape[2], 1)
        if scale > 1:
            picture = v2.functional.resize(picture, [round(extent * scale + 0.5) for extent in picture.shape[1:]])
        picture = v2.functional.horizontal_flip(picture) if number % 2 else picture
        part = v2.RandomCrop((height, width))(picture)
        path = folder / f"{number % 2}" / f"{number:03}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(encode_jpeg(part, QUALITY).numpy()))


def theirs(folder):
    """Pictures a second."""
    torch.set_num_threads(1)
    change = v2.Compose([v2.RandomResizedCrop(224, antialias=True), v2.RandomHorizontalFlip(), v2.ToDtype(torch.float32, scale=True)])
    paths = sorted(map(str, folder.glob("*/*.jpg")))
    batch = torch.empty(16, 3, 224, 224)

    def epoch():
        for number, path in enumerate(paths):
            batch[number % 16] = change(decode_jpeg(read_file(path), ImageReadMode.RGB))

    epoch()
    begin = time.perf_counter()
    for _ in range(EPOCHS):
        epoch()
    return EPOCHS * len(paths) / (time.perf_counter() - begin)


def ours(lockstep, folder, work):
    """The same, with a network that takes no time to speak of: what is decoded is trained on."""
    recipe = work / "run.yaml"
    recipe.write_text(
        f"""data: {{images: {{train: {folder}, size: 224, channels: rgb, split: {{random: {{test: 0}}}}, keep-under: {work}/prepared}}}}
standardise: none
augment: [random-resized-crop, flip]
model: [global-average-pool, {{dense: 2}}]
optimizer: {{sgd: 0.001}}
epochs: {EPOCHS}
batch: 64
micro-batch: 16
lanes: 1
observers: []
"""
    )
    run = work / "run"
    subprocess.run(["rm", "-rf", str(run)], check=True)
    ended = subprocess.run([lockstep, "train", str(recipe), "--output", str(run)], capture_output=True, text=True)
    if ended.returncode:
        sys.exit(f"photographs: lockstep ended with {ended.returncode}: {ended.stderr.strip()}")
    return float(re.search(r"samples per second +([0-9,]+)", ended.stdout)[1].replace(",", ""))


def main():
    lockstep, photographs, work, rounds = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), int(sys.argv[4])
    os.environ["OMP_NUM_THREADS"] = "1"
    print(f"pictures a second on one core: decoded, a random part resized, flipped; torchvision {torchvision.__version__}")
    for name, (height, width) in SIZES.items():
        folder = work / name.split()[0]
        write(photographs, folder, height, width)
        found = [(ours(lockstep, folder, work), theirs(folder)) for _ in range(rounds)]
        own, other, ratio = (statistics.median(x) for x in (*zip(*found), [a / b for a, b in found]))
        print(f"{name:20} Lockstep {own:6.0f}, torchvision {other:6.0f}: {ratio:.2f} times")


main()
