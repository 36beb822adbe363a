#!/usr/bin/env python3
"""Writes the files of weights/ beside this script: tensors as PyTorch and ONNX keep them, and pickles that do more.

    python3 -m venv venv && venv/bin/pip install torch numpy safetensors onnx
    venv/bin/python Tests/Goldens/make-weights.py pytorch
    venv/bin/python Tests/Goldens/make-weights.py onnx       # of what the first one wrote
    python3 Tests/Goldens/make-weights.py odd                # by hand

The files in the repository were made with PyTorch 2.13, safetensors 0.7 and onnx 1.23.2. `weights.json` has the numbers.
"""

import json
import pathlib
import pickle
import sys

HERE = pathlib.Path(__file__).parent / "weights"


def listed(tensors):
    return [
        {"name": name, "shape": list(t.shape), "type": str(t.dtype).removeprefix("torch."),
         "values": [float(v) for v in t.detach().double().flatten()]}
        for name, t in tensors.items()
    ]  # fmt: skip


def pytorch():
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(5)
    HERE.mkdir(exist_ok=True)
    two_class = torch.nn.Sequential(torch.nn.Linear(2, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2))
    state = {name: tensor.clone() for name, tensor in two_class.state_dict().items()}
    torch.save(state, HERE / "two-class.pth")
    torch.save(state, HERE / "two-class-legacy.pth", _use_new_zipfile_serialization=False)
    named = {f"model.layers.{name}": tensor for name, tensor in state.items()}
    optimizer = torch.optim.Adam(two_class.parameters())
    two_class(torch.randn(4, 2)).square().sum().backward()
    optimizer.step()
    optimizer.zero_grad()
    torch.save(
        {"epoch": 3, "loss": 0.25, "optimizer": optimizer.state_dict(), "state_dict": named}, HERE / "training.ckpt"
    )
    save_file(state, HERE / "two-class.safetensors")
    matrix = torch.arange(12, dtype=torch.float32).reshape(3, 4) / 8
    types = {
        "half": torch.tensor([1.5, -0.0, 6e-8, 65504.0, 6.1e-5], dtype=torch.float16),
        "brain": torch.tensor([1.5, -3e38, 1e-38], dtype=torch.bfloat16),
        "double": torch.tensor([0.1, 1e-300, -7.25], dtype=torch.float64),
        "turned": matrix.T, "part": matrix[1:, ::2], "scalar": torch.tensor(3.0), "empty": torch.zeros(0, 4),
        "count": torch.tensor(7), "matrix": matrix, "parameter": torch.nn.Parameter(torch.ones(2)),
    }  # fmt: skip
    torch.save(types, HERE / "types.pth")
    torch.save(types, HERE / "types-legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(two_class, HERE / "module.pth")
    torch.save({"0.weight": torch.full((2, 2), float("nan"))}, HERE / "nan.pth")

    class Evil:
        def __reduce__(self):
            import os

            return (os.system, ("touch /tmp/lockstep-was-here",))

    torch.save({"0.weight": torch.ones(2), "x": Evil()}, HERE / "evil.pth")
    (HERE / "weights.json").write_text(
        json.dumps({"two-class": listed(state), "types": listed(types)}, indent=1) + "\n"
    )


def onnx():
    import numpy
    from onnx import TensorProto, helper, numpy_helper, save_model

    tensors = json.loads((HERE / "weights.json").read_text())["two-class"]
    arrays = {t["name"]: numpy.array(t["values"], numpy.float32).reshape(t["shape"]) for t in tensors}
    ends = [
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 2])] for name in ("x", "y")
    ]

    def save(name, nodes, initialisers, **options):
        graph = helper.make_graph(nodes, name, *ends, initialisers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        save_model(model, HERE / f"{name}.onnx", **options)

    def gemm(place, x, y, transposed):
        factors = [x, f"{place}.weight", f"{place}.bias"]
        return helper.make_node("Gemm", factors, [y], **({"transB": 1} if transposed else {}))

    raw = {name: numpy_helper.from_array(array, name) for name, array in arrays.items()}
    relu = helper.make_node("Relu", ["h"], ["r"])
    save("gemm", [gemm(0, "x", "h", True), relu, gemm(2, "r", "y", True)], list(raw.values()))
    # As lists of numbers, of float16 among them; and the other way round, in a file beside it.
    first = arrays["0.weight"]
    half = helper.make_tensor("0.bias", TensorProto.FLOAT16, [16], arrays["0.bias"].astype(numpy.float16))
    listed = helper.make_tensor("0.weight", TensorProto.FLOAT, first.T.shape, first.T.flatten())
    double = helper.make_tensor("2.bias", TensorProto.DOUBLE, [2], arrays["2.bias"].astype(numpy.float64))
    turned = numpy_helper.from_array(numpy.ascontiguousarray(arrays["2.weight"].T), "2.weight")
    nodes = [
        helper.make_node("MatMul", ["x", "0.weight"], ["m"]), helper.make_node("Add", ["m", "0.bias"], ["h"]), relu,
        gemm(2, "r", "y", False),
    ]  # fmt: skip
    save(
        "matmul", nodes, [listed, half, turned, double], save_as_external_data=True, location="matmul.data",
        size_threshold=64,
    )  # fmt: skip


def odd():
    """Archives of one tensor `w` that PyTorch would not write: numbers whose products and sums no integer holds, and names without end."""
    import zipfile

    def text(word):
        return b"X" + len(word).to_bytes(4, "little") + word.encode()

    def number(value):
        return b"\x8a\x08" + value.to_bytes(8, "little")

    def pair(*parts):
        return b"(" + b"".join(parts) + b"t"

    def name(module, word):
        return f"c{module}\n{word}\n".encode()

    def save(file, count, offset, sizes, strides, key="w"):
        storage = pair(text("storage"), name("torch", "FloatStorage"), text("0"), text("cpu"), number(count)) + b"Q"
        view = pair(storage, number(offset), pair(*map(number, sizes)), pair(*map(number, strides)))
        pickled = b"\x80\x02}(" + text(key) + name("torch._utils", "_rebuild_tensor_v2") + view + b"Ru."
        with zipfile.ZipFile(HERE / file, "w") as archive:
            for member, content in (("m/data.pkl", pickled), ("m/data/0", bytes(16))):
                # A date of its own would make other bytes each time.
                archive.writestr(zipfile.ZipInfo(member), content)

    most = 2**63 - 1
    save("odd-extents.pth", 4, 0, [0, 2**40, 2**40], [1, 1, 1])
    save("odd-stride.pth", most, most - 1, [2], [most - 1])
    save("odd-offset.pth", 4, most, [0], [1])
    save("odd-name.pth", 4, 0, [4], [1], key="n" * 5000)
    save("expanded.pth", 4, 0, [3, 4], [0, 1])


{"pytorch": pytorch, "onnx": onnx, "odd": odd}[sys.argv[1]]()
