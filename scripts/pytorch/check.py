"""Trains each shipped architecture a few steps, loads its checkpoint into PyTorch, and compares what both compute.

check.py LOCKSTEP [ARCHITECTURE…]; see scripts/check-pytorch.
"""

import csv
import gzip
import hashlib
import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy
import torch
from safetensors import safe_open
from safetensors.torch import load_file

import architectures

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DATA = pathlib.Path("/usr/share/datasets/fashion-mnist")
SAMPLES = 200
# Of a probability: sums of up to 9216 terms in single precision, in another order. A feature in a wrong place is off by
# tenths; the controls must be off by ten times the tolerance.
TOLERANCE = 1e-4
# Of a mean loss that is printed with four digits.
LOSS_TOLERANCE = 2e-4
# Logits that are as near as this are equal for a choice of the largest.
NEAR = 1e-3


def run(lockstep, *words):
    ended = subprocess.run([lockstep, *map(str, words)], capture_output=True, text=True)
    if ended.returncode not in (0, 75):
        sys.exit(f"check-pytorch: lockstep {' '.join(map(str, words))} ended with {ended.returncode}: {ended.stderr}")
    return ended.stdout


def train(lockstep, name, folder, steps, settings):
    carried = ROOT / "Sources" / "Benchmarks" / "Models" / f"{name}.yaml"
    recipe = carried if carried.exists() else name
    words = [word for setting in settings + [f"stop-after={steps}"] for word in ("--set", setting)]
    run(lockstep, "train", recipe, "--quiet", "--output", folder / "run", *words)
    return max((folder / "run").glob("step-*"))


def load(name, checkpoint):
    """The module with the checkpoint's parameters: every name, no name more."""
    module = architectures.make(name)
    module.load_state_dict(load_file(checkpoint / "model.safetensors"), strict=True)
    return module.eval()


def check_digest(checkpoint):
    """The digest is the SHA-256 of the tensors in the file's order."""
    record = json.loads((checkpoint / "run.json").read_text())
    path = checkpoint / "model.safetensors"
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    header.pop("__metadata__", None)
    names = sorted(header, key=lambda name: header[name]["data_offsets"])
    digest = hashlib.sha256()
    with safe_open(path, framework="numpy") as file:
        for name in names:
            digest.update(numpy.ascontiguousarray(file.get_tensor(name)).tobytes())
    if record["digest"] != f"sha256:{digest.hexdigest()}":
        sys.exit(f"check-pytorch: {checkpoint}: the file's digest is {digest.hexdigest()}, found {record['digest']}")


def expect(name, what, error, tolerance, control):
    """`control` is the error of a module whose parameters are in another order."""
    print(f"{name:21} {what:13} differs by {error:.1e} (at most {tolerance:.0e}), the control by {control:.1e}")
    if not error <= tolerance:
        sys.exit(f"check-pytorch: {name}: PyTorch computes something else from the checkpoint")
    if not control > 10 * tolerance:
        sys.exit(f"check-pytorch: {name}: a wrong order of parameters would not be seen")


def predictions(lockstep, checkpoint, inputs, folder):
    run(lockstep, "predict", checkpoint, "--input", inputs, "--output", folder / "predictions.csv")
    with open(folder / "predictions.csv", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return torch.tensor([[float(cell) for cell in row[1:]] for row in rows])


def standardised(checkpoint, features):
    path = checkpoint / "standardisation.safetensors"
    if not path.exists():
        return features
    statistics = load_file(path)
    return (features - statistics["means"]) / statistics["deviations"]


def disorder(module, place=0):
    """A control: the rows of the first matrix (or another) in reverse, as if its features lay in another order."""
    matrix = [parameter for parameter in module.parameters() if parameter.dim() > 1][place]
    with torch.no_grad():
        matrix.copy_(matrix.flip(0))


def as_it_was(module):
    """The control for pictures: the columns behind the flatten as they lie in memory, height×width×channels."""
    layers = list(module)
    place = next(i for i, layer in enumerate(layers) if isinstance(layer, torch.nn.Flatten))
    dense = layers[place + 1]
    with torch.no_grad():
        O = dense.out_features
        dense.weight.copy_(dense.weight.view(O, 64, 12, 12).permute(0, 2, 3, 1).reshape(O, -1))


def check_rows(name, checkpoint, expected, inputs, control):
    with torch.no_grad():
        module = load(name, checkpoint)
        error = (module(inputs).softmax(-1) - expected).abs().max().item()
        control(module)
        wrong = (module(inputs).softmax(-1) - expected).abs().max().item()
    expect(name, "probabilities", error, TOLERANCE, wrong)


def check_start(lockstep, name, folder, settings, inputs, features):
    """The other way round: a run that starts from a module's state computes what the module does."""
    module = architectures.make(name).eval()
    with torch.no_grad():
        for norm in (m for m in module.modules() if isinstance(m, torch.nn.BatchNorm2d)):
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 2)
    torch.save(module.state_dict(), folder / "made.pth", _use_new_zipfile_serialization="cnn" not in name)
    carried = ROOT / "Sources" / "Benchmarks" / "Models" / f"{name}.yaml"
    settings = settings + [f"start-from={{pytorch: {folder}/made.pth}}", "checkpoint-at-start=true", "stop-after=1"]
    words = [word for setting in settings for word in ("--set", setting)]
    run(lockstep, "train", carried if carried.exists() else name, "--quiet", "--output", folder / "start", *words)
    checkpoint = folder / "start" / "step-00000000"
    expected = predictions(lockstep, checkpoint, inputs, folder)
    with torch.no_grad():
        error = (module(standardised(checkpoint, features)).softmax(1) - expected).abs().max().item()
        disorder(module)
        control = (module(standardised(checkpoint, features)).softmax(1) - expected).abs().max().item()
    expect(name, "from PyTorch", error, TOLERANCE, control)


def check_pictures(lockstep, name, folder):
    files = {
        "train": [DATA / "train-images-idx3-ubyte.gz", DATA / "train-labels-idx1-ubyte.gz"],
        "test": [DATA / "t10k-images-idx3-ubyte.gz", DATA / "t10k-labels-idx1-ubyte.gz"],
    }
    parts = []
    for part, (images, labels) in files.items():
        few = 2000 if part == "train" else SAMPLES
        for path, header, size in ((images, 16, 784), (labels, 8, 1)):
            content = gzip.open(path).read(header + few * size)
            content = content[:4] + struct.pack(">I", few) + content[8:]
            (folder / f"{part}-{header}").write_bytes(content)
        parts.append(f"{part}: {{images: {folder}/{part}-16, labels: {folder}/{part}-8}}")
    settings = [f"data={{idx: {{{', '.join(parts)}}}}}", "standardise=channel", "batch=64", "micro-batch=32", "epochs=1"]
    checkpoint = train(lockstep, name, folder, 20, settings)
    expected = predictions(lockstep, checkpoint, folder / "test-16", folder)
    pixels = numpy.frombuffer((folder / "test-16").read_bytes()[16:], numpy.uint8).reshape(-1, 1, 28, 28)
    inputs = standardised(checkpoint, torch.from_numpy(pixels.astype(numpy.float32)))
    check_digest(checkpoint)
    check_rows(name, checkpoint, expected, inputs, as_it_was if "cnn" in name else disorder)
    pictures = torch.from_numpy(pixels.astype(numpy.float32))
    check_start(lockstep, name, folder, settings, folder / "test-16", pictures)


def check_table(lockstep, name, folder):
    checkpoint = train(lockstep, name, folder, 40, [])
    features = numpy.random.RandomState(0).standard_normal((SAMPLES, 2)).astype(numpy.float32)
    names = json.loads((checkpoint / "run.json").read_text()).get("features") or ["x", "y"]
    with open(folder / "features.csv", "w", newline="") as file:
        csv.writer(file).writerows([names, *([repr(float(cell)) for cell in row] for row in features)])
    expected = predictions(lockstep, checkpoint, folder / "features.csv", folder)
    check_digest(checkpoint)
    check_rows(name, checkpoint, expected, standardised(checkpoint, torch.from_numpy(features)), disorder)


def check_text(lockstep, name, folder):
    """The mean loss of a text, as evaluate prints it, and the text that generate writes at temperature 0."""
    extents = architectures.TEXT[name]
    V, T = extents["V"], extents["T"]
    letters = "abcdefghijklmnopqrstuvwxyz ,.\n"
    random = numpy.random.RandomState(1)
    words = ["".join(random.choice(list(letters[:26]), random.randint(2, 7))) for _ in range(40)]
    text = " ".join(random.choice(words) for _ in range(4 * T)) + letters
    (folder / "text").write_text(text)
    test = " ".join(random.choice(words) for _ in range(T))[: 2 * T + 1]
    (folder / "test").write_text(test)
    settings = [
        f"data={{text: {{file: {folder}/text, unit: characters, length: {T}, vocabulary: {V}}}}}",
        "batch=4", "micro-batch=2", "epochs=20", "schedule=constant", "clip-norm=1", "optimizer={adam: 0.003}",
    ]  # fmt: skip
    # A step of the largest takes seconds.
    checkpoint = train(lockstep, name, folder, 12 if T < 512 else 3, settings)
    check_digest(checkpoint)
    printed = run(lockstep, "evaluate", checkpoint, "--data", folder / "test")
    expected = next(float(line.split()[-1]) for line in printed.splitlines() if line.startswith("loss"))
    names = json.loads((checkpoint / "run.json").read_text())["classes"]
    tokens = torch.tensor([names.index(letter) for letter in test])
    windows, targets = tokens[:-1].view(-1, T), tokens[1:].view(-1, T)

    def loss(module):
        with torch.no_grad():
            return torch.nn.functional.cross_entropy(module(windows).flatten(0, 1), targets.flatten()).item()

    module = load(name, checkpoint)
    written = run(lockstep, "generate", checkpoint, "--prompt", test[:9], "--length", 24, "--temperature", 0)
    written = written[9:-1]  # the prompt before it, a line's end behind
    context = [names.index(letter) for letter in test[:9]]
    used = [i for i, letter in enumerate(names) if letter in letters]
    for letter in written:
        with torch.no_grad():
            logits = module(torch.tensor([context[-T:]]))[0, -1]
        chosen = logits[names.index(letter)].item()
        if not chosen >= logits[used].max().item() - NEAR:
            sys.exit(f"check-pytorch: {name}: PyTorch would not go on with {letter!r} after {len(context)} characters")
        context.append(names.index(letter))
    error = abs(loss(module) - expected)
    # The last matrix knows how frequent characters are, which is what a few steps teach first.
    disorder(module, place=-1)
    expect(name, "mean loss", error, LOSS_TOLERANCE, abs(loss(module) - expected))


def check_differences():
    """What the article on differences says of PyTorch."""
    try:
        torch.nn.BatchNorm1d(3).train()(torch.ones(1, 3))
        sys.exit("check-pytorch: batch norm of one value: PyTorch takes it by now")
    except ValueError:
        pass
    parameter = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
    parameter.grad = torch.tensor([3e-3, 4e-3], dtype=torch.float64)
    torch.nn.utils.clip_grad_norm_([parameter], 1e-3)
    D = 256
    dense, attention = torch.nn.Linear(D, 4000), torch.nn.MultiheadAttention(D, 4)
    grouped = torch.nn.Conv2d(8, 4000, 3, groups=4)
    torch.nn.init.xavier_uniform_(grouped.weight)
    if torch.nn.RMSNorm(3).eps is not None or abs(torch.finfo(torch.float32).eps - 1.2e-7) > 1e-9:
        sys.exit("check-pytorch: the epsilon of an RMSNorm is another one by now")
    torch.nn.ConvTranspose2d(2, 2, 3, stride=1, dilation=2, output_padding=1)(torch.ones(1, 2, 3, 3))
    largest = {
        "clipped": (parameter.grad.norm(), 1e-3 * 5e-3 / (5e-3 + 1e-6), 1e-9),
        "dense": (dense.weight.abs().max(), D**-0.5, 1e-3),
        "bias": (dense.bias.abs().max(), D**-0.5, 1e-2),
        "embedding": (torch.nn.Embedding(1000, 100).weight.std(), 1, 2e-2),
        "first weight": (attention.in_proj_weight.abs().max(), (6 / (4 * D)) ** 0.5, 1e-3),
        "last weight": (attention.out_proj.weight.abs().max(), D**-0.5, 1e-3),
        "transposed": (torch.nn.ConvTranspose2d(100, 40, 3).weight.abs().max(), (40 * 9) ** -0.5, 1e-3),
        "grouped": (grouped.weight.abs().max(), (6 / (2 * 9 + 4000 * 9)) ** 0.5, 1e-3),
    }
    for name, (found, expected, tolerance) in largest.items():
        if abs(found.item() / expected - 1) > tolerance:
            sys.exit(f"check-pytorch: {name}: expected {expected} of PyTorch, found {found.item()}")


def main():
    lockstep, *names = sys.argv[1:]
    torch.set_num_threads(1)
    torch.manual_seed(0)
    check_differences()
    every = ["two-class", *architectures.PICTURES, *architectures.TEXT]
    for name in names or every:
        if name not in every:
            sys.exit(f"check-pytorch: expected some of {', '.join(every)}, found '{name}'")
        check = {"two-class": check_table}.get(name, check_text if name in architectures.TEXT else check_pictures)
        with tempfile.TemporaryDirectory(prefix="lockstep-") as folder:
            check(lockstep, name, pathlib.Path(folder))


main()
