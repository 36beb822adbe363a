"""Exports models to ONNX, and compares what onnxruntime makes of raw rows with what Lockstep makes of them.

check.py LOCKSTEP [CASE…]; see scripts/check-onnx.
"""

import csv
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
import onnxruntime

import networks
import tables

# Of a number that is predicted, and of a probability, in proportion to 1 or itself where that is larger: sums of up to some
# hundred terms in single precision, in another order. A wrong place, or weight, is off by hundredths.
TOLERANCE = 2e-5


def fail(what):
    sys.exit(f"check-onnx: {what}")


def run(lockstep, folder, *words, expected=(0, 75)):
    ended = subprocess.run([lockstep, *map(str, words)], capture_output=True, text=True, cwd=folder)
    if ended.returncode not in expected:
        fail(f"lockstep {' '.join(map(str, words))} ended with {ended.returncode}: {ended.stderr}")
    return ended.stderr


def session(path, *extra):
    """Of a file, with values inside of the graph given out too."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    for name, kind in extra:
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, kind, None))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def predictions(lockstep, folder, inputs):
    run(lockstep, folder, "predict", "runs/case", "--input", inputs, "--output", "predictions.csv")
    with open(folder / "predictions.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [row[name] for row in rows] for name in rows[0] if name != "problem"}


def compare(name, expected, outputs):
    """Texts are equal, but where two probabilities are; numbers are near."""
    if set(expected) != set(outputs):
        fail(f"{name}: outputs {sorted(outputs)}, where predict has {sorted(expected)}")
    worst = 0.0
    for column, texts in expected.items():
        found = outputs[column]
        if found.shape != (len(texts),):
            fail(f"{name}: {column} has shape {found.shape} for {len(texts)} rows")
        if found.dtype == object:
            differing = sum(a != b for a, b in zip(found, texts))
            if differing > len(texts) // 200:
                fail(f"{name}: {column} differs in {differing} of {len(texts)} rows")
        else:
            truth = numpy.array(texts, numpy.float64)
            worst = max(worst, float((abs(found - truth) / numpy.maximum(1, abs(truth))).max()))
    if not worst <= TOLERANCE:
        fail(f"{name}: predictions differ by {worst:.1e}, more than {TOLERANCE:.0e}")
    return worst


def check_table(lockstep, name, folder):
    """Features of training and test rows, unknown words and missing values among these, and predictions."""
    case = tables.CASES[name]()
    case.write(folder)
    run(lockstep, folder, "train", "case.yaml", "--quiet", "--output", "runs/case")
    run(lockstep, folder, "export", "runs/case", "--onnx", "case.onnx")
    runtime = session(folder / "case.onnx", ("features", onnx.TensorProto.FLOAT))
    names = [output.name for output in runtime.get_outputs()]
    outputs = dict(zip(names, runtime.run(None, case.inputs())))
    features = outputs.pop("features")
    prepared = next((folder / "prepared").iterdir())
    different = 0
    for part in ("train", "test"):
        truth = numpy.load(prepared / f"{part}.features.npy")
        rows = [place for place, own in enumerate(case.parts) if own == part]
        different += int((truth.view(numpy.uint32) != features[rows].view(numpy.uint32)).sum())
        if truth.shape != features[rows].shape:
            fail(f"{name}: features {features[rows].shape}, where {truth.shape} were prepared")
    if different:
        fail(f"{name}: {different} of {features.size} features have other bits")
    # A control: that another number is seen.
    changed = case.inputs(disturbed=True)
    if numpy.array_equal(runtime.run(["features"], changed)[0], features):
        fail(f"{name}: another raw value makes no other feature")
    worst = compare(name, predictions(lockstep, folder, "case.csv"), outputs)
    print(f"{name:20} {features.size:6} features have the same bits, predictions differ by {worst:.1e}")


def check_network(lockstep, name, folder):
    case = networks.CASES[name]
    data = networks.write(folder, name, case)
    run(lockstep, folder, "train", "case.yaml", "--quiet", "--output", "runs/case")
    run(lockstep, folder, "export", "runs/case", "--onnx", "case.onnx")
    runtime = session(folder / "case.onnx")
    names = [output.name for output in runtime.get_outputs()]
    given = {f"x{place}": numpy.ascontiguousarray(data[:, place]) for place in range(data.shape[1])}
    outputs = dict(zip(names, runtime.run(None, given)))
    worst = compare(name, predictions(lockstep, folder, "new.csv"), outputs)
    print(f"{name:20} predictions differ by {worst:.1e} (at most {TOLERANCE:.0e})")


def check_refusal(lockstep, name, folder):
    """What has no form in ONNX is named, and nothing is written."""
    case = tables.REFUSED[name]()
    case.write(folder)
    run(lockstep, folder, "train", "case.yaml", "--quiet", "--output", "runs/case")
    line = run(lockstep, folder, "export", "runs/case", "--onnx", "case.onnx", expected=(69,)).strip()
    if "\n" in line or case.refused not in line:
        fail(f"{name}: expected a line that names {case.refused}, found {line}")
    if list(folder.glob("case.onnx*")):
        fail(f"{name}: a refused export left a file")
    print(f"{name:20} is refused: {line}")


def main():
    lockstep = pathlib.Path(sys.argv[1]).resolve()
    checks = [(check_table, tables.CASES), (check_network, networks.CASES), (check_refusal, tables.REFUSED)]
    known = {name: check for check, cases in checks for name in cases}
    for name in sys.argv[2:] or known:
        if name not in known:
            fail(f"no case {name}; there are {', '.join(known)}")
        with tempfile.TemporaryDirectory() as folder:
            known[name](lockstep, name, pathlib.Path(folder))


main()
