"""Trains adapters, has PEFT read what is exported of them, and compares what both compute: see scripts/check-peft.

check_peft.py LOCKSTEP
"""

import csv
import pathlib
import subprocess
import sys
import tempfile

import peft
import torch
from safetensors.torch import load_file

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "pytorch"))
import architectures  # noqa: E402

# Of a probability: sums of 16 terms in single precision, in another order.
TOLERANCE = 1e-5
ROWS = [(0.5, -1.0), (1.5, 2.0), (-0.25, 0.75), (-2.0, -1.0)]


def run(lockstep, *words):
    ended = subprocess.run([lockstep, *map(str, words)], capture_output=True, text=True)
    if ended.returncode != 0:
        sys.exit(f"check-peft: lockstep {' '.join(map(str, words))} ended with {ended.returncode}: {ended.stderr}")


def newest(run):
    return max(run.glob("step-*"))


class Attention(torch.nn.Module):
    """Attention of grouped heads with projections apart, as models have it that PEFT knows by their names."""

    def __init__(self, width, heads, key_heads):
        super().__init__()
        self.heads, self.key_heads = heads, key_heads
        key_width = width // heads * key_heads
        self.q_proj, self.k_proj = torch.nn.Linear(width, width), torch.nn.Linear(width, key_width)
        self.v_proj, self.out_proj = torch.nn.Linear(width, key_width), torch.nn.Linear(width, width)

    def forward(self, x):
        def parts(rows, heads):
            return rows.unflatten(-1, (heads, -1)).transpose(1, 2).repeat_interleave(self.heads // heads, dim=1)

        keys, values = parts(self.k_proj(x), self.key_heads), parts(self.v_proj(x), self.key_heads)
        outputs = torch.nn.functional.scaled_dot_product_attention(parts(self.q_proj(x), self.heads), keys, values)
        return self.out_proj(outputs.transpose(1, 2).flatten(2))


class MeanPositions(torch.nn.Module):
    def forward(self, x):
        return x.mean(dim=1)


ATTENTION = "[{dense: 32}, {reshape: {shape: [4, 8]}}, {attention: {heads: 4, key-heads: 2}}, mean-positions, {dense: 2}]"


def attention(weights):
    """ATTENTION with Lockstep's weights, the rows of one of which are queries, keys and values."""
    module = torch.nn.Sequential(
        torch.nn.Linear(2, 32), torch.nn.Unflatten(1, (4, 8)), Attention(8, 4, 2), MeanPositions(), torch.nn.Linear(8, 2)
    )  # fmt: skip
    for kind in ("weight", "bias"):
        rows = weights.pop(f"2.in_proj_{kind}").split([8, 4, 4])
        weights.update({f"2.{name}_proj.{kind}": part for name, part in zip("qkv", rows)})
    module.load_state_dict(weights)
    return module


def perceptron(weights):
    module = architectures.make("two-class")
    module.load_state_dict(weights)
    return module


def check(lockstep, folder, name, settings, model=None):
    base = folder / ("attention" if model else "base")
    train = ["train", "two-class", "--quiet", "--set", "data.two-class.train=1024"]
    train += ["--set", f"model={model}"] if model else []
    if not base.exists():
        run(lockstep, *train, "--set", "epochs=1", "--output", base)
    own = ["--set", f"start-from={{checkpoint: {base}}}", "--set", f"lora={settings}"]
    run(lockstep, *train, "--set", "epochs=3", *own, "--output", folder / name)
    run(lockstep, "export", folder / name, "--peft", folder / f"{name}-adapter")
    with open(folder / "rows.csv", "w", newline="") as file:
        csv.writer(file).writerows([("x", "y"), *ROWS])
    run(lockstep, "predict", folder / name, "--input", folder / "rows.csv", "--output", folder / "predictions.csv")
    with open(folder / "predictions.csv", newline="") as file:
        expected = torch.tensor([[float(cell) for cell in row[1:]] for row in list(csv.reader(file))[1:]])

    statistics = load_file(newest(folder / name) / "standardisation.safetensors")
    features = (torch.tensor(ROWS) - statistics["means"]) / statistics["deviations"]
    module = (attention if model else perceptron)(load_file(newest(base) / "model.safetensors"))
    with torch.no_grad():
        control = (module(features).softmax(-1) - expected).abs().max().item()
        adapted = peft.PeftModel.from_pretrained(module, str(folder / f"{name}-adapter")).eval()
        apart = (adapted(features).softmax(-1) - expected).abs().max().item()
        merged = (adapted.merge_and_unload()(features).softmax(-1) - expected).abs().max().item()
    print(f"{name}: PEFT differs by {apart:.1e}, merged by {merged:.1e} (at most {TOLERANCE:.0e}), without the adapter by {control:.1e}")
    if not (max(apart, merged) <= TOLERANCE and control > 10 * TOLERANCE):
        sys.exit(f"check-peft: {name}: PEFT computes something else from the adapter")


with tempfile.TemporaryDirectory(prefix="lockstep-") as folder:
    folder = pathlib.Path(folder)
    check(sys.argv[1], folder, "all", '{rank: 4, alpha: 8, targets: "*"}')
    check(sys.argv[1], folder, "head", '{rank: 2, alpha: 1, targets: ["0"], modules-to-save: ["2.*"]}')
    check(sys.argv[1], folder, "queries-values", '{rank: 2, alpha: 8, targets: ["*.q_proj", "*.v_proj"]}', ATTENTION)
    check(sys.argv[1], folder, "projections", '{rank: 2, alpha: 4, targets: ["*_proj", "4"]}', ATTENTION)
