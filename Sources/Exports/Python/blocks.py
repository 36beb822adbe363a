# What networks are built of, and how they are used; `make` and `OUTPUTS`, at the end, are this one.
import functools
import pathlib

import numpy
import torch
from torch import nn
from torch.nn import functional


class Layers(nn.Sequential):
    """Layers one after the other, by their names."""

    def __init__(self, *named):
        super().__init__()
        for name, layer in named:
            self.add_module(name, layer)


class Branches(nn.Module):
    """Branches of one input, joined. Where one alone has layers, no number of a branch stands before their names."""

    def __init__(self, join, *branches):
        super().__init__()
        self.join, self.all = join, list(branches)
        filled = [branch for branch in branches if len(branch)]
        if len(filled) == 1:
            for name, layer in filled[0].named_children():
                self.add_module(name, layer)
        else:
            for number, branch in enumerate(branches):
                self.add_module(str(number), branch)

    def forward(self, x):
        outputs = [branch(x) for branch in self.all]
        if self.join == "concatenate":
            return torch.cat(outputs, dim=1 if outputs[0].dim() == 4 else -1)
        rank = max(output.dim() for output in outputs)
        outputs = [widened(output, rank) for output in outputs]
        return functools.reduce(torch.add if self.join == "add" else torch.mul, outputs)


def widened(x, rank):
    """A number for each channel, with axes of one for the positions that others have: N×C as N×C×1×1, or N×1×C."""
    if x.dim() == 2 and rank == 4:
        return x[:, :, None, None]
    return x[:, None] if x.dim() == 2 and rank == 3 else x


class ColumnEmbeddings(nn.Module):
    """Learned rows in the place of features that are places of words: (name, feature, rows, dimensions) each."""

    def __init__(self, *columns):
        super().__init__()
        self.columns = columns
        for name, _, rows, dimensions in columns:
            # By hand, as the name of a column may be any text.
            self._parameters[f"{name}.weight"] = nn.Parameter(torch.zeros(rows, dimensions))

    def _load_from_state_dict(self, state, prefix, metadata, strict, missing, unexpected, errors):
        # By hand too: PyTorch looks for a module behind each point of a name.
        own = {prefix + name: table for name, table in self._parameters.items()}
        missing += [name for name in own if name not in state]
        unexpected += [name for name in state if name.startswith(prefix) and name not in own]
        for name in own.keys() & state.keys():
            own[name].data.copy_(state[name])

    def forward(self, x):
        parts, start = [], 0
        for name, feature, _, _ in self.columns:
            parts.append(x[:, start:feature])
            parts.append(functional.embedding(x[:, feature].long(), self._parameters[f"{name}.weight"]))
            start = feature + 1
        return torch.cat([*parts, x[:, start:]], dim=1)


# By the number of a sequence: how many positions of each sample are real in this pass, as its embedding has found.
LENGTHS = {}


def clear(x, sequence, value=0.0):
    """N×T×C with `value` in the place of positions that are not real."""
    if sequence is None:
        return x
    return torch.where((torch.arange(x.shape[1]) < LENGTHS[sequence][:, None])[..., None], x, value)


class Embedding(nn.Embedding):
    """With `padding`, a sequence ends behind its last token that is another, and is 0 from there on."""

    def __init__(self, V, D, padding=None, sequence=None):
        super().__init__(V, D)
        self.padding, self.sequence = padding, sequence

    def forward(self, x):
        x = x.long()
        if self.padding is not None:
            LENGTHS[self.sequence] = ((x != self.padding) * torch.arange(1, x.shape[1] + 1)).amax(1)
        return clear(super().forward(x), self.sequence)


class TiedLinear(nn.Module):
    """A linear layer whose weights are the table of an embedding, which `tied` gives it; parameters have that once."""

    def __init__(self, rows, bias):
        super().__init__()
        self.embedding = []  # In a list it is no part of this module.
        self.bias = nn.Parameter(torch.zeros(rows)) if bias else None

    def forward(self, x):
        return functional.linear(x, self.embedding[0].weight, self.bias)


def tied(network, *pairs):
    """The network, whose tied layers, each named before its embedding, have these for their weights."""
    for layer, embedding in pairs:
        network.get_submodule(layer).embedding.append(network.get_submodule(embedding))
    return network


class Positions(nn.Module):
    """A row for each position, T×D, added."""

    def __init__(self, T, D):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(T, D))

    def forward(self, x):
        return x + self.weight


class Attention(nn.MultiheadAttention):
    def __init__(self, D, heads, causal, bias):
        super().__init__(D, heads, bias=bias, batch_first=True)
        self.causal = causal

    def forward(self, x):
        mask = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1) if self.causal else None
        return super().forward(x, x, x, attn_mask=mask, need_weights=False)[0]


class SinusoidalPositions(nn.Module):
    """Sines and cosines of each position, T×D, added."""

    def __init__(self, T, D, base):
        super().__init__()
        angles = turns(T, D, base)
        self.register_buffer("table", torch.stack([angles.sin(), angles.cos()], -1).flatten(1).float(), persistent=False)

    def forward(self, x):
        return x + self.table


def turns(T, d, base):
    """The angles t / base^(2j / d), T×(d / 2), in double precision."""
    return torch.arange(T).double()[:, None] * base ** (-torch.arange(0, d, 2).double() / d)


def rotated(x, base):
    """N×T×H×d, columns j and j + d / 2 turned by the angles of their positions."""
    angles = turns(x.shape[1], x.shape[3], base)[:, None]
    cosines, sines = angles.cos().float(), angles.sin().float()
    a, b = x.chunk(2, -1)
    return torch.cat([a * cosines - b * sines, b * cosines + a * sines], -1)


def attended(q, k, v, bias, ends, dropout):
    """N×T×H×d, to N×S×G×d, as N×T×D; `bias` is added to scores, and keys from `ends` on are not seen."""
    k, v = (part.repeat_interleave(q.shape[2] // k.shape[2], 2) for part in (k, v))
    if ends is not None:
        bias = bias + torch.where(torch.arange(k.shape[1]) < ends[:, None], 0.0, -torch.inf)[:, None, None]
    q, k, v = (part.transpose(1, 2) for part in (q, k, v))
    y = functional.scaled_dot_product_attention(q, k, v, bias.expand(len(q), -1, -1, -1), dropout)
    return y.transpose(1, 2).flatten(2)


class SelfAttention(nn.Module):
    """Attention with fewer heads of keys, positions of its own, a window, or sequences that end."""

    def __init__(
        self, D, heads, causal, bias, key_heads=None, rotary=None, slopes=None, window=None, dropout=0.0, sequence=None
    ):
        super().__init__()
        self.d, self.key_heads = D // heads, key_heads or heads
        self.causal, self.rotary, self.slopes, self.window = causal, rotary, slopes, window
        self.dropout, self.sequence = dropout, sequence
        rows = D + 2 * self.key_heads * self.d
        self.in_proj_weight = nn.Parameter(torch.zeros(rows, D))
        self.in_proj_bias = nn.Parameter(torch.zeros(rows)) if bias else None
        self.out_proj = nn.Linear(D, D, bias=bias)

    def bias(self, T):
        places = torch.arange(T)
        back = places[:, None] - places
        hidden = torch.zeros(T, T, dtype=torch.bool)
        if self.causal:
            hidden |= back < 0
        if self.window is not None:
            hidden |= back >= self.window
        bias = torch.zeros(1, 1, T, T).masked_fill(hidden, -torch.inf)
        return bias if self.slopes is None else bias - torch.tensor(self.slopes)[:, None, None] * back.abs()

    def forward(self, x):
        keys = self.key_heads * self.d
        parts = functional.linear(x, self.in_proj_weight, self.in_proj_bias).split([x.shape[2], keys, keys], -1)
        q, k, v = (part.unflatten(-1, (-1, self.d)) for part in parts)
        if self.rotary is not None:
            q, k = rotated(q, self.rotary), rotated(k, self.rotary)
        ends = None if self.sequence is None else LENGTHS[self.sequence]
        y = attended(q, k, v, self.bias(x.shape[1]), ends, self.dropout if self.training else 0.0)
        return self.out_proj(clear(y, self.sequence))


class CrossAttention(nn.Module):
    """Attention to `memory`, which the `EncoderDecoder` around it sets."""

    def __init__(self, D, E, heads, key_heads, bias, dropout, sequence=None, memory_sequence=None):
        super().__init__()
        self.d, self.dropout, self.sequence, self.memory_sequence = D // heads, dropout, sequence, memory_sequence
        self.q_proj = nn.Linear(D, D, bias=bias)
        self.kv_proj = nn.Linear(E, 2 * key_heads * self.d, bias=bias)
        self.out_proj = nn.Linear(D, D, bias=bias)

    def forward(self, x):
        parts = (self.q_proj(x), *self.kv_proj(self.memory).chunk(2, -1))
        q, k, v = (part.unflatten(-1, (-1, self.d)) for part in parts)
        ends = None if self.memory_sequence is None else LENGTHS[self.memory_sequence]
        bias = torch.zeros(1, 1, q.shape[1], k.shape[1])
        y = attended(q, k, v, bias, ends, self.dropout if self.training else 0.0)
        if ends is not None:
            y = torch.where((ends > 0)[:, None, None], y, 0.0)
        return self.out_proj(clear(y, self.sequence))


class EncoderDecoder(nn.Sequential):
    """A decoder whose cross-attentions, but for those of other blocks' decoders, read what the encoder makes."""

    def readers(self, module):
        for child in module.children():
            if isinstance(child, CrossAttention):
                yield child
            yield from self.readers(child[0] if isinstance(child, EncoderDecoder) else child)

    def forward(self, x):
        memory = self[0](x)
        for layer in self.readers(self[1]):
            layer.memory = memory
        return self[1](x)


class Recurrent:
    """A recurrent module of one input, N×T×I, and one output: N×T×H, or with `last` each direction's last state, N×H."""

    def __init__(self, *settings, last=False, sequence=None, **more):
        super().__init__(*settings, batch_first=True, **more)
        self.last, self.sequence = last, sequence

    def forward(self, x):
        if self.sequence is None:
            y, state = super().forward(x)
        else:
            # A sequence of no positions cannot be packed: of one, it is cleared below.
            ends = LENGTHS[self.sequence]
            packed = nn.utils.rnn.pack_padded_sequence(x, ends.clamp(min=1), batch_first=True, enforce_sorted=False)
            y, state = super().forward(packed)
            y = nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=x.shape[1])[0]
        if not self.last:
            return clear(y, self.sequence)
        state = state[0] if isinstance(state, tuple) else state
        row = state[-2 if self.bidirectional else -1 :].transpose(0, 1).flatten(1)
        return row if self.sequence is None else torch.where((ends > 0)[:, None], row, 0.0)


class LSTM(Recurrent, nn.LSTM):
    pass


class GRU(Recurrent, nn.GRU):
    pass


class EmbeddingBag(nn.EmbeddingBag):
    def forward(self, x):
        return super().forward(x.long())


class PositionsBatchNorm(nn.BatchNorm1d):
    """Of N×T×C, each of C channels."""

    def forward(self, x):
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


class PositionsGroupNorm(nn.GroupNorm):
    """Of N×T×C, in groups of channels."""

    def forward(self, x):
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


class PositionsPReLU(nn.PReLU):
    """Of N×T×C, a slope for each channel."""

    def forward(self, x):
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


class PositionsConv1d(nn.Conv1d):
    """Of N×T×C, with `pads` before and behind."""

    def __init__(self, *settings, pads, **more):
        super().__init__(*settings, **more)
        self.pads = pads

    def forward(self, x):
        return super().forward(functional.pad(x.transpose(1, 2), self.pads)).transpose(1, 2)


class PositionsConvTranspose1d(nn.ConvTranspose1d):
    """Of N×T×C."""

    def forward(self, x):
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


class AlongPositions(nn.Module):
    """A pool of N×C×T, of N×T×C."""

    def __init__(self, pool):
        super().__init__()
        self.pool = pool

    def forward(self, x):
        return self.pool(x.transpose(1, 2)).transpose(1, 2)


class OwnMean(nn.Module):
    """The mean of each window's elements that lie in the input; `pads` as of `functional.pad`."""

    def __init__(self, kernel, stride, pads):
        super().__init__()
        pool = nn.AvgPool2d if len(kernel) == 2 else nn.AvgPool1d
        self.pool, self.pads = pool(kernel, stride), pads

    def forward(self, x):
        sums, shares = (self.pool(functional.pad(y, self.pads)) for y in (x, torch.ones_like(x[:1, :1])))
        return sums / shares


class ChannelsRMSNorm(nn.RMSNorm):
    """Of N×C×H×W, the channels of each pixel."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ChannelsLayerNorm(nn.LayerNorm):
    """Of N×C×H×W, the channels of each pixel."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class PaddedConv2d(nn.Conv2d):
    """With `pads` left, right, above and below."""

    def __init__(self, *settings, pads, **more):
        super().__init__(*settings, **more)
        self.pads = pads

    def forward(self, x):
        return super().forward(functional.pad(x, self.pads))


class Padded(nn.Module):
    """The same of a pool, beside whose input lies `value`."""

    def __init__(self, pads, value, pool):
        super().__init__()
        self.pads, self.value, self.pool = pads, value, pool

    def forward(self, x):
        return self.pool(functional.pad(x, self.pads, value=self.value))


class Mean(nn.Module):
    def __init__(self, *axes):
        super().__init__()
        self.axes = axes

    def forward(self, x):
        return x.mean(dim=self.axes)


class Greatest(nn.Module):
    def __init__(self, *axes):
        super().__init__()
        self.axes = axes

    def forward(self, x):
        return x.amax(dim=self.axes)


class Select(nn.Module):
    """A range of the features, or of a picture's channels."""

    def __init__(self, first, count):
        super().__init__()
        self.first, self.count = first, count

    def forward(self, x):
        return x.narrow(1 if x.dim() == 4 else -1, self.first, self.count)


class SelectPosition(nn.Module):
    def __init__(self, position, sequence=None):
        super().__init__()
        self.position, self.sequence = position, sequence

    def forward(self, x):
        if self.sequence is None:
            return x[:, self.position]
        ends = LENGTHS[self.sequence]
        place = ends + self.position if self.position < 0 else torch.full_like(ends, self.position)
        real = (place >= 0) & (place < ends)
        return torch.where(real[:, None], x[torch.arange(len(x)), torch.where(real, place, 0)], 0.0)


class MeanPositions(nn.Module):
    """Over the real positions."""

    def __init__(self, sequence):
        super().__init__()
        self.sequence = sequence

    def forward(self, x):
        return clear(x, self.sequence).sum(1) / LENGTHS[self.sequence].clamp(min=1)[:, None]


class MaxPositions(nn.Module):
    def __init__(self, sequence=None):
        super().__init__()
        self.sequence = sequence

    def forward(self, x):
        if self.sequence is None:
            return x.amax(1)
        return torch.where((LENGTHS[self.sequence] > 0)[:, None], clear(x, self.sequence, -torch.inf).amax(1), 0.0)


class Rescale(nn.Module):
    def __init__(self, scale, offset):
        super().__init__()
        self.register_buffer("scale", torch.tensor(scale), persistent=False)
        self.register_buffer("offset", torch.tensor(offset), persistent=False)

    def forward(self, x):
        extents = (-1, 1, 1) if x.dim() == 4 else (-1,)
        return x * self.scale.view(extents) + self.offset.view(extents)


class Reshape(nn.Module):
    """The same numbers in another shape, as they lie where channels come last."""

    def __init__(self, *extents):
        super().__init__()
        self.extents = extents

    def forward(self, x):
        if x.dim() == 4:
            x = x.permute(0, 2, 3, 1)
        x = x.reshape(-1, *self.extents)
        return x.permute(0, 3, 1, 2) if x.dim() == 4 else x


def load(folder=None):
    """The network with the parameters of `model.safetensors`, in evaluation."""
    from safetensors.torch import load_file

    network = make()
    network.load_state_dict(load_file(pathlib.Path(folder or pathlib.Path(__file__).parent) / "model.safetensors"))
    return network.eval()


def transformed(features):
    """Features on the scale of those that the network was trained on, by `standardisation.safetensors`."""
    from safetensors.torch import load_file

    numbers = load_file(pathlib.Path(__file__).parent / "standardisation.safetensors")
    centred = torch.as_tensor(features).double() - numbers["means"].double() - numbers["remainders"].double()
    return centred.float() * numbers["inverses"]


def activate(x, name):
    """What a prediction shows of outputs, the last axis of `x`."""
    if name == "softmax":
        return x.softmax(-1)
    if name == "sigmoid":
        return x.sigmoid()
    if name.startswith("sort "):
        return x.unflatten(-1, (-1, int(name.split()[1]))).sort(-1).values.flatten(-2)
    return x


def calibrated(p, kind, *settings):
    """Probabilities R×K that agree with frequencies; K is 1 for those of the second of two classes."""
    if p.shape[1] == 1:
        return calibrated(torch.cat([1 - p.double(), p.double()], 1), kind, *settings)[:, 1:]
    p = p.double()
    if kind == "temperature":
        made = (p.log() / settings[0]).softmax(1)
    else:
        positive, curves = settings
        if positive is not None:
            own = curve(p[:, positive], *curves[0])
            made = torch.stack([1 - own, own] if positive == 1 else [own, 1 - own], 1)
        else:
            values = torch.stack([curve(p[:, place], *points) for place, points in enumerate(curves)], 1)
            total = values.sum(1, keepdim=True)
            made = torch.where(total > 0, values / total, 1 / len(curves))
    return made.float()


def curve(x, xs, ys):
    """Straight between points, level outside of them."""
    return torch.as_tensor(numpy.interp(x.numpy(), xs, ys))


def predict(inputs, network=None):
    """What `lockstep predict` writes: by name, texts of classes and numbers, one a row.

    `inputs` are what the network takes: for a table, `transform.features(rows)`.
    """
    with torch.no_grad():
        outputs = (network or load())(torch.as_tensor(inputs))
    columns = {}
    for part in OUTPUTS:
        shown = activate(outputs[..., part["first"] : part["first"] + part["count"]], part["activation"])
        if "calibration" in part:
            shown = calibrated(shown, *part["calibration"])
        if part["classes"]:
            places = (shown[:, 0] > 0.5).long() if part["count"] == 1 else shown.argmax(1)
            if "threshold" in part:
                place, least = part["threshold"]
                yes = shown[:, -1].double()
                own = shown[:, place].double() if part["count"] > 1 else yes if place == 1 else 1 - yes
                places = torch.where(own >= least, place, 1 - place)
            columns[part["name"]] = [part["classes"][place] for place in places]
        if shown.dim() > 2:
            columns[part["names"][0]] = shown.numpy()
        else:
            columns.update((name, shown[:, place].numpy()) for place, name in enumerate(part["names"]))
    return columns
