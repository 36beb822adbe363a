#!/usr/bin/env python3
"""Writes pictures.json beside this script: what PyTorch computes with more layers of pictures and sequences.

    python3 -m venv venv && venv/bin/pip install torch numpy
    venv/bin/python Tests/Goldens/make-picture-goldens.py

PyTorch computes in double, from inputs that are floats: what Lockstep's results are off by is then its own rounding alone. The file in
the repository was made with PyTorch 2.15. Layers are written as a configuration has them. Samples of rank 3 are height x width x
channels there, and channels x height x width here; sequences are positions x channels in both.
"""

import json
import math
import pathlib

import numpy
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
HERE = pathlib.Path(__file__).parent


def floats(generator, *shape, limit=1.0):
    """Uniform numbers in ±limit that are floats exactly."""
    return torch.tensor(generator.uniform(-limit, limit, shape).astype(numpy.float32).astype(numpy.float64))


def pair(value):
    return tuple(value) if isinstance(value, list) else (value, value)


class Flatten(nn.Module):
    """Channels last, as Lockstep has them in memory."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1) if x.dim() == 4 else x.flatten(1)


def turned(kind):
    """A class of modules of N x C x T, for N x T x C."""

    class Turned(kind):
        def forward(self, x):
            return super().forward(x.transpose(1, 2)).transpose(1, 2)

    return Turned


class Padded1d(nn.Conv1d):
    """Of N x T x C, with so many zeros before and behind."""

    def forward(self, x):
        total = self.ahead
        return super().forward(nn.functional.pad(x.transpose(1, 2), total(x.shape[1]))).transpose(1, 2)


class OverChannels(nn.RMSNorm):
    """Of N x C x H x W, the channels of each pixel."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2) if x.dim() == 4 else super().forward(x)


class Global(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x, (2, 3) if x.dim() == 4 else (1,))


class Branches(nn.ModuleList):
    """Branches on the same input, joined; one alone that has layers names its parameters without its number."""

    def __init__(self, join, branches):
        branches = [nn.Sequential(*modules) for modules in branches]
        super().__init__()
        self.join, self.all = join, branches
        filled = [branch for branch in branches if len(branch)]
        for number, module in enumerate(filled[0] if len(filled) == 1 else branches):
            self.add_module(str(number), module)

    def forward(self, x):
        outputs = [branch(x) for branch in self.all]
        if self.join == "concatenate":
            return torch.cat(outputs, 1 if outputs[0].dim() == 4 else -1)
        rank = max(output.dim() for output in outputs)
        y = None
        for output in outputs:
            if output.dim() == 2 and rank == 4:
                output = output[:, :, None, None]
            if output.dim() == 2 and rank == 3:
                output = output[:, None]
            y = output if y is None else y * output if self.join == "multiply" else y + output
        return y



def module(layer, channels, rank):
    """The module of a layer, the channels that it gives, and the rank of its samples."""
    (kind, options), = layer.items() if isinstance(layer, dict) else ((layer, {}),)
    plain = {
        "relu": nn.ReLU, "relu6": nn.ReLU6, "hard-sigmoid": nn.Hardsigmoid, "hard-swish": nn.Hardswish, "mish": nn.Mish,
        "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "silu": nn.SiLU,
    }  # fmt: skip
    if kind in plain:
        return plain[kind](), channels, rank
    if kind == "elu":
        return nn.ELU(options.get("alpha", 1)), channels, rank
    if kind == "softplus":
        return nn.Softplus(options.get("beta", 1)), channels, rank
    if kind == "prelu":
        count = channels if options.get("per-channel") else 1
        return (turned(nn.PReLU) if rank == 2 else nn.PReLU)(count), channels, rank
    if kind == "rms-norm":
        return OverChannels(channels, eps=options.get("epsilon", 1e-6)), channels, rank
    if kind == "group-norm":
        norm = turned(nn.GroupNorm) if rank == 2 else nn.GroupNorm
        return norm(options["groups"], channels, eps=options.get("epsilon", 1e-5)), channels, rank
    if kind == "flatten":
        return Flatten(), None, 1
    if kind == "dense":
        return nn.LazyLinear(options["units"], bias=options.get("bias", True)), options["units"], rank
    if kind == "swiglu":
        gate = nn.LazyLinear(options["units"], bias=options.get("bias", False))
        plain = nn.LazyLinear(options["units"], bias=options.get("bias", False))
        return Branches("multiply", [[gate, nn.SiLU()], [plain]]), options["units"], rank
    if kind in ("convolution", "transposed-convolution"):
        kernel, stride, padding, dilation = [
            pair(options.get(key, value)) for key, value in (("kernel", 3), ("stride", 1), ("padding", 0), ("dilation", 1))
        ]
        more = dict(groups=options.get("groups", 1), bias=options.get("bias", True), dilation=dilation)
        if kind == "convolution":
            return nn.Conv2d(channels, options["channels"], kernel, stride, padding, **more), options["channels"], rank
        over = pair(options.get("output-padding", 0))
        made = nn.ConvTranspose2d(channels, options["channels"], kernel, stride, padding, over, **more)
        return made, options["channels"], rank
    if kind == "convolution-1d":
        kernel, stride, dilation = options.get("kernel", 3), options.get("stride", 1), options.get("dilation", 1)
        made = Padded1d(
            channels, options["channels"], kernel, stride, dilation=dilation, groups=options.get("groups", 1),
            bias=options.get("bias", True),
        )  # fmt: skip
        padding, reach = options.get("padding", 0), (kernel - 1) * dilation + 1

        def ahead(T):
            if padding == "causal":
                return reach - 1, 0
            if padding == "same":
                total = max(0, (-(-T // stride) - 1) * stride + reach - T)
                return total // 2, total - total // 2
            return padding, padding

        made.ahead = ahead
        return made, options["channels"], rank
    if kind == "transposed-convolution-1d":
        made = turned(nn.ConvTranspose1d)(
            channels, options["channels"], options.get("kernel", 3), options.get("stride", 1), options.get("padding", 0),
            options.get("output-padding", 0), options.get("groups", 1), options.get("bias", True),
            options.get("dilation", 1),
        )  # fmt: skip
        return made, options["channels"], rank
    if kind in ("max-pool-1d", "average-pool-1d"):
        settings = options["size"], options.get("stride", options["size"]), options.get("padding", 0)
        if kind == "max-pool-1d":
            return turned(nn.MaxPool1d)(*settings), channels, rank
        counts = options.get("count-include-pad", True)
        return turned(nn.AvgPool1d)(*settings, count_include_pad=counts), channels, rank
    if kind == "average-pool":
        settings = [pair(options.get(key, value)) for key, value in (("size", 0), ("stride", options["size"]), ("padding", 0))]
        counts = options.get("count-include-pad", True)
        return nn.AvgPool2d(*settings, count_include_pad=counts), channels, rank
    if kind in ("adaptive-average-pool", "adaptive-max-pool"):
        name = "Avg" if "average" in kind else "Max"
        if rank == 2:
            return turned(getattr(nn, f"Adaptive{name}Pool1d"))(options["size"]), channels, rank
        return getattr(nn, f"Adaptive{name}Pool2d")(pair(options["size"])), channels, rank
    if kind in ("global-average-pool", "global-max-pool"):
        return Global(torch.mean if "average" in kind else torch.amax), channels, 1
    if kind == "parallel":
        made = [modules(branch, channels, rank) for branch in options["branches"]]
        joined = max(made, key=lambda branch: branch[2])
        join = options.get("join", "concatenate")
        width = sum(branch[1] for branch in made) if join == "concatenate" else joined[1]
        return Branches(join, [branch[0] for branch in made]), width, joined[2]
    if kind == "residual":
        made = modules(options["body"], channels, rank)
        return Branches("add", [made[0], []]), made[1], rank
    raise ValueError(kind)


def modules(layers, channels, rank):
    made = []
    for layer in layers:
        own, channels, rank = module(layer, channels, rank)
        made.append(own)
    return made, channels, rank


def case(name, shape, *layers, batch=3):
    layers = list(layers)
    generator = numpy.random.default_rng(int.from_bytes(name.encode()[-8:], "big"))
    model = nn.Sequential(*modules(layers, shape[-1], len(shape))[0])
    x = floats(generator, batch, *shape)
    given = x.permute(0, 3, 1, 2) if len(shape) == 3 else x
    model(given)  # makes the lazy ones
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for tensor in parameters.values():
            fan = math.prod(tensor.shape[1:]) if tensor.dim() > 1 else 4
            tensor.copy_(floats(generator, *tensor.shape, limit=1.5 * fan**-0.5))
    outputs = model(given)
    classes = torch.tensor(generator.integers(0, outputs.shape[1], batch))
    total = nn.functional.cross_entropy(outputs, classes, reduction="sum")
    model.zero_grad()
    total.backward()
    return {
        "name": name, "shape": list(shape), "layers": json.dumps(layers), "microBatch": batch, "input": x,
        "classes": classes, "parameters": parameters, "outputs": outputs, "lossSum": total,
        "gradients": {name: tensor.grad for name, tensor in parameters.items()},
    }  # fmt: skip


def cases():
    d = lambda units: {"dense": {"units": units}}
    c = lambda channels, **options: {"convolution": {"channels": channels, **options}}
    line = lambda channels, **options: {"convolution-1d": {"channels": channels, **options}}
    up = lambda channels, **options: {"transposed-convolution": {"channels": channels, **options}}
    up_line = lambda channels, **options: {"transposed-convolution-1d": {"channels": channels, **options}}
    end = ["flatten", d(3)]
    excitation = lambda *layers: {"parallel": {"join": "multiply", "branches": [[], list(layers)]}}
    dash = lambda **options: {key.replace("_", "-"): value for key, value in options.items()}
    return [
        *(case(kind, (5,), d(9), kind, d(8), kind, d(3)) for kind in ("relu6", "hard-sigmoid", "hard-swish", "mish")),
        case("elu", (5,), d(9), "elu", d(8), {"elu": {"alpha": 0.5}}, d(3)),
        case("softplus", (5,), d(9), "softplus", d(8), {"softplus": {"beta": 3}}, d(3)),
        case("prelu", (5,), d(9), "prelu", d(8), {"prelu": dash(per_channel=True)}, d(3)),
        case("prelu of pictures", (4, 5, 2), c(5), {"prelu": dash(per_channel=True)}, *end),
        case("prelu of sequences", (4, 5), {"prelu": dash(per_channel=True)}, line(3, kernel=2), "prelu", *end),
        case("rms norm", (6, 5), d(7), "rms-norm", d(4), {"rms-norm": {"epsilon": 0.1}}, *end),
        case("rms norm of pixels", (3, 4, 5), c(6, kernel=2), {"rms-norm": {"epsilon": 0.01}}, *end),
        case("group norm", (5, 4, 3), c(6, kernel=2), {"group-norm": {"groups": 3}}, "tanh", *end),
        case("group norm of sequences", (6, 4), {"group-norm": {"groups": 2, "epsilon": 0.1}}, line(6), {"group-norm": {"groups": 6}}, *end),
        case("group norm of rows", (5,), d(8), {"group-norm": {"groups": 2}}, "tanh", d(3)),
        case("swiglu", (4, 6), "rms-norm", {"swiglu": {"units": 16}}, {"dense": {"units": 6, "bias": False}}, *end),
        case("swiglu with biases", (6,), {"swiglu": {"units": 16, "bias": True}}, d(3)),
        case("convolution-1d", (9, 4), line(6, stride=2, padding=1, groups=2), "tanh", line(5, dilation=2, bias=False), *end),
        case("same and causal", (8, 3), line(5, kernel=4, padding="same"), "tanh", line(4, kernel=3, dilation=2, padding="causal"), "tanh", line(4, kernel=3, stride=2, padding="same"), *end),
        case("pools of sequences", (9, 3), line(5, padding=1), {"max-pool-1d": {"size": 2}}, {"average-pool-1d": dash(size=3, stride=1, padding=1, count_include_pad=False)}, {"average-pool-1d": dash(size=3, stride=2, padding=1)}, *end),
        case("global pools", (6, 5, 2), c(4), {"parallel": {"branches": [["global-average-pool"], ["global-max-pool"]]}}, d(3)),
        case("global pools of sequences", (7, 3), line(4), {"parallel": {"branches": [["global-average-pool"], ["global-max-pool"]]}}, d(3)),
        case("adaptive pools", (8, 7, 2), c(4), {"parallel": {"branches": [[{"adaptive-average-pool": {"size": [4, 3]}}], [{"adaptive-max-pool": {"size": [4, 3]}}]]}}, {"adaptive-average-pool": {"size": 5}}, *end),
        case("adaptive pools of sequences", (10, 3), line(4), {"parallel": {"branches": [[{"adaptive-average-pool": {"size": 3}}], [{"adaptive-max-pool": {"size": 3}}]]}}, *end),
        case("without padding", (6, 7, 2), c(4, padding=1), {"average-pool": dash(size=3, stride=2, padding=1, count_include_pad=False)}, *end),
        case("transposed", (4, 3, 3), up(5, kernel=3, stride=2, padding=1), "tanh", up(4, kernel=2), *end),
        case("transposed, all settings", (4, 5, 4), c(4, kernel=1), up(6, **dash(kernel=[3, 2], stride=[2, 3], padding=[1, 0], output_padding=[1, 2], dilation=[2, 1], groups=2, bias=False)), *end),
        case("transposed-1d", (6, 3), line(4, kernel=1), up_line(5, **dash(kernel=4, stride=3, padding=1, output_padding=2)), "tanh", up_line(2, dilation=2), *end),
        case("squeeze and excitation", (6, 5, 3), c(8), "hard-swish", excitation("global-average-pool", d(4), "relu", d(8), "hard-sigmoid"), *end),
        case("a block of MobileNetV3", (6, 6, 4), {"residual": {"body": [
            c(12, kernel=1, bias=False), {"group-norm": {"groups": 4}}, "hard-swish", c(12, kernel=5, padding=2, groups=12, bias=False),
            "relu6", excitation({"adaptive-average-pool": {"size": 1}}, c(4, kernel=1), "relu", c(12, kernel=1), "hard-sigmoid"),
            c(4, kernel=1, bias=False),
        ]}}, "global-average-pool", d(3)),
    ]  # fmt: skip


def plain(value):
    """Tensors as flat lists; nine digits name every float."""
    if isinstance(value, torch.Tensor):
        value = value.detach()
        return plain(value.flatten().tolist() if value.dim() > 0 else value.item())
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def main():
    lines = ",\n".join(json.dumps(plain(each)) for each in cases())
    (HERE / "pictures.json").write_text(f"[\n{lines}\n]\n")
    print((HERE / "pictures.json").stat().st_size, "bytes")


main()
