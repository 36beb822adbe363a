"""Trains adapters, has PEFT read what is exported of them, and compares what both compute: see scripts/check-peft.

check_peft.py LOCKSTEP
"""

import csv
import pathlib
import subprocess
import sys
import tempfile

import peft
import torch
from safetensors.torch import load_file

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "pytorch"))
import architectures  # noqa: E402

# Of a probability: sums of 16 terms in single precision, in another order.
TOLERANCE = 1e-5
ROWS = [(0.5, -1.0), (1.5, 2.0), (-0.25, 0.75), (-2.0, -1.0)]


def run(lockstep, *words):
    ended = subprocess.run([lockstep, *map(str, words)], capture_output=True, text=True)
    if ended.returncode != 0:
        sys.exit(f"check-peft: lockstep {' '.join(map(str, words))} ended with {ended.returncode}: {ended.stderr}")


def newest(run):
    return max(run.glob("step-*"))


def check(lockstep, folder, name, settings):
    train = ["train", "two-class", "--quiet", "--set", "data.two-class.train=1024"]
    if not (folder / "base").exists():
        run(lockstep, *train, "--set", "epochs=1", "--output", folder / "base")
    base = ["--set", f"start-from={{checkpoint: {folder}/base}}", "--set", f"lora={settings}"]
    run(lockstep, *train, "--set", "epochs=3", *base, "--output", folder / name)
    run(lockstep, "export", folder / name, "--peft", folder / f"{name}-adapter")
    with open(folder / "rows.csv", "w", newline="") as file:
        csv.writer(file).writerows([("x", "y"), *ROWS])
    run(lockstep, "predict", folder / name, "--input", folder / "rows.csv", "--output", folder / "predictions.csv")
    with open(folder / "predictions.csv", newline="") as file:
        expected = torch.tensor([[float(cell) for cell in row[1:]] for row in list(csv.reader(file))[1:]])

    statistics = load_file(newest(folder / name) / "standardisation.safetensors")
    features = (torch.tensor(ROWS) - statistics["means"]) / statistics["deviations"]
    module = architectures.make("two-class")
    module.load_state_dict(load_file(newest(folder / "base") / "model.safetensors"))
    with torch.no_grad():
        control = (module(features).softmax(-1) - expected).abs().max().item()
        adapted = peft.PeftModel.from_pretrained(module, str(folder / f"{name}-adapter")).eval()
        apart = (adapted(features).softmax(-1) - expected).abs().max().item()
        merged = (adapted.merge_and_unload()(features).softmax(-1) - expected).abs().max().item()
    print(f"{name}: PEFT differs by {apart:.1e}, merged by {merged:.1e} (at most {TOLERANCE:.0e}), without the adapter by {control:.1e}")
    if not (max(apart, merged) <= TOLERANCE and control > 10 * TOLERANCE):
        sys.exit(f"check-peft: {name}: PEFT computes something else from the adapter")


with tempfile.TemporaryDirectory(prefix="lockstep-") as folder:
    folder = pathlib.Path(folder)
    check(sys.argv[1], folder, "all", '{rank: 4, alpha: 8, targets: "*"}')
    check(sys.argv[1], folder, "head", '{rank: 2, alpha: 1, targets: ["0"], modules-to-save: ["2.*"]}')
