"""Prepares a table as Lockstep's configuration beside it does: tables.py polars|pandas FILE FOLDER

FILE is CSV or Parquet by its ending; `tables.py convert FILE.csv FILE.parquet` makes the second of the first.

Rows are divided 70 : 10 : 20 within each class, and everything is fitted to training rows alone: numbers filled with the mean and
standardised, with a feature that tells what was missing; words, a feature each; of dates how late, standardised, and sine and
cosine of the place in year and week. FOLDER gets features (32-bit floats, row-major) and targets of each part as .npy.
"""

import sys

import numpy as np

NUMBERS = [f"n{i}" for i in range(12)]
WORDS = [f"c{i}" for i in range(6)]
DATES = ["d0", "d1"]
TARGET = "y"


def parts_of(classes):
    """For each row 0 (training), 1 (validation) or 2 (test)."""
    generator = np.random.default_rng(1)
    parts = np.zeros(len(classes), dtype=np.int8)
    for value in np.unique(classes):
        rows = generator.permutation(np.flatnonzero(classes == value))
        test, validation = round(0.2 * len(rows)), round(0.1 * len(rows))
        parts[rows[:test]] = 2
        parts[rows[test : test + validation]] = 1
    return parts


def write(features, classes, parts, folder):
    for part, name in enumerate(("train", "validation", "test")):
        np.save(f"{folder}/{name}.features.npy", features[parts == part])
        np.save(f"{folder}/{name}.targets.npy", classes[parts == part].astype(np.int32))


def by_polars(path, folder):
    import polars as pl

    if path.endswith(".parquet"):
        table = pl.read_parquet(path)
    else:
        table = pl.read_csv(path, try_parse_dates=True, null_values=["NA"])
    classes = table[TARGET].cast(pl.Categorical).to_physical().to_numpy()
    parts = parts_of(classes)
    training = table.filter(pl.Series(parts == 0))
    columns = []
    for name in NUMBERS:
        mean = training[name].mean()
        deviation = training[name].fill_null(mean).std(ddof=0)
        column = pl.col(name)
        columns.append(((column.fill_null(mean) - mean) / deviation).cast(pl.Float32))
        columns.append(column.is_null().cast(pl.Float32).alias(name + " missing"))
    for name in WORDS:
        for word in training[name].drop_nulls().unique().sort():
            columns.append((pl.col(name) == word).fill_null(False).cast(pl.Float32).alias(f"{name}={word}"))
        columns.append(pl.col(name).is_null().cast(pl.Float32).alias(name + " missing"))
    for name in DATES:
        days = training[name].cast(pl.Int32).cast(pl.Float64)
        mean, deviation = days.mean(), days.std(ddof=0)
        column = pl.col(name)
        columns.append(((column.cast(pl.Int32).cast(pl.Float64).fill_null(mean) - mean) / deviation).cast(pl.Float32))
        year = 2 * np.pi * (column.dt.ordinal_day() - 1) / (365 + column.dt.is_leap_year().cast(pl.Int32))
        week = 2 * np.pi * (column.dt.weekday() - 1) / 7
        for suffix, angle in (("year", year), ("week", week)):
            columns.append(angle.sin().fill_null(0).cast(pl.Float32).alias(f"{name} {suffix} sin"))
            columns.append(angle.cos().fill_null(0).cast(pl.Float32).alias(f"{name} {suffix} cos"))
        columns.append(column.is_null().cast(pl.Float32).alias(name + " missing"))
    write(table.select(columns).to_numpy(order="c"), classes, parts, folder)


def by_pandas(path, folder):
    import pandas as pd
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    if path.endswith(".parquet"):
        table = pd.read_parquet(path)
        table[DATES] = table[DATES].apply(pd.to_datetime)
    else:
        table = pd.read_csv(path, parse_dates=DATES)
    classes = table[TARGET].astype("category").cat.codes.to_numpy()
    parts = parts_of(classes)
    for name in DATES:
        column = table[name]
        days = (column - pd.Timestamp(0)) / pd.Timedelta(days=1)
        table[name] = days
        for suffix, angle in (
            ("year", 2 * np.pi * (column.dt.day_of_year - 1) / (365 + column.dt.is_leap_year)),
            ("week", 2 * np.pi * column.dt.day_of_week / 7),
        ):
            table[f"{name} {suffix} sin"] = np.sin(angle).fillna(0)
            table[f"{name} {suffix} cos"] = np.cos(angle).fillna(0)
    cycles = [name for name in table.columns if name.endswith((" sin", " cos"))]
    table[WORDS] = table[WORDS].fillna("missing")
    transform = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), NUMBERS + DATES),
            ("words", OneHotEncoder(sparse_output=False, handle_unknown="ignore", dtype=np.float32), WORDS),
            ("cycles", "passthrough", cycles),
        ]
    )
    transform.fit(table[parts == 0])
    write(transform.transform(table).astype(np.float32), classes, parts, folder)


def convert(path, to):
    import polars as pl

    pl.read_csv(path, try_parse_dates=True).write_parquet(to)


if __name__ == "__main__":
    {"polars": by_polars, "pandas": by_pandas, "convert": convert}[sys.argv[1]](sys.argv[2], sys.argv[3])
