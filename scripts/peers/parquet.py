"""Reads a Parquet file with other readers, and compares every value: parquet.py FILE EXPECTED

EXPECTED is JSON: for each column its values as texts, null where one is missing.
"""

import datetime
import json
import sys

import duckdb
import polars
import pyarrow.parquet as pq

START = datetime.datetime(1970, 1, 1)


def text(value):
    """A value as Lockstep's tests spell it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return str((value.replace(tzinfo=None) - START) // datetime.timedelta(microseconds=1))
    if isinstance(value, datetime.date):
        return str((value - START.date()).days)
    return value if isinstance(value, str) else str(value)


def same(found, expected):
    if found is None or expected is None or found == expected:
        return found == expected
    try:
        return float(found) == float(expected)
    except ValueError:
        return False


def main(path, expected):
    expected = json.load(open(expected))
    connection = duckdb.connect()
    connection.execute("SET TimeZone='UTC'")
    tables = {
        "pyarrow": pq.read_table(path).to_pydict(),
        "polars": polars.read_parquet(path).to_dict(as_series=False),
        "duckdb": connection.execute("SELECT * FROM read_parquet(?)", [path]).to_arrow_table().to_pydict(),
    }
    for reader, table in tables.items():
        if set(table) != set(expected):
            sys.exit(f"check-parquet: {reader}: expected the columns {sorted(expected)}, found {sorted(table)}")
        for name, values in expected.items():
            found = [text(value) for value in table[name]]
            for row, pair in enumerate(zip(found, values, strict=True)):
                if not same(*pair):
                    sys.exit(f"check-parquet: {reader}: {name}, row {row + 1}: expected {pair[1]}, found {pair[0]}")
    print(f"{path.split('/')[-1]}: {', '.join(tables)} read {len(values)} rows of {len(expected)} columns")


main(*sys.argv[1:])
