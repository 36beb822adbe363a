"""Exports models for PyTorch, and compares what the modules make of raw rows with what Lockstep makes of them.

check_pytorch.py LOCKSTEP [CASE…]; see scripts/check-pytorch.
"""

import importlib.util

import networks
import tables
from common import TOLERANCE, compare, fail, main, predictions, run, same_bits


def export(lockstep, folder):
    """Trains the case, and imports the modules of its export."""
    run(lockstep, folder, "train", "case.yaml", "--quiet", "--output", "runs/case")
    run(lockstep, folder, "export", "runs/case", "--pytorch", "case")
    modules = []
    for name in ("model", "transform"):
        if (folder / "case" / f"{name}.py").exists():
            spec = importlib.util.spec_from_file_location(name, folder / "case" / f"{name}.py")
            modules.append(importlib.util.module_from_spec(spec))
            spec.loader.exec_module(modules[-1])
    return modules


def check_table(lockstep, name, folder):
    case = (tables.CASES | tables.REFUSED)[name]()
    case.write(folder)
    model, transform = export(lockstep, folder)
    features = transform.features(case.columns)
    same_bits(name, case, folder, features)
    network = model.load()
    worst = compare(name, predictions(lockstep, folder, "case.csv"), texts(model.predict(features, network)))
    print(f"{name:20} {features.size:6} features have the same bits, predictions differ by {worst:.1e}")


def check_network(lockstep, name, folder):
    _, inputs, new = networks.write(folder, name)
    (model,) = export(lockstep, folder)
    # Tokens stay as they are.
    if (folder / "case" / "standardisation.safetensors").exists():
        inputs = model.transformed(inputs)
    outputs = texts(model.predict(inputs))
    worst = compare(name, predictions(lockstep, folder, new), outputs)
    # A control: that another order of parameters is seen.
    network = model.load()
    matrix = next(parameter for parameter in network.parameters() if parameter.dim() > 1)
    matrix.data.copy_(matrix.data.flip(0))
    wrong = texts(model.predict(inputs, network))
    if all((abs(wrong[key] - outputs[key]) <= 10 * TOLERANCE).all() for key in outputs if outputs[key].dtype != object):
        fail(f"{name}: a wrong order of parameters would not be seen")
    print(f"{name:20} predictions differ by {worst:.1e} (at most {TOLERANCE:.0e})")


def texts(columns):
    """Lists of texts as arrays of them."""
    return {name: tables.words(values) if isinstance(values, list) else values for name, values in columns.items()}


main((check_table, tables.CASES | tables.REFUSED), (check_network, networks.CASES))
