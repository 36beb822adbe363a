#!/usr/bin/env python3
"""Writes judgements.json beside this script: what scikit-learn makes of probabilities and numbers, beside what is true.

    python3 -m venv venv && venv/bin/pip install scikit-learn
    venv/bin/python Tests/Goldens/make-judgements.py

Probabilities are floats, as a network gives them; scikit-learn computes in double. The file in the repository was made with
scikit-learn 1.9.1. A metric that is null is one that scikit-learn refuses, or has NaN or a number by convention for; what is not
in scikit-learn (the calibration error, places of one relevant item) is written out here a second time.
"""

import json
import math
import pathlib
import warnings

import numpy as np
from sklearn import metrics as m
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).parent
random = np.random.default_rng(12)


def number(value):
    value = float(value)
    return value if math.isfinite(value) else None


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).astype(np.float32)


def calibration_error(hit, p, weights, bins):
    place = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], p)
    gaps = [abs(np.sum(weights[place == b] * (p[place == b] - hit[place == b]))) for b in range(bins)]
    return sum(gaps) / weights.sum()


def place_gain(p, y, k, gain):
    """The mean of what the true class's place gives among all, shared with those of the same score."""
    total = []
    for row, target in zip(p, y):
        first = (row > row[target]).sum() + 1
        equal = (row == row[target]).sum()
        total.append(sum(gain(r) for r in range(first, first + equal) if r <= k) / equal)
    return np.array(total)


def classes(name, p, y, weights=None, is_column=False):
    """`p` are N×K floats, or N of a yes or no."""
    p, y = np.asarray(p, dtype=np.float32), np.asarray(y)
    stored = p
    if is_column:
        yes = p.astype(float)
        p, chosen = np.stack([1 - yes, yes], axis=1), (yes > 0.5).astype(int)
    else:
        chosen = p.argmax(axis=1)
        p = p.astype(float)
    k = p.shape[1]
    labels = list(range(k))
    w = np.ones(len(y)) if weights is None else np.asarray(weights)
    both = {"sample_weight": w}
    one_hot = np.eye(k)[y]
    clipped = np.clip(p[np.arange(len(y)), y], 2.0**-52, 1 - 2.0**-52)
    found = {
        "accuracy": m.accuracy_score(y, chosen, **both),
        "balanced-accuracy": m.balanced_accuracy_score(y, chosen, **both),
        "log-loss": m.log_loss(y, p, labels=labels, **both),
    }
    assert abs(found["log-loss"] - np.average(-np.log(clipped), weights=w)) < 1e-6, name
    for average in ("macro", "micro", "weighted"):
        scores = m.precision_recall_fscore_support(y, chosen, average=average, zero_division=0, **both)
        for word, score in zip(("precision", "recall", "f1"), scores):
            found[word if average == "macro" else f"{word}-{average}"] = score
    single = len(set(y[w > 0])) == 1
    defined = not (single or len(set(chosen[w > 0])) == 1)
    found["matthews-correlation"] = m.matthews_corrcoef(y, chosen, **both) if defined else None
    alone = single and len(set(chosen[w > 0])) == 1
    found["cohens-kappa"] = None if alone else m.cohen_kappa_score(y, chosen, **both)
    absent = set(labels) - set(y[w > 0].tolist())
    if k == 2:
        found["brier-score"] = m.brier_score_loss(y, p[:, 1], labels=labels, **both)
        found["roc-auc"] = m.roc_auc_score(y, p[:, 1], **both) if not single else None
        found["average-precision"] = m.average_precision_score(y, p[:, 1], **both) if 1 not in absent else None
        found["calibration-error"] = calibration_error(y == 1, p[:, 1], w, 15)
    else:
        found["brier-score"] = np.average(((p - one_hot) ** 2).sum(axis=1), weights=w)
        own = [None if absent else m.roc_auc_score(y == c, p[:, c], **both) for c in labels]
        found["roc-auc"] = None if absent else np.mean(own)
        own = [None if absent else m.average_precision_score(y == c, p[:, c], **both) for c in labels]
        found["average-precision"] = None if absent else np.mean(own)
        found["calibration-error"] = calibration_error(y == chosen, p.max(axis=1), w, 15)
        found["top-2"] = None
        rows_without_ties = all(len(set(row)) == k for row in p)
        if rows_without_ties:
            found["top-2"] = m.top_k_accuracy_score(y, p, k=2, labels=labels, **both)
            assert abs(found["top-2"] - np.average(place_gain(p, y, 2, lambda r: 1), weights=w)) < 1e-12
        else:
            del found["top-2"]
        found["ndcg-3"] = m.ndcg_score(one_hot, p, k=3, **both)
        found["hit-rate-3"] = np.average(place_gain(p, y, 3, lambda r: 1), weights=w)
        found["mean-average-precision-3"] = np.average(place_gain(p, y, 3, lambda r: 1 / r), weights=w)
    case = {
        "name": name, "classes": k, "column": is_column, "probabilities": stored.ravel().tolist(), "targets": y.tolist(),
        "weights": None if weights is None else w.tolist(),
        "metrics": {key: None if value is None else number(value) for key, value in found.items()},
    }  # fmt: skip
    if k == 2 and not absent:
        fpr, tpr, _ = m.roc_curve(y, p[:, 1], drop_intermediate=False, **both)
        precision, recall, _ = m.precision_recall_curve(y, p[:, 1], **both)
        case["roc"] = [fpr.tolist(), tpr.tolist()]
        case["precision-recall"] = [recall[::-1].tolist(), precision[::-1].tolist()]
        if weights is None:
            frequency, mean = calibration_curve(y, p[:, 1], n_bins=15)
            case["reliability"] = [mean.tolist(), frequency.tolist()]
        isotonic = IsotonicRegression(out_of_bounds="clip", y_min=0, y_max=1).fit(p[:, 1], y == 1, sample_weight=w)
        asked = np.linspace(0, 1, 41)
        case["isotonic"] = isotonic.predict(asked).tolist()
    return case


def numbers(name, p, t, weights=None):
    p, t = np.asarray(p, dtype=float), np.asarray(t, dtype=float)
    w = np.ones(len(t)) if weights is None else np.asarray(weights)
    both = {"sample_weight": w}
    # Without weights the plain median is taken, as there.
    median = m.median_absolute_error(t, p, sample_weight=None if weights is None else w)
    found = {
        "mean-squared-error": m.mean_squared_error(t, p, **both),
        "root-mean-squared-error": m.root_mean_squared_error(t, p, **both),
        "mean-absolute-error": m.mean_absolute_error(t, p, **both),
        "median-absolute-error": median,
        "mean-absolute-percentage-error": None if (t == 0).any() else m.mean_absolute_percentage_error(t, p, **both),
        "r-squared": None if len(set(t)) == 1 else m.r2_score(t, p, **both),
        "pinball-loss-0.9": m.mean_pinball_loss(t, p, alpha=0.9, **both),
        "poisson-deviance": m.mean_poisson_deviance(t, p, **both) if (t >= 0).all() and (p > 0).all() else None,
    }
    return {
        "name": name, "predictions": p.tolist(), "targets": t.tolist(), "weights": None if weights is None else w.tolist(),
        "metrics": {key: None if value is None else number(value) for key, value in found.items()},
    }  # fmt: skip


def two(count, share, noise):
    y = (random.random(count) < share).astype(int)
    z = np.stack([-(2 * y - 1) + random.normal(0, noise, count), np.zeros(count)], axis=1)
    return softmax(z), y


def several(count, k):
    y = random.integers(0, k, count)
    return softmax(2 * np.eye(k)[y] + random.normal(0, 1.5, (count, k))), y


def rounded(p, digits):
    return np.round(p.astype(float), digits).astype(np.float32)


p2, y2 = two(300, 0.3, 1.5)
p3, y3 = several(200, 5)
rare = two(400, 0.02, 1.0)
t = random.gamma(2, 100, 150)
class_cases = [
    classes("two", p2, y2),
    classes("two, weighted", p2, y2, random.integers(0, 4, 300).astype(float)),
    classes("two, weights of any size", p2, y2, random.exponential(2, 300)),
    classes("yes or no", p2[:, 1], y2, is_column=True),
    classes("two, ties", np.stack([1 - rounded(p2[:, 1], 1), rounded(p2[:, 1], 1)], axis=1), y2),
    classes("all scores equal", np.full((40, 2), 0.5), random.integers(0, 2, 40)),
    classes("rare", *rare),
    classes("no positive", p2[:30], np.zeros(30, dtype=int)),
    classes("all positive", p2[:30], np.ones(30, dtype=int)),
    classes("sure and wrong", [[1, 0], [0, 1], [1, 0], [0, 1]], [0, 1, 1, 0]),
    classes("one row", p2[:1], y2[:1]),
    classes("five", p3, y3),
    classes("five, weighted", p3, y3, random.exponential(1, 200)),
    classes("five, ties", rounded(p3, 1), y3),
    classes("five, one nowhere", p3, np.where(y3 == 2, 1, y3)),
]
number_cases = [
    numbers("gamma", t * np.exp(random.normal(0, 0.3, 150)), t),
    numbers("weighted", t * np.exp(random.normal(0, 0.3, 150)), t, random.integers(0, 3, 150).astype(float)),
    numbers("an even number", t[:10] + 1, t[:10] - np.arange(10)),
    numbers("far from zero", 1.7e9 + random.normal(0, 3, 100), 1.7e9 + random.normal(0, 2, 100)),
    numbers("constant target", random.normal(0, 1, 20), np.full(20, 0.1)),
    numbers("zeros among the targets", np.abs(random.normal(0, 1, 50)), random.poisson(1, 50)),
    numbers("perfect", t[:20], t[:20]),
]
lines = ",\n".join(json.dumps(c) for c in class_cases)
more = ",\n".join(json.dumps(c) for c in number_cases)
(HERE / "judgements.json").write_text(f'{{"classes": [\n{lines}\n],\n"numbers": [\n{more}\n]}}\n')
