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


# Losses -----------------------------------------------------------------------------------------------------------------


def loss_case(kind, shape, ignored_at=(), **options):
    """The mean loss of outputs of `shape` (B, C or B, T, C) and its gradient, both over all targets that count."""
    generator = numpy.random.default_rng(5)
    outputs = floats(generator, *shape, limit=3).requires_grad_()
    functions = torch.nn.functional
    if kind == "cross-entropy":
        targets = torch.tensor(generator.integers(0, shape[-1], shape[:-1]))
        for place in ignored_at:
            targets.view(-1)[place] = options["ignored"]
        names = {"labelSmoothing": "label_smoothing", "classWeights": "weight", "ignored": "ignore_index"}
        arguments = {names[key]: torch.tensor(v) if key == "classWeights" else v for key, v in options.items()}
        # PyTorch wants the classes second.
        mean = functions.cross_entropy(outputs.movedim(-1, 1), targets, **arguments)
    else:
        targets = floats(generator, *shape, limit=0.5) + (0.5 if kind == "binary-cross-entropy" else 0)
        targets = targets.float().double()
        if kind == "binary-cross-entropy":
            weight = torch.tensor([options["positiveWeight"]])
            mean = functions.binary_cross_entropy_with_logits(outputs, targets, pos_weight=weight)
        elif kind == "huber":
            mean = functions.huber_loss(outputs, targets, delta=options["delta"])
        else:
            function = {"mean-squared-error": functions.mse_loss, "mean-absolute-error": functions.l1_loss}[kind]
            mean = function(outputs, targets)
    mean.backward()
    return {
        "kind": kind, "samples": shape[0], "outputs": outputs, "targets": targets, "mean": mean,
        "gradient": outputs.grad, **options,
    }  # fmt: skip


def loss_cases():
    weights = [0.5, 2.0, 1.25, 0.0, 1.0]
    return [
        loss_case("cross-entropy", (6, 5)),
        loss_case("cross-entropy", (6, 19), labelSmoothing=0.125),
        loss_case("cross-entropy", (6, 5), labelSmoothing=1.0),
        loss_case("cross-entropy", (6, 5), classWeights=weights),
        loss_case("cross-entropy", (6, 5), classWeights=weights, labelSmoothing=0.25),
        loss_case("cross-entropy", (6, 5), ignored=-100, ignored_at=(0, 4)),
        loss_case("cross-entropy", (6, 5), ignored=2, ignored_at=(1,), classWeights=weights, labelSmoothing=0.25),
        loss_case("cross-entropy", (3, 4, 7)),
        loss_case("cross-entropy", (3, 4, 5), ignored=-1, ignored_at=(3, 6, 7), classWeights=weights),
        loss_case("binary-cross-entropy", (6, 3), positiveWeight=1.0),
        loss_case("binary-cross-entropy", (6, 3), positiveWeight=3.5),
        loss_case("mean-squared-error", (6, 3)),
        loss_case("mean-absolute-error", (6, 3)),
        loss_case("huber", (6, 3), delta=1.0),
        loss_case("huber", (6, 3), delta=0.25),
        # Pictures: height x width x channels a sample.
        loss_case("mean-squared-error", (3, 4, 2, 2)),
        loss_case("mean-absolute-error", (3, 4, 2, 1)),
        loss_case("huber", (3, 2, 3, 1), delta=0.5),
        loss_case("binary-cross-entropy", (3, 4, 2, 1), positiveWeight=1.0),
        loss_case("binary-cross-entropy", (3, 4, 2, 1), positiveWeight=2.0),
    ]


# Transformers ---------------------------------------------------------------------------------------------------------

TOKENS, POSITIONS, WIDTH, HEADS = 11, 70, 8, 2


class Residual(torch.nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


class Positions(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(POSITIONS, WIDTH))

    def forward(self, x):
        return x + self.weight


class SelfAttention(torch.nn.MultiheadAttention):
    def __init__(self, causal, bias):
        super().__init__(WIDTH, HEADS, bias=bias, batch_first=True)
        self.mask = torch.ones(POSITIONS, POSITIONS, dtype=torch.bool).triu(1) if causal else None

    def forward(self, x):
        return super().forward(x, x, x, need_weights=False, attn_mask=self.mask)[0]


def transformer_case(name, causal, bias, activation, batch=2):
    """A block as in GPT-2; 70 positions are more than a block of queries. Names of parameters are those of Sequential."""
    linear = torch.nn.Linear
    model = torch.nn.Sequential(
        torch.nn.Embedding(TOKENS, WIDTH), Positions(),
        Residual(torch.nn.LayerNorm(WIDTH), SelfAttention(causal, bias)),
        Residual(torch.nn.LayerNorm(WIDTH), linear(WIDTH, 12), activation, linear(12, WIDTH)),
        torch.nn.LayerNorm(WIDTH), linear(WIDTH, TOKENS, bias=False),
    )  # fmt: skip
    generator = numpy.random.default_rng(hash_of(name))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(floats(generator, *parameter.shape, limit=0.7))
    tokens, targets = (torch.tensor(generator.integers(0, TOKENS, (batch, POSITIONS))) for _ in range(2))
    outputs = model(tokens)
    losses = torch.nn.functional.cross_entropy(outputs.transpose(1, 2), targets, reduction="none")
    total = losses.sum()
    total.backward()
    parameters = dict(model.named_parameters())
    return {
        "name": name, "causal": causal, "bias": bias, "tokens": tokens, "targets": targets, "parameters": parameters,
        "outputs": outputs, "lossSum": total, "gradients": {n: p.grad for n, p in parameters.items()},
    }  # fmt: skip


def transformer_cases():
    return [
        transformer_case("gelu", True, True, torch.nn.GELU()),
        transformer_case("gelu-tanh", True, False, torch.nn.GELU(approximate="tanh")),
        transformer_case("silu", False, True, torch.nn.SiLU()),
        transformer_case("leaky-relu", False, False, torch.nn.LeakyReLU(0.2)),
    ]


def tied_case(bias, batch=2):
    """A last layer whose weights are the embedding's table: one parameter, by the embedding's name."""
    embedding, positions, hidden = torch.nn.Embedding(TOKENS, WIDTH), Positions(), torch.nn.Linear(WIDTH, WIDTH)
    head = torch.nn.Linear(WIDTH, TOKENS, bias=bias)
    head.weight = embedding.weight
    model = torch.nn.Sequential(embedding, positions, hidden, torch.nn.Tanh(), head)
    generator = numpy.random.default_rng(hash_of(f"tied {bias}"))
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for parameter in parameters.values():
            parameter.copy_(floats(generator, *parameter.shape, limit=0.7))
    tokens, targets = (torch.tensor(generator.integers(0, TOKENS, (batch, POSITIONS))) for _ in range(2))
    outputs = model(tokens)
    total = torch.nn.functional.cross_entropy(outputs.transpose(1, 2), targets, reduction="sum")
    total.backward()
    return {
        "name": f"tied, {'with' if bias else 'without'} bias", "causal": False, "bias": bias, "tokens": tokens,
        "targets": targets, "parameters": parameters, "outputs": outputs, "lossSum": total,
        "gradients": {n: p.grad for n, p in parameters.items()},
    }


# Optimizers and schedules -----------------------------------------------------------------------------------------------


class Lamb(torch.optim.Optimizer):
    """You et al.: Large batch optimization for deep learning (ICLR 2020), algorithm 2, with phi the identity.

    With the corrections of the moments, as in the algorithm; a slot of which either norm is zero takes a ratio of 1.
    """

    def __init__(self, parameters, lr, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.01):
        super().__init__(parameters, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for x in group["params"]:
                state = self.state[x]
                if not state:
                    state.update(t=0, m=torch.zeros_like(x), v=torch.zeros_like(x))
                state["t"] += 1
                state["m"] = beta1 * state["m"] + (1 - beta1) * x.grad
                state["v"] = beta2 * state["v"] + (1 - beta2) * x.grad**2
                m = state["m"] / (1 - beta1 ** state["t"])
                v = state["v"] / (1 - beta2 ** state["t"])
                update = m / (v.sqrt() + group["eps"]) + group["weight_decay"] * x
                norms = x.norm(), update.norm()
                x -= group["lr"] * (norms[0] / norms[1] if min(norms) > 0 else 1) * update


class Lion(torch.optim.Optimizer):
    """Chen et al.: Symbolic discovery of optimization algorithms (NeurIPS 2023), program 1."""

    def __init__(self, parameters, lr, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(parameters, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for x in group["params"]:
                m = self.state[x].setdefault("m", torch.zeros_like(x))
                update = (beta1 * m + (1 - beta1) * x.grad).sign()
                x -= group["lr"] * (update + group["weight_decay"] * x)
                self.state[x]["m"] = beta2 * m + (1 - beta2) * x.grad


def optimizer_case(kind, **options):
    generator = numpy.random.default_rng(7)
    parameter = floats(generator, 21)
    gradients = [floats(generator, 21) * 10.0**-k for k in (0, 0, 1, 2, 0)]
    gradients = [g.float().double() for g in gradients]
    case = {"kind": kind, "rate": 0.05, "initial": parameter.clone(), "gradients": gradients, **options}
    names = {"weightDecay": "weight_decay", "epsilon": "eps", "smoothing": "alpha", "rateDecay": "lr_decay"}
    names |= {"initialSum": "initial_accumulator_value"}
    arguments = {names.get(k, k): v for k, v in options.items()}
    if "beta1" in arguments:
        arguments["betas"] = (arguments.pop("beta1"), arguments.pop("beta2"))
    parameter = torch.nn.Parameter(parameter)
    optimizer = {
        "sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "rmsprop": torch.optim.RMSprop,
        "lamb": Lamb, "lion": Lion, "adagrad": torch.optim.Adagrad,
    }[kind]([parameter], lr=0.05, **arguments)  # fmt: skip
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
        optimizer_case("rmsprop"),
        optimizer_case("rmsprop", smoothing=0.9, epsilon=1e-3, weightDecay=0.1),
        optimizer_case("rmsprop", momentum=0.9),
        optimizer_case("rmsprop", centered=True),
        optimizer_case("rmsprop", centered=True, momentum=0.8, smoothing=0.9, weightDecay=0.1),
        optimizer_case("lamb"),
        optimizer_case("lamb", beta1=0.8, beta2=0.95, epsilon=1e-3, weightDecay=0.5),
        optimizer_case("lamb", weightDecay=0.0),
        optimizer_case("adam", amsgrad=True),
        optimizer_case("adam", amsgrad=True, beta1=0.8, beta2=0.5, weightDecay=0.1),
        optimizer_case("adamw", amsgrad=True, beta1=0.9, beta2=0.6, epsilon=1e-3, weightDecay=0.5),
        optimizer_case("lion"),
        optimizer_case("lion", beta1=0.8, beta2=0.95, weightDecay=0.5),
        optimizer_case("adagrad"),
        optimizer_case("adagrad", rateDecay=0.3, initialSum=0.1, epsilon=1e-3, weightDecay=0.1),
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
    for warmup in (0, 4):
        cases += [
            schedule_case(
                "multi-step", 20, warmup, lambda s, o, n: s.MultiStepLR(o, [3, 7, 8], 0.5), at=[3, 7, 8], factor=0.5
            ),
            schedule_case("exponential", 20, warmup, lambda s, o, n: s.ExponentialLR(o, 0.93), factor=0.93, every=1),
            schedule_case(
                "exponential", 20, warmup, lambda s, o, n: s.ExponentialLR(o, 0.5 ** (1 / 7)), factor=0.5, every=7
            ),
            *(
                schedule_case("polynomial", 20, warmup, lambda s, o, n: s.PolynomialLR(o, n - 1, power), power=power)
                for power in (0.9, 2.0, 3.25)
            ),
        ]  # fmt: skip
    for rise, start, end in [(0.3, 25.0, 1e4), (0.5, 10.0, 100.0), (0.05, 25.0, 1e4)]:
        cases.append(
            schedule_case(
                "one-cycle", 25, 0,
                lambda s, o, n: s.OneCycleLR(
                    o, 0.3, total_steps=n, pct_start=rise, div_factor=start, final_div_factor=end,
                    cycle_momentum=False,
                ),
                rise=rise, startDivisor=start, endDivisor=end,
            )
        )  # fmt: skip
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


# Images -----------------------------------------------------------------------------------------------------------------
# Lockstep's samples are height x width x channels, PyTorch's channels x height x width. Layers are written as a
# configuration has them, so that their words are checked too.


class Flatten(torch.nn.Module):
    """Channels last, as Lockstep has them in memory."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1) if x.dim() == 4 else x.flatten(1)


class ImageResidual(torch.nn.Module):
    """Named as Lockstep names slots: one branch alone by its layers, else by branch and layer."""

    def __init__(self, body, shortcut):
        super().__init__()
        self.has_shortcut = bool(shortcut)
        for number, module in enumerate([torch.nn.Sequential(*body), torch.nn.Sequential(*shortcut)] if shortcut else body):
            self.add_module(str(number), module)

    def forward(self, x):
        parts = list(self.children())
        if self.has_shortcut:
            return parts[0](x) + parts[1](x)
        y = x
        for part in parts:
            y = part(y)
        return y + x


def pad_same(x, kernel, stride, dilation):
    """As much as makes ceil(input / stride) windows, the larger half after the input."""
    pads = []
    for extent, k, s, d in reversed(list(zip(x.shape[2:], kernel, stride, dilation))):
        total = max(0, (-(-extent // s) - 1) * s + (k - 1) * d + 1 - extent)
        pads += [total // 2, total - total // 2]
    return torch.nn.functional.pad(x, pads)


class Same(torch.nn.Module):
    """A convolution with the padding `same`; its slots are the convolution's own."""

    def __init__(self, convolution):
        super().__init__()
        self.weight, self.bias, self.of = convolution.weight, convolution.bias, [convolution]

    def forward(self, x):
        c = self.of[0]
        return c(pad_same(x, c.kernel_size, c.stride, c.dilation))


def image_module(layer, channels):
    """The module of a layer, and how many channels it gives."""
    (kind, options), = layer.items() if isinstance(layer, dict) else ((layer, {}),)
    pair = lambda value: tuple(value) if isinstance(value, list) else (value, value)
    if kind == "convolution":
        same = options.get("padding") == "same"
        made = torch.nn.Conv2d(
            channels, options["channels"], pair(options.get("kernel", 3)), pair(options.get("stride", 1)),
            0 if same else pair(options.get("padding", 0)), pair(options.get("dilation", 1)),
            options.get("groups", 1), options.get("bias", True),
        )  # fmt: skip
        return Same(made) if same else made, options["channels"]
    if kind == "residual":
        body, shortcut = [image_modules(options.get(key, []), channels) for key in ("body", "shortcut")]
        return ImageResidual(body[0], shortcut[0]), body[1]
    if kind == "dense":
        return torch.nn.LazyLinear(options["units"]), options["units"]
    if kind == "global-average-pool":
        return torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten()), channels
    if kind in ("max-pool", "average-pool"):
        pool = torch.nn.MaxPool2d if kind == "max-pool" else torch.nn.AvgPool2d
        size = pair(options["size"])
        return pool(size, pair(options.get("stride", options["size"])), pair(options.get("padding", 0))), channels
    if kind == "batch-norm":
        # With a momentum of 1 the running statistics are those of the batch.
        return BatchNorm(channels, eps=options.get("epsilon", 1e-5), momentum=1), channels
    return {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "flatten": Flatten}[kind](), channels


class BatchNorm(torch.nn.BatchNorm2d):
    """Of images, and of rows."""

    def _check_input_dim(self, x):
        pass


def image_modules(layers, channels):
    modules = []
    for layer in layers:
        module, channels = image_module(layer, channels)
        modules.append(module)
    return modules, channels


def image_case(name, shape, layers, batch=3, valid=None):
    """The first `valid` samples in training, then all of them in evaluation with the statistics of training."""
    generator = numpy.random.default_rng(abs(hash_of(name)))
    valid = batch if valid is None else valid
    height, width, channels = shape
    model = torch.nn.Sequential(*image_modules(layers, channels)[0])
    x = floats(generator, batch, height, width, channels)
    model(x.permute(0, 3, 1, 2))  # makes the lazy ones
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for tensor in parameters.values():
            fan = math.prod(tensor.shape[1:]) if tensor.dim() > 1 else 4
            tensor.copy_(floats(generator, *tensor.shape, limit=fan**-0.5))
    outputs = model(x[:valid].permute(0, 3, 1, 2))
    classes = torch.tensor(generator.integers(0, outputs.shape[1], batch))
    total = torch.nn.functional.cross_entropy(outputs, classes[:valid], reduction="sum")
    model.zero_grad()
    total.backward()
    statistics = {name: tensor for name, tensor in model.named_buffers() if "running" in name}
    model.eval()
    return {
        "name": name, "shape": list(shape), "layers": json.dumps(layers), "microBatch": batch, "valid": valid,
        "input": x, "classes": classes, "parameters": parameters, "outputs": outputs, "lossSum": total,
        "gradients": {name: tensor.grad for name, tensor in parameters.items()}, "statistics": statistics,
        "evaluated": model(x.permute(0, 3, 1, 2)),
    }  # fmt: skip


def image_cases():
    c = lambda channels, **options: {"convolution": {"channels": channels, **options}}
    end = ["flatten", {"dense": {"units": 3}}]
    cases = [
        image_case("convolution", (6, 5, 2), [c(4), *end]),
        image_case("stride and padding", (7, 6, 3), [c(5, kernel=3, stride=2, padding=1), *end]),
        image_case("dilation", (8, 9, 2), [c(3, dilation=2, padding=1, bias=False), *end]),
        image_case("groups", (5, 5, 6), [c(9, groups=3, padding=1), *end]),
        image_case("depthwise", (5, 6, 8), [c(8, groups=8, padding=1), c(4, kernel=1), *end]),
        image_case("axes", (6, 9, 2), [c(4, kernel=[2, 3], stride=[1, 2], padding=[0, 2], dilation=[3, 1]), *end]),
        image_case("same", (7, 8, 2), [c(4, kernel=4, stride=2, padding="same"), *end]),
        image_case("two", (7, 7, 1), [c(8), "tanh", c(6), *end]),
    ]
    for kind in ("max-pool", "average-pool"):
        pool = lambda **options: {kind: options}
        cases += [
            image_case(f"{kind}", (6, 8, 1), [c(4, padding=1), pool(size=2), *end]),
            image_case(f"{kind}, odd", (7, 5, 1), [c(4, padding=1), pool(size=2), *end]),
            image_case(f"{kind}, over", (7, 6, 1), [c(4, padding=1), pool(size=3, stride=2, padding=1), *end]),
            image_case(f"{kind}, axes", (6, 7, 1), [c(4), pool(size=[1, 2], stride=[2, 1]), *end]),
        ]
    norm, norms = "batch-norm", {"batch-norm": {"epsilon": 0.01}}
    block = [c(4, padding=1, bias=False), norm, "relu", c(4, padding=1, bias=False), norms]
    cases += [
        image_case("global average", (5, 4, 2), [c(6), "tanh", "global-average-pool", {"dense": {"units": 3}}]),
        image_case("batch norm", (5, 5, 2), [c(4), norm, "tanh", *end], batch=4),
        image_case("absent", (5, 5, 2), [c(4), norms, "tanh", *end], batch=4, valid=3),
        image_case("rows", (1, 1, 5), ["flatten", {"dense": {"units": 6}}, norm, "tanh", {"dense": {"units": 3}}], 8, 7),
        image_case("residual", (6, 6, 4), [{"residual": {"body": block}}, "relu", *end], valid=2),
        image_case(
            "shortcut", (6, 6, 3),
            [{"residual": {"body": block, "shortcut": [c(4, kernel=1, bias=False), norm]}}, "global-average-pool"],
        ),
    ]  # fmt: skip
    return cases


# Gates and sequences ----------------------------------------------------------------------------------------------------
# Layers are written as a configuration has them. Sequences are positions x width in both.


class Product(torch.nn.ModuleList):
    """Branches on the same input, multiplied; named as Lockstep names slots, by branch and layer."""

    def forward(self, x):
        y = self[0](x)
        for branch in list(self)[1:]:
            y = y * branch(x)
        return y


class Position(torch.nn.Module):
    def __init__(self, position):
        super().__init__()
        self.position = position

    def forward(self, x):
        return x[:, self.position]


class MeanPositions(torch.nn.Module):
    def forward(self, x):
        return x.mean(1)


def sequence_modules(layers):
    made = []
    for layer in layers:
        (kind, options), = layer.items() if isinstance(layer, dict) else ((layer, {}),)
        if kind == "dense":
            made.append(torch.nn.LazyLinear(options))
        elif kind == "parallel":
            made.append(Product(torch.nn.Sequential(*sequence_modules(branch)) for branch in options["branches"]))
        elif kind == "select-position":
            made.append(Position(options))
        else:
            made.append({"tanh": torch.nn.Tanh, "sigmoid": torch.nn.Sigmoid, "mean-positions": MeanPositions}[kind]())
    return made


def sequence_case(name, shape, layers, batch=3):
    generator = numpy.random.default_rng(abs(hash_of(name)))
    model = torch.nn.Sequential(*sequence_modules(layers))
    x = floats(generator, batch, *shape)
    model(x)  # makes the lazy ones
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for tensor in parameters.values():
            tensor.copy_(floats(generator, *tensor.shape, limit=0.7))
    outputs = model(x)
    classes = torch.tensor(generator.integers(0, outputs.shape[1], batch))
    total = torch.nn.functional.cross_entropy(outputs, classes, reduction="sum")
    model.zero_grad()
    total.backward()
    return {
        "name": name, "shape": list(shape), "layers": json.dumps(layers), "microBatch": batch, "input": x,
        "classes": classes, "parameters": parameters, "outputs": outputs, "lossSum": total,
        "gradients": {name: tensor.grad for name, tensor in parameters.items()},
    }  # fmt: skip


def sequence_cases():
    d = lambda units: {"dense": units}
    product = lambda *branches: {"parallel": {"join": "multiply", "branches": list(branches)}}
    return [
        sequence_case("a gate", (5,), [d(6), product([d(7), "sigmoid"], [d(7)]), d(3)]),
        sequence_case("b three factors", (5,), [d(6), product(["tanh"], [], [d(6), "sigmoid"]), "tanh", d(3)]),
        sequence_case("c square", (5,), [d(6), product([], []), d(3)]),
        sequence_case("d at the start", (4,), [product(["tanh"], [d(4), "tanh"], [d(4)]), d(3)]),
        sequence_case("e gate of rows", (4, 2), [product([d(5), "sigmoid"], [d(5), "tanh"]), "mean-positions", d(3)]),
        sequence_case("f first", (4, 2), [d(5), "tanh", {"select-position": 0}, d(3)]),
        sequence_case("g last", (4, 2), [d(5), "tanh", {"select-position": -1}, d(3)]),
        sequence_case("h mean", (4, 2), [d(5), "tanh", "mean-positions", d(3)]),
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
write("losses.json", loss_cases())
write("images.json", image_cases())
write("sequences.json", sequence_cases())
write("transformers.json", transformer_cases())
write("tied.json", [tied_case(True), tied_case(False)])
write("optimizers.json", optimizer_cases())
write("schedules.json", schedule_cases())
write("runs.json", run_cases())
write("orders.json", [
    {"count": c, "seed": s, "epoch": e, "order": epoch_order(c, s, e)}
    for c, s, e in [(1, 0, 0), (2, 1, 0), (12, 5, 2), (100, 1 << 40, 3), (257, 2**64 - 1, 1 << 31)]
])  # fmt: skip
