#!/usr/bin/env python3
"""Writes scores.json beside this script: what scikit-learn's defaults make of truths and predictions.

    python3 -m venv venv && venv/bin/pip install scikit-learn
    venv/bin/python Tests/Goldens/make-scores.py

The file in the repository was made with scikit-learn 1.9.
"""

import json
import pathlib
import warnings

import numpy
from sklearn.metrics import accuracy_score, classification_report, precision_recall_fscore_support

warnings.filterwarnings("ignore")  # A score whose denominator is zero is zero: the default, which also warns.
HERE = pathlib.Path(__file__).parent


def case(name, classes, truths, predictions, ignored=None):
    """Samples whose truth is `ignored` are left out, as a loss with that setting does."""
    kept = [(t, p) for t, p in zip(truths, predictions) if t != ignored]
    truth, prediction = [t for t, _ in kept], [p for _, p in kept]
    averages = {}
    for average in ("macro", "weighted"):
        precision, recall, f1, _ = precision_recall_fscore_support(truth, prediction, average=average)
        averages[average] = [float(precision), float(recall), float(f1)]
    present = sorted(set(truth) | set(prediction))
    report = classification_report(truth, prediction, digits=4, target_names=[f"class {c}" for c in present])
    return {
        "name": name, "classes": classes, "truths": list(map(int, truth)), "predictions": list(map(int, prediction)),
        "accuracy": float(accuracy_score(truth, prediction)), "report": report, **averages,
    }  # fmt: skip


random = numpy.random.default_rng(7)
many = random.integers(0, 6, 60)
cases = [
    case("all present", 3, [0, 1, 2, 2, 2], [0, 0, 2, 2, 1]),
    case("one class nowhere", 4, [0, 1, 3, 3, 0], [0, 3, 3, 3, 1]),
    case("predicted alone", 4, [0, 1, 1, 0], [0, 1, 2, 0]),
    case("in the truths alone", 3, [0, 1, 2, 2], [0, 1, 1, 0]),
    case("one class ignored", 3, [2, 0, 1, 2, 1, 2, 0], [0, 0, 1, 1, 0, 0, 1], ignored=2),
    case("ignored and predicted", 3, [2, 0, 1, 2, 1, 2, 0], [0, 0, 2, 1, 0, 2, 1], ignored=2),
    case("one alone", 2, [1, 1, 1], [1, 1, 1]),
    case("many", 10, many, numpy.where(random.random(60) < 0.6, many, random.integers(0, 6, 60))),
]
lines = ",\n".join(json.dumps(c) for c in cases)
(HERE / "scores.json").write_text(f"[\n{lines}\n]\n")
