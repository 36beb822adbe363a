#!/usr/bin/env python3
"""Writes rankings.json beside this script: rankings of a catalogue by queries, and errors in units of naive forecasts.

    python3 -m venv venv && venv/bin/pip install scikit-learn
    venv/bin/python Tests/Goldens/make-rankings.py

Made with scikit-learn 1.9.1. NDCG is scikit-learn's of each query over the catalogue that is left to it, equal scores averaged.
What scikit-learn does not have of rankings is the mean over all orders of items with equal scores, counted out one by one; where
no scores are equal it is held against the formulas that scripts/peers/recipes.py has, and scikit-learn's average precision.
"""

import itertools
import json
import math
import pathlib

import numpy as np
from sklearn.metrics import average_precision_score, ndcg_score

HERE = pathlib.Path(__file__).parent
random = np.random.default_rng(7)


def orders(scores):
    """All orders of items, the highest score first, that differ in items of equal scores alone."""
    ties = [np.flatnonzero(scores == s) for s in sorted(set(scores), reverse=True)]
    for choice in itertools.product(*(itertools.permutations(tie) for tie in ties)):
        yield [item for tie in choice for item in tie]


def of_order(hits, k):
    """NDCG, hit rate, recall and average precision at k of whether each place of an order is relevant."""
    relevant, first = sum(hits), hits[:k]
    gains = [1 / math.log2(place + 2) for place in range(len(hits))]
    precision = sum(sum(hits[: place + 1]) / (place + 1) for place, hit in enumerate(first) if hit)
    return (
        sum(gain for gain, hit in zip(gains, first) if hit) / sum(gains[: min(k, relevant)]),
        float(any(first)), sum(first) / relevant, precision / min(k, relevant))  # fmt: skip


def of_query(scores, relevant, k):
    found = np.array([of_order([item in relevant for item in order], k) for order in orders(scores)])
    mean = found.mean(axis=0)
    truth = np.isin(np.arange(len(scores)), list(relevant)).astype(float)
    if len(scores) > 1:
        assert abs(mean[0] - ndcg_score([truth], [scores], k=k)) < 1e-12
        mean[0] = ndcg_score([truth], [scores], k=k)
    if len(set(scores)) == len(scores):
        best = np.argsort(-scores, kind="stable")[:k]
        hits = np.isin(best, list(relevant))
        assert abs(mean[1] - hits.any()) < 1e-12 and abs(mean[2] - hits.sum() / len(relevant)) < 1e-12
        if k >= len(scores):
            assert abs(mean[3] - average_precision_score(truth, scores)) < 1e-12
    return mean


def ranking(name, p, targets, users, train_targets, train_users, k, known="removed", weights=None):
    """`p` are N×K floats; users are words, a query each."""
    p = np.asarray(p, dtype=np.float32)
    w = np.ones(len(targets)) if weights is None else np.asarray(weights)
    found, weight = [], []
    for user in dict.fromkeys(users):
        rows = [row for row, own in enumerate(users) if own == user]
        taken = {t for t, own in zip(train_targets, train_users) if own == user} if known == "removed" else set()
        left = [item for item in range(p.shape[1]) if item not in taken]
        relevant = {left.index(targets[row]) for row in rows if targets[row] in left}
        if not relevant:
            continue
        found.append(of_query(p[rows].astype(float).sum(axis=0)[left], relevant, k))
        weight.append(w[rows].mean())
    means = np.average(found, axis=0, weights=weight)
    keys = (f"ndcg-{k}", f"hit-rate-{k}", f"recall-at-{k}", f"mean-average-precision-{k}")
    return {
        "name": name, "classes": p.shape[1], "k": k, "known": known, "probabilities": p.ravel().tolist(),
        "targets": list(map(int, targets)), "users": list(users), "weights": None if weights is None else w.tolist(),
        "trainingTargets": list(map(int, train_targets)), "trainingUsers": list(train_users), "queries": len(found),
        "metrics": {f"{key}-by-user": float(mean) for key, mean in zip(keys, means)},
    }  # fmt: skip


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return (e / e.sum(axis=1, keepdims=True)).astype(np.float32)


def draw(users, items, each, train_each):
    """A distribution a user, and rows of distinct items."""
    names = [f"user {number}" for number in range(users)]
    own = softmax(random.normal(0, 1.5, (users, items)))
    rows, train = [], []
    for user in range(users):
        order = random.permutation(items)
        train += [(order[place], names[user]) for place in range(random.integers(0, train_each + 1))]
        rows += [(order[-1 - place], user) for place in range(random.integers(1, each + 1))]
    rows = [rows[place] for place in random.permutation(len(rows))]
    p = np.array([own[user] for _, user in rows])
    return p, [t for t, _ in rows], [names[user] for _, user in rows], [t for t, _ in train], [u for _, u in train]


p, t, u, tt, tu = draw(25, 9, 4, 4)
tied = np.round(p.astype(float), 1)
rankings = [
    ranking("distinct scores", p, t, u, tt, tu, 3),
    ranking("all places", p, t, u, tt, tu, 9),
    ranking("the first place", p, t, u, tt, tu, 1),
    ranking("known items kept", p, t, u, tt, tu, 3, known="kept"),
    ranking("weights", p, t, u, tt, tu, 3, weights=random.integers(0, 4, len(t)).astype(float)),
    ranking("rows of a query that differ", softmax(random.normal(0, 1, p.shape)), t, u, tt, tu, 3),
    ranking("targets that are known", p, t, u, tt + t[:9], tu + u[:9], 3),
    ranking("users that are new", p, t, u, tt, ["x" + user for user in tu], 3),
    ranking("equal scores", tied, t, u, tt, tu, 3),
    ranking("equal scores, two places", tied, t, u, tt, tu, 2),
    ranking("all scores equal", np.full((12, 6), 1 / 6), [0, 1, 2, 3, 4, 5] * 2, ["a", "b", "c"] * 4, [0], ["a"], 4),
]


def scaled(name, p, t, cities, train, weights=None):
    """`train` are target, naive forecast (None where there is none) and city of training rows."""
    w = np.ones(len(t)) if weights is None else np.asarray(weights)
    scales = {}
    for city in set(cities):
        # The mean absolute error of the naive forecast, as sktime's MeanAbsoluteScaledError has it of y_train.
        errors = [abs(np.float32(f).astype(float) - y) for y, f, c in train if c == city and f is not None]
        scales[city] = np.mean(errors)
    errors = np.abs(np.asarray(p) - np.asarray(t)) / np.array([scales[city] for city in cities])
    return {
        "name": name, "predictions": list(p), "targets": list(t), "cities": list(cities),
        "weights": None if weights is None else w.tolist(), "training": [list(row) for row in train],
        "error": float(np.average(errors, weights=w)),
    }  # fmt: skip


t = random.gamma(2, 100, 60)
cities = [f"city {number}" for number in random.integers(0, 4, 60)]
train = [
    (float(y), None if number < 4 else float(y * random.normal(1, 0.2)), f"city {number % 4}")
    for number, y in enumerate(random.gamma(2, 100, 200))
]
p = (t * random.normal(1, 0.3, 60)).tolist()
errors = [
    scaled("series", p, t.tolist(), cities, train),
    scaled("one series", p, t.tolist(), ["all"] * 60, [(y, f, "all") for y, f, _ in train]),
    scaled("weights", p, t.tolist(), cities, train, random.integers(0, 3, 60).astype(float)),
    scaled("perfect", t.tolist(), t.tolist(), cities, train),
]
lines = ",\n".join(json.dumps(case) for case in rankings)
more = ",\n".join(json.dumps(case) for case in errors)
(HERE / "rankings.json").write_text(f'{{"rankings": [\n{lines}\n],\n"scaled": [\n{more}\n]}}\n')
