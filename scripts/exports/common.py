"""What the checks of exports share."""

import csv
import pathlib
import subprocess
import sys
import tempfile

import numpy

# Of a number that is predicted, and of a probability, in proportion to 1 or itself where that is larger: sums of up to
# some hundred terms in single precision, in another order. A wrong place, or weight, is off by hundredths.
TOLERANCE = 2e-5


def fail(what):
    sys.exit(f"{pathlib.Path(sys.argv[0]).stem}: {what}")


def run(lockstep, folder, *words, expected=(0, 75)):
    ended = subprocess.run([lockstep, *map(str, words)], capture_output=True, text=True, cwd=folder)
    if ended.returncode not in expected:
        fail(f"lockstep {' '.join(map(str, words))} ended with {ended.returncode}: {ended.stderr}")
    return ended.stderr


def predictions(lockstep, folder, inputs, *options):
    run(lockstep, folder, "predict", "runs/case", "--input", inputs, "--output", "predictions.csv", *options)
    with open(folder / "predictions.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0] if name != "problem"}


def compare(name, expected, outputs, tolerance=TOLERANCE, texts_apart=1 / 200):
    """Texts are equal, but where two probabilities are, in that share of the rows; numbers are near."""
    if set(expected) != set(outputs):
        fail(f"{name}: outputs {sorted(outputs)}, where predict has {sorted(expected)}")
    worst = 0.0
    for column, texts in expected.items():
        found = outputs[column]
        if found.shape != (len(texts),):
            fail(f"{name}: {column} has shape {found.shape} for {len(texts)} rows")
        if found.dtype == object:
            differing = sum(a != b for a, b in zip(found, texts))
            if differing > int(len(texts) * texts_apart):
                fail(f"{name}: {column} differs in {differing} of {len(texts)} rows")
        else:
            truth = numpy.array(texts, numpy.float64)
            worst = max(worst, float((abs(found - truth) / numpy.maximum(1, abs(truth))).max()))
    if not worst <= tolerance:
        fail(f"{name}: predictions differ by {worst:.1e}, more than {tolerance:.0e}")
    return worst


def same_bits(name, case, folder, features):
    """Features of training and test rows, unknown words and missing values among these, are what was prepared."""
    prepared = next((folder / "prepared").iterdir())
    different = 0
    for part in ("train", "test"):
        truth = numpy.load(prepared / f"{part}.features.npy")
        own = features[[place for place, other in enumerate(case.parts) if other == part]]
        if truth.shape != own.shape or own.dtype != numpy.float32:
            fail(f"{name}: features {own.shape} of {own.dtype}, where {truth.shape} were prepared")
        different += int((truth.view(numpy.uint32) != own.view(numpy.uint32)).sum())
    if different:
        fail(f"{name}: {different} of {features.size} features have other bits")


def main(*checks):
    """Runs the cases that the command line names, or all: (check, cases) each."""
    lockstep = pathlib.Path(sys.argv[1]).resolve()
    known = {name: check for check, cases in checks for name in cases}
    for name in sys.argv[2:] or known:
        if name not in known:
            fail(f"no case {name}; there are {', '.join(known)}")
        with tempfile.TemporaryDirectory() as folder:
            known[name](lockstep, name, pathlib.Path(folder))
