"""What the peers share: the shapes of the models, how to time a step, what to print. Needs NumPy alone."""

import json
import sys
import time

# Of one process: samples a step; for texts, sequences of `places` tokens.
BATCH = {"mlp": 128, "cnn": 64, "gpt": 12, "gptm": 8, "gpt2": 2, "mobilenetv3-small": 16, "efficientnet-lite0": 16}
# Of pictures that are not 28×28×1 of 10 classes: pixels along an axis, channels, classes.
PICTURES = {"mobilenetv3-small": (224, 3, 1000), "efficientnet-lite0": (224, 3, 1000)}
# V vocabulary, T places, L layers, H heads, D width.
TEXT = {
    "gpt": dict(V=65, T=64, L=4, H=4, D=128),
    "gptm": dict(V=256, T=256, L=6, H=6, D=384),
    "gpt2": dict(V=50257, T=512, L=12, H=12, D=768),
}
BATCHES = 10  # that take turns, all in memory, as many as Lockstep's mlp and cnn have


def arguments():
    """The model, what the form is made of, and for how many seconds to measure: `pytorch.py mlp fused+bfloat16 2.0`."""
    return sys.argv[1], set(sys.argv[2].split("+")), float(sys.argv[3])


def data(model, numpy, channels_last=False):
    """Random inputs and targets of `BATCHES` batches, from a fixed seed."""
    random = numpy.random.RandomState(0)
    batch = BATCH[model]
    if model in TEXT:
        text = TEXT[model]
        shape = (BATCHES, batch, text["T"])
        return random.randint(0, text["V"], shape), random.randint(0, text["V"], shape)
    pixels, channels, classes = PICTURES.get(model, (28, 1, 10))
    image = (pixels, pixels, channels) if channels_last else (channels, pixels, pixels)
    inputs = random.standard_normal((BATCHES, batch) + image).astype(numpy.float32)
    return inputs, random.randint(0, classes, (BATCHES, batch))


def units(model):
    """Samples of one step of one process, or tokens where the model reads text."""
    return BATCH[model] * (TEXT[model]["T"] if model in TEXT else 1)


def agree_on_itself(count):
    return count


def measure(step, finish, seconds, agree=agree_on_itself):
    """Steps a second of `step(i)`, after a warm-up: five steps, or two where those take long.

    `finish()` returns when all that was started is done. `agree` makes the number of steps that of the first process,
    where there are several.
    """
    step(0)  # compiles
    finish()
    start = time.perf_counter()
    step(1)
    finish()
    once = time.perf_counter() - start
    trial = agree(max(1, min(5, int(seconds / once / 3))))
    start = time.perf_counter()
    for i in range(trial):
        step(i)
    finish()
    count = agree(max(3, int(seconds / ((time.perf_counter() - start) / trial))))
    start = time.perf_counter()
    for i in range(count):
        step(i)
    finish()
    return count / (time.perf_counter() - start)


def report(peer, version, model, processes, steps_per_second):
    """One line of JSON, for scripts/compare-peers."""
    rate = steps_per_second * units(model) * processes
    print(json.dumps({"peer": peer, "version": version, "model": model, "samples_per_second": rate}))
