"""Who is measured by scripts/compare-peers, in which forms, and how one of them is run."""

import json
import os
import pathlib
import socket
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PICTURES = ("mobilenetv3-small", "efficientnet-lite0")
MODELS = ("mlp", "cnn", "gpt", "gptm", "gpt2", *PICTURES)
PRECISIONS = ("float32", "bfloat16")
UNAVAILABLE, INTERNAL = 69, 70

# PyTorch in float32, as who looks for speed would write it: each of these, alone or compiled.
TORCH = ["fused", "fused+compiled"]
# What each peer needs (a `peer_environment` of common.sh), its script, its models, its forms in float32, and how many processes it
# is run with beside one. A form in bfloat16 is one in float32 with `+bfloat16`.
PEERS = {
    "pytorch": dict(environment="pytorch", script="pytorch.py", models=MODELS, forms=TORCH),
    "pytorch-ddp": dict(environment="pytorch", script="pytorch.py", models=MODELS, forms=TORCH, processes=2),
    "jax": dict(environment="jax", script="jax_step.py", models=("mlp", "cnn", "gpt", "gptm"), forms=["jit"]),
    "keras": dict(environment="tensorflow", script="keras_step.py", models=("mlp", "cnn"), forms=["graph", "jit"]),
}
# What keeps libraries from using more than AVX2: PyTorch's own loops, oneDNN in PyTorch and TensorFlow, MKL, XLA, and the code that
# torch.compile writes.
AVX2 = dict(
    ATEN_CPU_CAPABILITY="avx2", ONEDNN_MAX_CPU_ISA="AVX2", MKL_ENABLE_INSTRUCTIONS="AVX2",
    XLA_FLAGS="--xla_cpu_max_isa=AVX2", TORCHINDUCTOR_CPP_SIMDLEN="256",
)  # fmt: skip
# Samples that Lockstep computes at a time, of the batches in common.py: what is quickest on one core.
MICRO_BATCH = {"mlp": 128, "cnn": 32, "gpt": 12, "gptm": 4, "gpt2": 2, "mobilenetv3-small": 16, "efficientnet-lite0": 16}
# Models of which a step takes seconds are measured so many times as long.
PATIENCE = {"gpt2": 10, "mobilenetv3-small": 2, "efficientnet-lite0": 4}


def fail(message, code=UNAVAILABLE):
    print(f"compare-peers: {message}", file=sys.stderr)
    sys.exit(code)


def note(message):
    print(f"note: {message}", file=sys.stderr)


def processes(peer):
    return PEERS[peer].get("processes", 1)


def forms(peer, model, precision):
    """The forms of a peer that may be its best. Who allows bfloat16 may still find float32 quicker: that is for the table."""
    found = list(PEERS[peer]["forms"])
    if model in ("cnn", *PICTURES) and PEERS[peer]["script"] == "pytorch.py":
        found += [f"{form}+channels-last" for form in found]
    return found if precision == "float32" else [f"{form}+bfloat16" for form in found]


def python(peer):
    """The Python of a virtual environment with what the peer needs, made where there is none: common.sh knows how."""
    words = 'source scripts/common.sh && peer_environment "$1" >&2 && echo "$environment"'
    name = PEERS[peer]["environment"]
    made = subprocess.run(["bash", "-c", words, "compare-peers", name], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if made.returncode != 0:
        sys.exit(made.returncode)
    return pathlib.Path(made.stdout.strip().splitlines()[-1]) / "bin" / "python"


def start(command, cores, extra=None):
    compiled = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "lockstep" / "torchinductor"
    variables = dict(
        os.environ, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", TORCHINDUCTOR_CACHE_DIR=str(compiled), **(extra or {})
    )  # fmt: skip
    # JAX offers no number of threads; one core for all of them comes to the same.
    pinned = ["taskset", "-c", ",".join(map(str, cores))] + [str(word) for word in command]
    return subprocess.Popen(pinned, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables)


def finish(process, what):
    """What a process printed last, as JSON."""
    output, errors = process.communicate()
    if process.returncode != 0:
        fail(f"{what} ended with {process.returncode}: {(errors.strip().splitlines() or [''])[-1]}", INTERNAL)
    return json.loads(output.strip().splitlines()[-1])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def measure_peer(peer, program, model, form, cores, seconds, limits):
    """Its rate, and its version."""
    what, count = f"{peer} ({form}) on {model}", processes(peer)
    command = [program, ROOT / "scripts" / "peers" / PEERS[peer]["script"], model, form]
    command.append(seconds * PATIENCE.get(model, 1))
    if count == 1:
        found = finish(start(command, cores[:1], limits), what)
    else:
        shared = dict(limits, MASTER_ADDR="127.0.0.1", MASTER_PORT=str(free_port()), WORLD_SIZE=str(count))
        ranks = [start(command, [cores[rank]], dict(shared, RANK=str(rank))) for rank in range(count)]
        found = finish(ranks[0], what)
        for rank in ranks[1:]:
            rank.communicate()
    return found["samples_per_second"], found["version"]


def measure_lockstep(lockstep, model, ranks, cores, seconds, settings):
    """Its rate."""
    command = [lockstep, "bench", "--models", model, "--ranks", ranks, "--rounds", 1]
    command += ["--seconds", seconds * PATIENCE.get(model, 1), "--micro-batch", MICRO_BATCH[model]]
    command += ["--json", "/dev/stdout"] + [word for setting in settings for word in ("--set", setting)]
    process = start(command, cores[:ranks])
    output, errors = process.communicate()
    if process.returncode != 0:
        fail(f"lockstep on {model}: {(errors.strip().splitlines() or [''])[-1]}", process.returncode)
    return json.loads(output[output.index("\n[") :])[0]["samples_per_second"]


def carried(lockstep):
    """The models that this Lockstep carries."""
    help_text = subprocess.run([lockstep, "bench", "--help"], capture_output=True, text=True).stdout
    line = next(line for line in help_text.splitlines() if line.startswith("Models: "))
    return [model for model in MODELS if model in line.replace(",", " ").replace(";", " ").split()]


def knows_setting(lockstep, name):
    """Whether it stands in this Lockstep's schema."""
    schema = subprocess.run([lockstep, "schema"], capture_output=True, text=True).stdout
    return name in json.loads(schema)["properties"]
