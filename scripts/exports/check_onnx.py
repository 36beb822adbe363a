"""Exports models to ONNX, and compares what onnxruntime makes of raw rows with what Lockstep makes of them.

check_onnx.py LOCKSTEP [CASE…]; see scripts/check-onnx.
"""

import numpy
import onnx
import onnxruntime

import networks
import tables
from common import TOLERANCE, compare, fail, main, predictions, run, same_bits


def session(path, *extra):
    """Of a file, with values inside of the graph given out too."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    for name, kind in extra:
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, kind, None))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def check_table(lockstep, name, folder):
    case = tables.CASES[name]()
    case.write(folder)
    run(lockstep, folder, "train", "case.yaml", "--quiet", "--output", "runs/case")
    run(lockstep, folder, "export", "runs/case", "--onnx", "case.onnx")
    runtime = session(folder / "case.onnx", ("features", onnx.TensorProto.FLOAT))
    names = [output.name for output in runtime.get_outputs()]
    outputs = dict(zip(names, runtime.run(None, case.inputs())))
    features = outputs.pop("features")
    same_bits(name, case, folder, features)
    # A control: that another number is seen.
    changed = case.inputs(disturbed=True)
    if numpy.array_equal(runtime.run(["features"], changed)[0], features):
        fail(f"{name}: another raw value makes no other feature")
    worst = compare(name, predictions(lockstep, folder, "case.csv"), outputs)
    print(f"{name:20} {features.size:6} features have the same bits, predictions differ by {worst:.1e}")


def check_network(lockstep, name, folder):
    given, _, new = networks.write(folder, name)
    run(lockstep, folder, "train", "case.yaml", "--quiet", "--output", "runs/case")
    run(lockstep, folder, "export", "runs/case", "--onnx", "case.onnx")
    runtime = session(folder / "case.onnx")
    names = [output.name for output in runtime.get_outputs()]
    outputs = dict(zip(names, runtime.run(None, given)))
    worst = compare(name, predictions(lockstep, folder, new), outputs)
    print(f"{name:20} predictions differ by {worst:.1e} (at most {TOLERANCE:.0e})")


# Of probabilities: a number that lies between two bytes may go to either, as what comes before has other last bits. A wrong step or
# zero is off by tenths.
INTEGER_TOLERANCE = 0.08


def check_integers(lockstep, name, folder):
    """Whole numbers of 8 bits: onnxruntime computes with them, and comes to what Lockstep comes to."""
    given, _, new = networks.write(folder, name.removesuffix("-int8"))
    run(lockstep, folder, "train", "case.yaml", "--quiet", "--output", "runs/case")
    run(lockstep, folder, "quantise", "runs/case")
    run(lockstep, folder, "export", "runs/case", "--int8", "--onnx", "case.onnx")
    kinds = {tensor.data_type for tensor in onnx.load(folder / "case.onnx").graph.initializer}
    if onnx.TensorProto.INT8 not in kinds:
        fail(f"{name}: no weights of 8 bits")
    runtime = session(folder / "case.onnx")
    names = [output.name for output in runtime.get_outputs()]
    outputs = dict(zip(names, runtime.run(None, given)))
    worst = compare(name, predictions(lockstep, folder, new, "--int8"), outputs, INTEGER_TOLERANCE, 1 / 20)
    # A control: that rounding is seen.
    if predictions(lockstep, folder, new) == predictions(lockstep, folder, new, "--int8"):
        fail(f"{name}: nothing was rounded")
    print(f"{name:20} predictions differ by {worst:.1e} (at most {INTEGER_TOLERANCE:.0e})")


INTEGER_CASES = [f"{name}-int8" for name in (
    "dropout-norms", "convolutions", "positions", "pictures", "attention", "tokens", "padded", "padded-rotary", "memory", "tied",
)]  # fmt: skip


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


main((check_table, tables.CASES), (check_network, networks.CASES), (check_integers, INTEGER_CASES), (check_refusal, tables.REFUSED))
