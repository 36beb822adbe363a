#!/usr/bin/env python3
"""Writes attentions.json beside this script: what PyTorch computes with the forms of attention, from the same inputs.

    venv/bin/python Tests/Goldens/make-attentions.py

As make-goldens.py: in double, from inputs that are floats, with PyTorch 2.15. Products and softmaxes are PyTorch's
scaled_dot_product_attention; masks, slopes, turns and waves are written by hand from the papers' formulas.
"""

import json
import pathlib

import numpy
import torch
from torch.nn import functional

torch.set_default_dtype(torch.float64)
HERE = pathlib.Path(__file__).parent
TOKENS, T, S, D, E, BATCH = 9, 19, 11, 12, 10, 4
LENGTHS, MEMORY_LENGTHS = [19, 7, 1, 0], [11, 0, 4, 1]


def floats(generator, *shape, limit=0.7):
    return torch.tensor(generator.uniform(-limit, limit, shape).astype(numpy.float32).astype(float))


def turned(x, base):
    """N×T×H×d: the pair (j, j + d / 2) turned by t / base^(2j / d), as one product of complex numbers."""
    d = x.shape[3]
    angles = torch.arange(x.shape[1])[:, None, None] / base ** (2 * torch.arange(d // 2) / d)
    y = torch.complex(x[..., : d // 2], x[..., d // 2 :]) * torch.polar(torch.ones_like(angles), angles)
    return torch.cat([y.real, y.imag], -1)


def slopes(heads):
    """Press et al., section 3: a geometric sequence for a power of two, and the rest from twice as many."""
    power = 2 ** int(numpy.log2(heads))
    own = [2 ** (-8 * (h + 1) / power) for h in range(power)]
    return own if power == heads else own + slopes(2 * power)[::2][: heads - power]


def attend(q, k, v, bias):
    """N×T×H×d to N×S×G×d, as N×T×D; rows that see nothing are 0."""
    k, v = (part.repeat_interleave(q.shape[2] // k.shape[2], 2) for part in (k, v))
    bias = bias.expand(q.shape[0], q.shape[2], q.shape[1], k.shape[1])
    sees = (bias > -torch.inf).any(-1, keepdim=True)
    q, k, v = (part.transpose(1, 2) for part in (q, k, v))
    y = functional.scaled_dot_product_attention(q, k, v, torch.where(sees, bias, 0.0))
    return torch.where(sees, y, 0.0).transpose(1, 2).flatten(2)


def real(lengths, count):
    return torch.arange(count) < torch.tensor(lengths)[:, None]


def case(name, heads, key_heads=None, causal=False, bias=True, rotary=None, alibi=False, window=None, lengths=None, memory=None):
    """An embedding, a wave or none, attention with a residual, the mean of real positions, a dense layer."""
    generator = numpy.random.default_rng(sum(map(ord, name)))
    key_heads, d = key_heads or heads, D // heads
    parameters = {}

    def parameter(key, *shape):
        parameters[key] = floats(generator, *shape).requires_grad_()
        return parameters[key]

    def linear(key, x, weight=".weight", offset=".bias", rows=D):
        made = parameter(key + weight, rows, x.shape[-1])
        return functional.linear(x, made, parameter(key + offset, rows) if bias else None)

    def embedded(key, count, width, ends):
        tokens = torch.tensor(generator.integers(1, TOKENS, (BATCH, count)))
        if ends is not None:
            tokens = torch.where(real(ends, count), tokens, 0)
        rows = functional.embedding(tokens, parameter(key, TOKENS, width))
        return tokens, rows if ends is None else torch.where(real(ends, count)[..., None], rows, 0.0)

    heads_of = lambda x: x.unflatten(-1, (-1, d))
    if memory is None:
        tokens, x = embedded("0.weight", T, D, lengths)
        projected = linear("1.0", x, ".in_proj_weight", ".in_proj_bias", D + 2 * key_heads * d)
        q, k, v = map(heads_of, projected.split([D, key_heads * d, key_heads * d], -1))
        if rotary:
            q, k = turned(q, rotary), turned(k, rotary)
        back = torch.arange(T)[:, None] - torch.arange(T)
        hidden = torch.zeros(T, T, dtype=torch.bool)
        if causal:
            hidden |= back < 0
        if window:
            hidden |= back >= window
        mask = torch.zeros(T, T).masked_fill(hidden, -torch.inf)
        if alibi:
            mask = mask - torch.tensor(slopes(heads))[:, None, None] * back.abs()
        if lengths is not None:
            mask = mask.masked_fill(~real(lengths, T)[:, None, None], -torch.inf)
            mask = mask.masked_fill(~real(lengths, T)[:, None, :, None], -torch.inf)
        y = x + linear("1.0.out_proj", attend(q, k, v, mask))
        head = "3"
    else:
        before, m = embedded("0.0.1.weight", S, E, memory)
        after, x = embedded("0.1.1.weight", T, D, lengths)
        tokens = torch.cat([before, after], 1)
        q = heads_of(linear("0.1.2.0.q_proj", x))
        k, v = map(heads_of, linear("0.1.2.0.kv_proj", m, rows=2 * key_heads * d).chunk(2, -1))
        mask = torch.zeros(BATCH, 1, T, S).masked_fill(~real(memory, S)[:, None, None], -torch.inf)
        if lengths is not None:
            mask = mask.masked_fill(~real(lengths, T)[:, None, :, None], -torch.inf)
        y = x + linear("0.1.2.0.out_proj", attend(q, k, v, mask))
        head = "2"
    if lengths is not None:
        y = torch.where(real(lengths, T)[..., None], y, 0.0).sum(1) / torch.tensor(lengths).clamp(min=1)[:, None]
    else:
        y = y.mean(1)
    outputs = functional.linear(y, parameter(head + ".weight", 3, D), parameter(head + ".bias", 3))
    classes = torch.tensor(generator.integers(0, 3, BATCH))
    total = functional.cross_entropy(outputs, classes, reduction="sum")
    total.backward()
    return {
        "name": name, "heads": heads, "keyHeads": key_heads, "causal": causal, "bias": bias, "rotary": rotary,
        "alibi": alibi, "window": window, "padded": lengths is not None, "memory": memory is not None,
        "tokens": tokens, "classes": classes, "parameters": parameters, "outputs": outputs, "lossSum": total,
        "gradients": {key: tensor.grad for key, tensor in parameters.items()},
    }  # fmt: skip


def plain(value):
    if isinstance(value, torch.Tensor):
        return plain(value.detach().flatten().tolist()) if value.dim() else plain(value.item())
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


CASES = [
    case("grouped", 6, key_heads=2, causal=True),
    case("one head of keys, no biases", 4, key_heads=1, bias=False),
    case("rotary", 3, causal=True, rotary=10_000.0),
    case("rotary of a small base, seeing all", 2, rotary=20.0),
    case("slopes", 4, causal=True, alibi=True),
    case("slopes of six heads, seeing all", 6, alibi=True),
    case("window", 2, causal=True, window=5),
    case("padded", 2, lengths=LENGTHS),
    case("padded, causal, of everything", 6, key_heads=3, causal=True, rotary=100.0, window=6, lengths=LENGTHS),
    case("padded slopes", 3, alibi=True, lengths=LENGTHS),
    case("memory", 2, memory=MEMORY_LENGTHS),
    case("memory of grouped heads, padded", 4, key_heads=2, memory=MEMORY_LENGTHS, lengths=LENGTHS),
]
text = ",\n".join(json.dumps(plain(made)) for made in CASES)
(HERE / "attentions.json").write_text(f"[\n{text}\n]\n")
waves = torch.zeros(7, 6)
for t in range(7):
    for j in range(3):
        waves[t, 2 * j] = numpy.sin(t / 10_000 ** (2 * j / 6))
        waves[t, 2 * j + 1] = numpy.cos(t / 10_000 ** (2 * j / 6))
far = [[float(f(4095 / 10_000 ** (2 * j / 64))) for j in range(32)] for f in (numpy.cos, numpy.sin)]
(HERE / "waves.json").write_text(json.dumps({"waves": plain(waves), "far": far}) + "\n")
