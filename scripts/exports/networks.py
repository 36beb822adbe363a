"""Small networks of all layers, on random rows, tokens and pictures: what stands in their configurations."""

import csv
import struct

import numpy

TRAINING, NEW = 192, 150
PICTURE = "{reshape: {shape: [6, 8, 2]}}"
SEQUENCE = "{reshape: {shape: [12, 8]}}"
FEATURES = 96

# Rows of order one, so that a wrong place is seen.
DRAWN = "initialiser: {normal: {deviation: 1}}"


def bag(mode, padding=None):
    more = "" if padding is None else f"padding: {padding}, "
    return f"{{embedding-bag: {{vocabulary: 7, width: 5, mode: {mode}, {more}{DRAWN}}}}}"


# By name: the layers before the last dense one. Those of `TOKENS` begin with an embedding, `pictures` gets files of images.
CASES = {
    "activations": "{dense: 24}, relu, {dense: 24}, sigmoid, {dense: 24}, tanh, {dense: 24}, gelu, {dense: 24}, "
    "{gelu: tanh}, {dense: 24}, silu, {leaky-relu: 0.1}, {dense: {units: 24, bias: false}}, softmax, "
    "{rescale: {scale: [20], offset: [-1]}}",
    "dropout-norms": "{dense: 24}, batch-norm, relu, {dropout: 0.3}, {dense: 24}, layer-norm",
    "convolutions": f"{PICTURE}, {{convolution: {{channels: 8, kernel: 3, padding: 1}}}}, batch-norm, relu, "
    "{convolution: {channels: 12, kernel: 3, stride: 2, padding: same, groups: 2, bias: false}}, relu, "
    "{convolution: {channels: 6, kernel: [1, 2], dilation: [1, 2]}}, flatten",
    "pools": f"{PICTURE}, {{convolution: {{channels: 5, kernel: 3, padding: 1}}}}, {{max-pool: {{size: 3, stride: 1, "
    "padding: 1}}, {average-pool: {size: 3, stride: 2, padding: 1}}, {convolution: {channels: 7, kernel: 1}}, "
    "global-average-pool",
    "attention": f"{SEQUENCE}, positions, {{attention: {{heads: 2}}}}, {{residual: {{body: [layer-norm, {{attention: "
    "{heads: 4, causal: true, bias: false}}, {dense: 16}, gelu, {dense: 8}]}}, {select-position: -1}",
    "positions": f"{SEQUENCE}, {{dense: 10}}, layer-norm, {{parallel: {{branches: [[mean-positions], "
    "[{select-position: 2}], [{select: {first: 3, count: 4}}, flatten]], join: concatenate}}",
    "tokens": "{embedding: {vocabulary: 7, width: 8}}, positions, {attention: {heads: 2, causal: true}}, "
    "mean-positions",
    "padded": "{embedding: {vocabulary: 7, width: 8, padding: 0}}, sinusoidal-positions, {attention: {heads: 2, dropout: 0.1}}, "
    "{attention: {heads: 4, key-heads: 2, positions: alibi}}, {parallel: {branches: [[mean-positions], [max-positions], "
    "[{select-position: -1}], [{select-position: 7}]]}}",
    "padded-rotary": "{embedding: {vocabulary: 7, width: 12, padding: 0}}, {attention: {heads: 3, key-heads: 1, causal: true, "
    "positions: {rotary: {base: 100}}, window: 5}}, {attention: {heads: 3, causal: true, positions: alibi, bias: false}}, "
    "{select-position: -1}",
    "memory": "{encoder-decoder: {encoder: [{select: {first: 0, count: 7}}, {embedding: {vocabulary: 7, width: 6, padding: 0}}, "
    "{attention: {heads: 2}}], decoder: [{select: {first: 7, count: 5}}, {embedding: {vocabulary: 7, width: 8, padding: 0}}, "
    "{residual: {body: [layer-norm, {cross-attention: {heads: 4, key-heads: 2}}]}}, {cross-attention: {heads: 2, bias: false}}]}}, "
    "mean-positions",
    "tied": "{embedding: {vocabulary: 7, width: 8}}, positions, {dense: 8}, tanh, {dense: {units: 7, tied: 0}}, mean-positions",
    "pictures": "{convolution: {channels: 6, kernel: 3}}, batch-norm, relu, {max-pool: 2}, layer-norm, flatten, "
    "{dense: 12}, relu, {dense: 18}, {reshape: {shape: [3, 3, 2]}}, {convolution: {channels: 4, kernel: 2}}, flatten",
    "joins": "{parallel: {branches: [[{dense: 16}], [{dense: 16}, relu], [{dense: 16}, sigmoid]], join: multiply}}, "
    "{residual: {body: [{dense: 16}, relu], shortcut: [{dense: 16}]}}, {sequential: {layers: [{dense: 16}, tanh]}}, "
    "{repeat: {times: 2, body: [{dense: 16}, relu]}}",
    "more-activations": "{dense: 24}, relu6, {dense: 24}, hard-sigmoid, {dense: 24}, hard-swish, {dense: 24}, {elu: 0.7}, "
    "{dense: 24}, softplus, {dense: 24}, {softplus: 2}, {dense: 24}, mish, {dense: 24}, prelu, {prelu: {per-channel: true}}",
    "more-norms": f"{PICTURE}, {{convolution: {{channels: 12, kernel: 3}}}}, {{group-norm: 3}}, {{prelu: {{per-channel: true}}}}, "
    "rms-norm, {reshape: {shape: [24, 12]}}, {group-norm: 4}, {prelu: {slope: 0.1, per-channel: true}}, rms-norm, flatten, "
    "{dense: 16}, {group-norm: 2}, rms-norm",
    "transposed": f"{PICTURE}, {{transposed-convolution: {{channels: 6, kernel: 3, stride: 2, padding: 1, output-padding: 1}}}}, "
    "hard-swish, {transposed-convolution: {channels: 4, kernel: [2, 3], dilation: [1, 2], groups: 2, bias: false}}, flatten",
    "excitation": f"{PICTURE}, {{convolution: {{channels: 8, kernel: 3}}}}, {{parallel: {{join: multiply, branches: [[], "
    "[global-average-pool, {dense: 4}, relu, {dense: 8}, hard-sigmoid]]}}, {parallel: {join: multiply, branches: [[adaptive-"
    "average-pool: 1, {convolution: {channels: 8, kernel: 1}}, sigmoid], [hard-swish]]}}, flatten",
    "more-pools": f"{PICTURE}, {{convolution: {{channels: 5, kernel: 3, padding: 1}}}}, {{average-pool: {{size: 3, stride: 1, padding: 1, "
    "count-include-pad: false}}, {average-pool: {size: 2, stride: 1, padding: same, count-include-pad: false}}, {parallel: "
    "{branches: [[adaptive-average-pool: [4, 3]], [adaptive-max-pool: [4, 3]]]}}, {parallel: {branches: [[global-max-pool], "
    "[global-average-pool]]}}",
    "lines": f"{SEQUENCE}, {{convolution-1d: {{channels: 10, kernel: 3, padding: same, groups: 2}}}}, relu, {{convolution-1d: {{channels: 8, "
    "kernel: 3, dilation: 2, padding: causal}}, {max-pool-1d: {size: 3, stride: 1, padding: 1}}, {average-pool-1d: {size: 2, stride: 1, "
    "padding: same, count-include-pad: false}}, {transposed-convolution-1d: {channels: 6, kernel: 4, stride: 3, padding: 1, "
    "output-padding: 2}}, {average-pool-1d: {size: 3, padding: 1}}, {parallel: {branches: [[adaptive-average-pool: 5], "
    "[adaptive-max-pool: 5]]}}, {parallel: {branches: [[global-average-pool], [global-max-pool]]}}",
    "swiglu": f"{SEQUENCE}, {{residual: {{body: [rms-norm, {{swiglu: 20}}, {{dense: {{units: 8, bias: false}}}}]}}}}, {{parallel: {{join: "
    "multiply, branches: [[], [mean-positions, sigmoid]]}}, mean-positions, {swiglu: {units: 12, bias: true}}",
    "recurrent": f"{SEQUENCE}, {{lstm: {{units: 10, layers: 2, bidirectional: true, dropout: 0.2}}}}, {{gru: {{units: 7, bias: false}}}}, "
    "{parallel: {branches: [[{lstm: {units: 5, return: last, bidirectional: true}}], [{gru: {units: 6, layers: 2, return: last}}], "
    "[{select-position: 3}]]}}",
    "padded-recurrent": f"{{embedding: {{vocabulary: 7, width: 8, padding: 0, {DRAWN}}}}}, "
    "{lstm: {units: 6, bidirectional: true}}, {gru: {units: 9, layers: 2}}, {parallel: {branches: [[{lstm: {units: 5, return: last, bidirectional: true}}], [{gru: {units: 6, return: last, "
    "bidirectional: true}}], [{gru: {units: 4, layers: 2, bidirectional: true}}, mean-positions]]}}",
    "bags": "{parallel: {branches: [[%s], [%s], [%s]]}}" % (bag("mean"), bag("sum"), bag("max")),
    "padded-bags": "{parallel: {branches: [[%s], [%s], [%s]]}}" % (bag("mean", 0), bag("sum", 0), bag("max", 0)),
}

# Those that read tokens.
TOKENS = ("tokens", "tied", "padded", "padded-rotary", "memory", "padded-recurrent", "bags", "padded-bags")


def write(folder, name):
    """Writes data and configuration; returns the graph's inputs by name, those of PyTorch's module, and their file."""
    if name == "pictures":
        return write_pictures(folder, name)
    random = numpy.random.RandomState(0)
    tokens = name in TOKENS
    if tokens:
        rows = random.randint(0, 7, (TRAINING + NEW, 12)).astype(float)
        if name not in ("tokens", "tied", "bags"):  # sequences that end anywhere, or have nothing at all
            rows[numpy.arange(12) >= random.randint(0, 13, (TRAINING + NEW, 1))] = 0
    else:
        rows = random.standard_normal((TRAINING + NEW, FEATURES)) * random.uniform(0.1, 30, FEATURES) + 5
    labels = ["abc"[place % 3] for place in range(TRAINING + NEW)]
    header = [f"x{place}" for place in range(rows.shape[1])]
    for file, part in (("train.csv", slice(0, TRAINING)), ("new.csv", slice(TRAINING, None))):
        with open(folder / file, "w", newline="") as opened:
            writer = csv.writer(opened)
            writer.writerow([*header, "label"])
            writer.writerows([*map(repr, row.tolist()), label] for row, label in zip(rows[part], labels[part]))
    configure(folder, name, "{csv: {train: train.csv, target: label}}", "none" if tokens else "feature")
    new = rows[TRAINING:]
    given = {column: numpy.ascontiguousarray(new[:, place]) for place, column in enumerate(header)}
    return given, new, "new.csv"


def write_pictures(folder, name):
    random = numpy.random.RandomState(0)
    for part, count in (("train", TRAINING), ("new", NEW)):
        images = random.randint(0, 256, (count, 8, 8)).astype(numpy.uint8)
        (folder / f"{part}.images").write_bytes(struct.pack(">IIII", 0x803, count, 8, 8) + images.tobytes())
        labels = bytes(place % 3 for place in range(count))
        (folder / f"{part}.labels").write_bytes(struct.pack(">II", 0x801, count) + labels)
    files = (("train", "train"), ("test", "new"))
    parts = [f"{part}: {{images: {file}.images, labels: {file}.labels}}" for part, file in files]
    configure(folder, name, f"{{idx: {{{', '.join(parts)}}}}}", "channel")
    new = images.astype(numpy.float32)
    return {"features": new[..., None]}, new[:, None], "new.images"


def configure(folder, name, data, standardise):
    (folder / "case.yaml").write_text(
        f"data: {data}\nstandardise: {standardise}\nmodel: [{CASES[name]}, {{dense: 3}}]\n"
        "batch: 32\nmicro-batch: 16\nepochs: 2\n"
    )
