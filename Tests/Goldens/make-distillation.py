#!/usr/bin/env python3
"""Writes distillation.json beside this script: models of tokens that learn of a teacher, as PyTorch trains them.

    venv/bin/python Tests/Goldens/make-distillation.py

In double, from inputs that are floats, with PyTorch 2.15: steps of plain gradient descent with all samples. Of each position the
loss is (1 - share) · cross-entropy + share · T² KL(teacher ‖ student), PyTorch's kl_div; the mean is over positions that count.
"""

import json
import pathlib

import numpy
import torch
from torch.nn import functional

torch.set_default_dtype(torch.float64)
HERE = pathlib.Path(__file__).parent
SAMPLES, T, V, TEACHER, STUDENT, STEPS, RATE = 6, 5, 7, 6, 3, 4, 0.5


def model(generator, width):
    def floats(*shape):
        return torch.tensor(generator.uniform(-0.9, 0.9, shape).astype(numpy.float32).astype(float))

    return {"0.weight": floats(V, width), "2.weight": floats(V, width), "2.bias": floats(V)}


def logits(model, tokens):
    return functional.linear(torch.tanh(model["0.weight"][tokens]), model["2.weight"], model["2.bias"])


def case(name, temperature, share, ignored=None, padded=False):
    generator = numpy.random.default_rng(len(name))
    text = generator.integers(1, V, SAMPLES * T + 1)
    if padded:
        for sample in range(SAMPLES):
            text[sample * T + max(1, T - sample) : (sample + 1) * T] = 0
    text = torch.tensor(text)
    tokens, targets = text[:-1].reshape(SAMPLES, T), text[1:].reshape(SAMPLES, T)
    counts = torch.ones_like(targets, dtype=torch.bool)
    if ignored is not None:
        counts &= targets != ignored
    if padded:
        counts &= tokens != 0
    teacher, student = model(generator, TEACHER), model(generator, STUDENT)
    initial = {key: slot.flatten().tolist() for key, slot in student.items()}
    soft = functional.log_softmax(logits(teacher, tokens) / temperature, -1)
    losses = []
    for _ in range(STEPS):
        for slot in student.values():
            slot.requires_grad_(True)
            slot.grad = None
        outputs = logits(student, tokens)
        hard = functional.cross_entropy(outputs[counts], targets[counts])
        kl = functional.kl_div(
            functional.log_softmax(outputs / temperature, -1)[counts], soft[counts], reduction="batchmean", log_target=True
        )
        loss = (1 - share) * hard + share * temperature**2 * kl
        loss.backward()
        losses.append(loss.item())
        with torch.no_grad():
            student = {key: slot - RATE * slot.grad for key, slot in student.items()}
    return {
        "name": name,
        "temperature": temperature,
        "share": share,
        "ignored": ignored,
        "padded": padded,
        "text": text.tolist(),
        "teacher": {key: slot.flatten().tolist() for key, slot in teacher.items()},
        "student": initial,
        "losses": losses,
        "final": {key: slot.detach().flatten().tolist() for key, slot in student.items()},
    }


CASES = [
    case("all positions", 3.0, 0.6),
    case("the teacher alone", 1.0, 1.0),
    case("targets that are ignored", 2.0, 0.7, ignored=4),
    case("sequences that end", 4.0, 0.5, padded=True),
]
text = ",\n".join(json.dumps(made) for made in CASES)
(HERE / "distillation.json").write_text(f"[\n{text}\n]\n")
