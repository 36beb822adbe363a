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
        return functools.reduce(torch.add if self.join == "add" else torch.mul, outputs)


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


class Embedding(nn.Embedding):
    def forward(self, x):
        return super().forward(x.long())


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


class PositionsBatchNorm(nn.BatchNorm1d):
    """Of N×T×C, each of C channels."""

    def forward(self, x):
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


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


class Select(nn.Module):
    """A range of the features, or of a picture's channels."""

    def __init__(self, first, count):
        super().__init__()
        self.first, self.count = first, count

    def forward(self, x):
        return x.narrow(1 if x.dim() == 4 else -1, self.first, self.count)


class SelectPosition(nn.Module):
    def __init__(self, position):
        super().__init__()
        self.position = position

    def forward(self, x):
        return x[:, self.position]


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
