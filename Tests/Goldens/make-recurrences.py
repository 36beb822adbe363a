#!/usr/bin/env python3
"""Writes recurrences.json and recurrent-steps.json beside this script: what PyTorch computes with recurrent layers and bags, from the same inputs.

    venv/bin/python Tests/Goldens/make-recurrences.py

As make-goldens.py: in double, from inputs that are floats, with PyTorch 2.15: nn.LSTM and nn.GRU, of packed sequences where
some end early, and nn.EmbeddingBag.
"""

import json
import pathlib

import numpy
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import rnn

torch.set_default_dtype(torch.float64)
HERE = pathlib.Path(__file__).parent
TOKENS, T, I, H, BATCH = 9, 9, 5, 6, 4
LENGTHS = [9, 4, 1, 0]


def floats(generator, *shape, limit=0.7):
    return torch.tensor(generator.uniform(-limit, limit, shape).astype(numpy.float32).astype(float))


def drawn(generator, module, name, parameters):
    """The module, whose parameters are drawn anew and noted."""
    for key, tensor in module.named_parameters():
        tensor.data = floats(generator, *tensor.shape)
        parameters[f"{name}.{key}"] = tensor
    return module


def finish(made, generator, rows, head, parameters):
    outputs = drawn(generator, nn.Linear(rows.shape[1], 3), head, parameters)(rows)
    classes = torch.tensor(generator.integers(0, 3, BATCH))
    total = functional.cross_entropy(outputs, classes, reduction="sum")
    total.backward()
    gradients = {key: tensor.grad for key, tensor in parameters.items()}
    return made | {
        "classes": classes, "parameters": parameters, "outputs": outputs, "lossSum": total, "gradients": gradients,
    }  # fmt: skip


def recurrence(name, kind, layers=1, bidirectional=False, bias=True, last=False, padded=False):
    """An embedding where it is padded, the layer, the mean of real positions or the last states, a dense layer."""
    generator, parameters = numpy.random.default_rng(sum(map(ord, name))), {}
    if padded:
        input = torch.tensor(generator.integers(1, TOKENS, (BATCH, T)))
        real = torch.arange(T) < torch.tensor(LENGTHS)[:, None]
        input = torch.where(real, input, 0)
        x = drawn(generator, nn.Embedding(TOKENS, I), "0", parameters)(input)
        x = torch.where(real[..., None], x, 0.0)
    else:
        x = input = floats(generator, BATCH, T, I, limit=1)
    module = {"lstm": nn.LSTM, "gru": nn.GRU}[kind](
        I, H, num_layers=layers, bias=bias, bidirectional=bidirectional, batch_first=True
    )
    place = 1 if padded else 0
    drawn(generator, module, f"{place}", parameters)
    if padded:
        ends = torch.tensor(LENGTHS)
        packed = rnn.pack_padded_sequence(x, ends.clamp(min=1), batch_first=True, enforce_sorted=False)
        y, state = module(packed)
        y = rnn.pad_packed_sequence(y, batch_first=True, total_length=T)[0]
        y = torch.where(real[..., None], y, 0.0)
    else:
        y, state = module(x)
    if last:
        state = state[0] if isinstance(state, tuple) else state
        rows = state[-2 if bidirectional else -1 :].transpose(0, 1).flatten(1)
        rows = torch.where((ends > 0)[:, None], rows, 0.0) if padded else rows
    else:
        rows = y.sum(1) / ends.clamp(min=1)[:, None] if padded else y.mean(1)
    made = {
        "name": name, "kind": kind, "layers": layers, "bidirectional": bidirectional, "bias": bias, "last": last,
        "padded": padded, "mode": "", "input": input,
    }  # fmt: skip
    return finish(made, generator, rows, f"{place + (1 if last else 2)}", parameters)


def bag(name, mode, padding):
    generator, parameters = numpy.random.default_rng(sum(map(ord, name))), {}
    input = torch.tensor(generator.integers(0, TOKENS, (BATCH, T)))
    if padding is not None:
        input[torch.tensor(generator.random((BATCH, T)) < 0.4)] = padding
        input[3] = padding
    module = drawn(generator, nn.EmbeddingBag(TOKENS, H, mode=mode, padding_idx=padding), "0", parameters)
    made = {
        "name": name, "kind": "embedding-bag", "layers": 1, "bidirectional": False, "bias": False, "last": False,
        "padded": padding is not None, "mode": mode, "input": input,
    }  # fmt: skip
    return finish(made, generator, module(input), "1", parameters)


def steps(kind):
    """Twenty steps of plain descent of a model of classes of sequences: losses, and the parameters at the end."""
    generator, parameters = numpy.random.default_rng(20), {}
    input = torch.tensor(generator.integers(0, TOKENS, (BATCH, T)))
    classes = torch.tensor(generator.integers(0, 3, BATCH))
    embedding = drawn(generator, nn.Embedding(TOKENS, I), "0", parameters)
    made = {"lstm": nn.LSTM, "gru": nn.GRU}[kind](I, H, num_layers=2, bidirectional=True, batch_first=True)
    module = drawn(generator, made, "1", parameters)
    head = drawn(generator, nn.Linear(2 * H, 3), "3", parameters)
    initial = {key: tensor.detach().clone() for key, tensor in parameters.items()}
    descent, losses = torch.optim.SGD(parameters.values(), lr=0.3), []
    for _ in range(20):
        loss = functional.cross_entropy(head(module(embedding(input))[0].mean(1)), classes)
        descent.zero_grad()
        loss.backward()
        descent.step()
        losses.append(loss.item())
    return {"kind": kind, "input": input, "classes": classes, "initial": initial, "losses": losses, "final": parameters}


def plain(value):
    if isinstance(value, torch.Tensor):
        return plain(value.detach().flatten().tolist()) if value.dim() else plain(value.item())
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


CASES = [
    recurrence("lstm", "lstm"),
    recurrence("gru", "gru"),
    recurrence("gru, the last state, no biases", "gru", bias=False, last=True),
    recurrence("lstm, two layers there and back", "lstm", layers=2, bidirectional=True),
    recurrence("gru, two layers there and back", "gru", layers=2, bidirectional=True),
    recurrence("lstm, three layers, the last states", "lstm", layers=3, bidirectional=True, bias=False, last=True),
    recurrence("padded lstm", "lstm", padded=True),
    recurrence("padded gru", "gru", padded=True, last=True),
    recurrence("padded lstm, two layers there and back", "lstm", layers=2, bidirectional=True, padded=True),
    recurrence("padded lstm, last states", "lstm", bidirectional=True, last=True, padded=True),
    recurrence("padded gru, two layers there and back, last states", "gru", 2, True, last=True, padded=True),
    bag("mean", "mean", None),
    bag("sum", "sum", None),
    bag("max", "max", None),
    bag("mean, padded", "mean", 0),
    bag("sum, padded", "sum", 3),
    bag("max, padded", "max", 0),
]
text = ",\n".join(json.dumps(plain(made)) for made in CASES)
(HERE / "recurrences.json").write_text(f"[\n{text}\n]\n")
text = ",\n".join(json.dumps(plain(steps(kind))) for kind in ("lstm", "gru"))
(HERE / "recurrent-steps.json").write_text(f"[\n{text}\n]\n")
