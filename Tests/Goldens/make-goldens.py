#!/usr/bin/env python3
"""Writes the golden files beside this script: what PyTorch computes from the same inputs.

    python3 -m venv venv && venv/bin/pip install torch numpy
    venv/bin/python Tests/Goldens/make-goldens.py

PyTorch computes in double, from inputs that are floats: what Lockstep's results are off by is then its own rounding
alone. The files in the repository were made with PyTorch 2.15. Random numbers and the order of samples are computed
here by a Philox and a Feistel network of this script's own, so that Lockstep's are checked against a second writing.
"""

import json
import math
import pathlib

import numpy
import torch

torch.set_default_dtype(torch.float64)
HERE = pathlib.Path(__file__).parent
MASK = 0xFFFFFFFF


# Random numbers ---------------------------------------------------------------------------------------------------------


def philox(key, counter):
    """Philox 4x32-10 (Salmon et al., SC 2011)."""
    (k0, k1), (x, y, z, w) = key, counter
    for _ in range(10):
        a, b = x * 0xD2511F53, z * 0xCD9E8D57
        x, y, z, w = (b >> 32) ^ y ^ k0, b & MASK, (a >> 32) ^ w ^ k1, a & MASK
        k0, k1 = (k0 + 0x9E3779B9) & MASK, (k1 + 0xBB67AE85) & MASK
    return x, y, z, w


def key_of(seed, purpose):
    return philox((seed & MASK, seed >> 32), (purpose, 0, 0, 0x4C6F636B))[:2]


ORDER, DROPOUT = 2, 3


def epoch_order(count, seed, epoch):
    """The samples of an epoch: a Feistel network of six rounds, walked until it lands inside."""
    key = key_of(seed, ORDER)
    half = (max(2, (count - 1).bit_length()) + 1) // 2
    mask = (1 << half) - 1

    def encrypt(value):
        left, right = value >> half, value & mask
        for number in range(6):
            left, right = right, left ^ (philox(key, (right, number, epoch, 0))[0] & mask)
        return left << half | right

    order = []
    for value in range(count):
        value = encrypt(value)
        while value >= count:
            value = encrypt(value)
        order.append(value)
    return order


def dropout_mask(seed, rate, layer, first_position, step, rows, width):
    key = key_of(seed, DROPOUT)
    threshold = round((1 - rate) * 2**32)
    words = [
        [philox(key, (e // 4, layer, first_position + row, step))[e % 4] for e in range(width)] for row in range(rows)
    ]
    return torch.tensor([[float(w < threshold) / (1 - rate) for w in row] for row in words])


def floats(generator, *shape, limit=1.0):
    """Uniform numbers in ±limit that are floats exactly."""
    return torch.tensor(generator.uniform(-limit, limit, shape).astype(numpy.float32).astype(numpy.float64))


# Layers -----------------------------------------------------------------------------------------------------------------

SEED, STEP, POSITION = 11, 3, 10


def forward(layers, x, parameters):
    for index, (kind, *arguments) in enumerate(layers):
        if kind == "dense":
            x = torch.nn.functional.linear(x, parameters[f"{index}.weight"], parameters.get(f"{index}.bias"))
        elif kind == "dropout":
            x = x * dropout_mask(SEED, arguments[0], index, POSITION, STEP, x.shape[0], x[0].numel())
        elif kind == "flatten":
            x = x.flatten(1)
        else:
            x = getattr(torch, kind)(x)
    return x


def loss_sum(loss, outputs, targets, valid):
    """The sum over the first `valid` samples; a sample's loss is the mean over its outputs."""
    outputs, targets = outputs[:valid], targets[:valid]
    if loss == "cross-entropy":
        return torch.nn.functional.cross_entropy(outputs, targets, reduction="sum")
    function = {
        "binary-cross-entropy": torch.nn.functional.binary_cross_entropy_with_logits,
        "mean-squared-error": torch.nn.functional.mse_loss,
    }[loss]
    return function(outputs, targets, reduction="none").mean(1).sum()


def layer_case(name, shape, layers, loss, batch=4, valid=None):
    generator = numpy.random.default_rng(abs(hash_of(name)))
    valid = batch if valid is None else valid
    parameters, width = {}, math.prod(shape)
    for index, (kind, *arguments) in enumerate(layers):
        if kind == "dense":
            units, has_bias = arguments
            parameters[f"{index}.weight"] = floats(generator, units, width, limit=0.7)
            if has_bias:
                parameters[f"{index}.bias"] = floats(generator, units, limit=0.5)
            width = units
    for tensor in parameters.values():
        tensor.requires_grad_()
    x = floats(generator, batch, *shape)
    if loss == "cross-entropy":
        targets = torch.tensor(generator.integers(0, width, batch))
    else:
        targets = (floats(generator, batch, width, limit=0.5) + 0.5).float().double()
    outputs = forward(layers, x, parameters)
    total = loss_sum(loss, outputs, targets, valid)
    total.backward()
    return {
        "name": name, "shape": list(shape), "layers": [layer_record(*layer) for layer in layers], "loss": loss,
        "microBatch": batch, "valid": valid, "seed": SEED, "step": STEP, "firstPosition": POSITION, "input": x,
        "targets": targets, "parameters": parameters, "outputs": outputs, "lossSum": total,
        "gradients": {name: tensor.grad for name, tensor in parameters.items()},
    }  # fmt: skip


def layer_record(kind, *arguments):
    names = {"dense": ("units", "bias"), "dropout": ("rate",)}.get(kind, ())
    return {"kind": kind, **dict(zip(names, arguments))}


def hash_of(text):
    """Python's own hash differs from run to run."""
    return int.from_bytes(text.encode()[:8], "big")


def layer_cases():
    d = lambda units, bias=True: ("dense", units, bias)
    losses = ["cross-entropy", "binary-cross-entropy", "mean-squared-error"]
    cases = []
    for loss in losses:
        cases += [
            layer_case(f"dense {loss}", (5,), [d(3)], loss),
            layer_case(f"no bias {loss}", (5,), [d(6, False), d(3, False)], loss),
            layer_case(f"absent {loss}", (5,), [d(6), ("tanh",), d(3)], loss, valid=2),
        ]
    for kind in ["relu", "sigmoid", "tanh"]:
        cases.append(layer_case(kind, (5,), [d(6), (kind,), d(3)], "cross-entropy"))
    cases.append(layer_case("flatten", (2, 3, 1), [("flatten",), d(3)], "cross-entropy"))
    cases.append(layer_case("dropout", (5,), [d(70), ("dropout", 0.4), d(3)], "cross-entropy"))
    deep = [
        ("flatten",), ("dropout", 0.25), d(9), ("relu",), ("dropout", 0.5), d(8, False), ("tanh",), d(7), ("sigmoid",),
        d(4),
    ]  # fmt: skip
    cases.append(layer_case("deep", (2, 3, 2), deep, "cross-entropy", batch=6, valid=5))
    return cases


# Optimizers and schedules -----------------------------------------------------------------------------------------------


def optimizer_case(kind, **options):
    generator = numpy.random.default_rng(7)
    parameter = floats(generator, 21)
    gradients = [floats(generator, 21) * 10.0**-k for k in (0, 0, 1, 2, 0)]
    gradients = [g.float().double() for g in gradients]
    case = {"kind": kind, "rate": 0.05, "initial": parameter.clone(), "gradients": gradients, **options}
    names = {"weightDecay": "weight_decay", "epsilon": "eps"}
    arguments = {names.get(k, k): v for k, v in options.items()}
    if kind != "sgd" and "beta1" in arguments:
        arguments["betas"] = (arguments.pop("beta1"), arguments.pop("beta2"))
    parameter = torch.nn.Parameter(parameter)
    optimizer = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[kind](
        [parameter], lr=0.05, **arguments
    )
    case["after"] = []
    for gradient in gradients:
        parameter.grad = gradient.clone()
        optimizer.step()
        case["after"].append(parameter.detach().clone())
    return case


def optimizer_cases():
    return [
        optimizer_case("sgd"),
        optimizer_case("sgd", weightDecay=0.1),
        optimizer_case("sgd", momentum=0.9),
        optimizer_case("sgd", momentum=0.9, weightDecay=0.1),
        optimizer_case("sgd", momentum=0.9, nesterov=True),
        optimizer_case("sgd", momentum=0.8, nesterov=True, weightDecay=0.1),
        optimizer_case("adam"),
        optimizer_case("adam", weightDecay=0.1),
        optimizer_case("adam", beta1=0.8, beta2=0.95, epsilon=1e-3, weightDecay=0.0),
        optimizer_case("adamw", weightDecay=0.01),
        optimizer_case("adamw", weightDecay=0.5),
    ]


def schedule_case(shape, steps, warmup, make, **options):
    """The rates of a run of `steps` steps; `make` gets the optimizer and the steps after the warm-up."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.3)
    schedulers = torch.optim.lr_scheduler
    scheduler = make(schedulers, optimizer, steps - warmup)
    if warmup > 0:
        start = schedulers.LinearLR(optimizer, start_factor=1 / warmup, end_factor=1, total_iters=warmup - 1)
        scheduler = schedulers.SequentialLR(optimizer, [start, scheduler], milestones=[warmup])
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return {"shape": shape, "steps": steps, "warmup": warmup, "rate": 0.3, "rates": rates, **options}


def schedule_cases():
    cases = []
    for warmup in (0, 4):
        cases += [
            schedule_case("constant", 12, warmup, lambda s, o, n: s.ConstantLR(o, factor=1)),
            schedule_case("step", 20, warmup, lambda s, o, n: s.StepLR(o, 3, 0.5), every=3, factor=0.5),
            schedule_case(
                "cosine", 25, warmup, lambda s, o, n: s.CosineAnnealingLR(o, n - 1, 0.01), minimum=0.01
            ),
            schedule_case(
                "linear", 25, warmup,
                lambda s, o, n: s.LinearLR(o, start_factor=1, end_factor=0.01 / 0.3, total_iters=n - 1), minimum=0.01,
            ),
        ]  # fmt: skip
    return cases


# Runs -------------------------------------------------------------------------------------------------------------------

SAMPLES, FEATURES, CLASSES, BATCH, STEPS, RUN_SEED = 60, 12, 5, 24, 10, 2024


def run_case(name, rate, make_optimizer, rates=None):
    """An MLP 12-16-8-5 from given weights, in batches of 24; the last of an epoch has 12."""
    generator = numpy.random.default_rng(2024)
    data, test = floats(generator, SAMPLES, FEATURES, limit=2), floats(generator, 7, FEATURES, limit=2)
    classes = torch.tensor(generator.integers(0, CLASSES, SAMPLES))
    parameters = {}
    for index, inputs, units in [(0, 12, 16), (2, 16, 8), (4, 8, 5)]:
        parameters[f"{index}.weight"] = floats(generator, units, inputs, limit=inputs**-0.5)
        parameters[f"{index}.bias"] = floats(generator, units, limit=0.1)
    initial = {name: tensor.clone() for name, tensor in parameters.items()}
    layers = [("dense", 16, True), ("relu",), ("dense", 8, True), ("tanh",), ("dense", 5, True)]
    for tensor in parameters.values():
        tensor.requires_grad_()
    optimizer = make_optimizer(list(parameters.values()), rate)
    per_epoch = -(-SAMPLES // BATCH)
    orders = [epoch_order(SAMPLES, RUN_SEED, epoch) for epoch in range(-(-STEPS // per_epoch))]
    losses = []
    for step in range(STEPS):
        epoch, place = divmod(step, per_epoch)
        batch = orders[epoch][place * BATCH : (place + 1) * BATCH]
        optimizer.param_groups[0]["lr"] = rates(step) if rates else rate
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(forward(layers, data[batch], parameters), classes[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {
        "name": name, "batch": BATCH, "microBatch": 8, "steps": STEPS, "seed": RUN_SEED, "rate": rate,
        "features": data, "classes": classes, "test": test, "initial": initial, "orders": orders, "losses": losses,
        "final": dict(parameters), "logits": forward(layers, test, parameters),
    }  # fmt: skip


def run_cases():
    adam = lambda parameters, rate: torch.optim.Adam(parameters, lr=rate)
    cosine = lambda step: (
        0.01 * (step + 1) / 2 if step < 2 else 1e-3 + (0.01 - 1e-3) * (1 + math.cos(math.pi * (step - 2) / 7)) / 2
    )
    momentum = lambda parameters, rate: torch.optim.SGD(parameters, lr=rate, momentum=0.9, weight_decay=1e-3)
    return [
        run_case("adam", 0.01, adam),
        run_case("adam with warm-up and cosine", 0.01, adam, cosine),
        run_case("sgd with momentum and decay", 0.1, momentum),
    ]


# Writing ----------------------------------------------------------------------------------------------------------------


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


def write(name, cases):
    lines = ",\n".join(json.dumps(plain(case)) for case in cases)
    (HERE / name).write_text(f"[\n{lines}\n]\n")
    print(name, (HERE / name).stat().st_size, "bytes")


write("layers.json", layer_cases())
write("optimizers.json", optimizer_cases())
write("schedules.json", schedule_cases())
write("runs.json", run_cases())
write("orders.json", [
    {"count": c, "seed": s, "epoch": e, "order": epoch_order(c, s, e)}
    for c, s, e in [(1, 0, 0), (2, 1, 0), (12, 5, 2), (100, 1 << 40, 3), (257, 2**64 - 1, 1 << 31)]
])  # fmt: skip
