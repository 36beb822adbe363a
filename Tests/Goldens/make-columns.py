#!/usr/bin/env python3
"""Writes columns.json: numbers, and what scikit-learn's transforms make of them.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install scikit-learn
    /tmp/goldens/bin/python Tests/Goldens/make-columns.py
"""
import json
import math
import pathlib

import numpy
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, QuantileTransformer, RobustScaler, StandardScaler

generator = numpy.random.default_rng(11)


def column(numbers):
    return numpy.asarray(numbers, dtype=float).reshape(-1, 1)


def signed_log(numbers):
    return numpy.sign(numbers) * numpy.log1p(numpy.abs(numbers))


def quantiles(train):
    return QuantileTransformer(n_quantiles=min(1000, len(train)), subsample=None).fit(train)


def case(name, train, other):
    train, other = column(train), column(other)
    scales = {
        "standard": StandardScaler().fit(train).transform(other),
        "min-max": MinMaxScaler().fit(train).transform(other),
        "robust": RobustScaler().fit(train).transform(other),
        "log1p": StandardScaler().fit(signed_log(train)).transform(signed_log(other)),
        "quantile": 2 * quantiles(train).transform(other) - 1,
        "none": other,
    }
    fills = {kind: SimpleImputer(strategy=word).fit(train).statistics_[0]
             for kind, word in [("mean", "mean"), ("median", "median"), ("most-frequent", "most_frequent")]}
    return {
        "name": name, "train": train.ravel().tolist(), "other": other.ravel().tolist(),
        "scales": {kind: values.ravel().tolist() for kind, values in scales.items()}, "fills": fills,
        "clip": numpy.quantile(train, [0.01, 0.05, 0.5, 0.9]).tolist(),
    }


cases = [
    case("normal", generator.normal(3, 2, 700), generator.normal(3, 4, 100)),
    case("lognormal", generator.lognormal(2, 3, 2500), [-5, 0, 1e-9, 1, 7.5, 1e4, 1e12]),
    case("ties", generator.integers(0, 6, 400), [-1, 0, 0.5, 1, 2, 2.5, 5, 9]),
    case("far", 1.7e9 + generator.integers(0, 100_000, 300), 1.7e9 + numpy.arange(10) * 9999.25),
    case("constant", [4.0] * 20, [3.0, 4.0, 5.0]),
    case("few", [1.0, 2.0], [0.0, 1.0, 1.25, 2.0, 3.0]),
]
path = pathlib.Path(__file__).with_name("columns.json")
assert all(math.isfinite(x) for c in cases for v in c["scales"].values() for x in v)
path.write_text(json.dumps({"cases": cases}) + "\n")
