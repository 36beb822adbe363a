#!/usr/bin/env python3
"""Writes parquet/ beside this script: small Parquet files by several writers, and what is in them.

    python3 -m venv venv && venv/bin/pip install pyarrow polars duckdb fastparquet pandas
    venv/bin/python Tests/Goldens/make-parquet.py

All of them hold rows of one table, which parquet/table.json spells out: for each column its type, as Lockstep calls it, and
its values as texts, null where one is missing. A file may have some of the columns. The files in the repository were made
with the versions that parquet/table.json names.
"""

import datetime
import decimal
import json
import math
import pathlib
import struct
import uuid

import duckdb
import fastparquet
import pandas
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as encryption

HERE = pathlib.Path(__file__).parent / "parquet"
ROWS = 40
UTC = datetime.timezone.utc
START = datetime.datetime(1970, 1, 1, tzinfo=UTC)
decimal.getcontext().prec = 60


# The table --------------------------------------------------------------------------------------------------------------


def mixed(row, bits):
    """A whole number that looks random, of so many bits with its sign."""
    value = (row * 0x9E3779B97F4A7C15 + 0xD1342543DE82EF95) ** 3 >> 5 & ((1 << bits) - 1)
    return value - (1 << bits) if value >> (bits - 1) else value


def rounded(row, form):
    return struct.unpack(form, struct.pack(form, mixed(row, 20) / 1024))[0]


SPECIAL = {0: math.inf, 1: -math.inf, 2: math.nan, 3: -0.0, 4: 5e-324}
WORDS = ["setosa", "versicolor", "virginica", "größer", "", "日本語"]
# Name: Arrow's type, Lockstep's type, the value of a row as Python has it.
COLUMNS = {
    "double": (pa.float64(), "number", lambda r: SPECIAL.get(r, mixed(r, 50) / 7)),
    "float": (pa.float32(), "number", lambda r: rounded(r, "<f")),
    "half": (pa.float16(), "number", lambda r: rounded(r, "<e")),
    "bool": (pa.bool_(), "boolean", lambda r: mixed(r, 9) % 3 == 0),
    "int8": (pa.int8(), "integer", lambda r: mixed(r, 8)),
    "int16": (pa.int16(), "integer", lambda r: mixed(r, 16)),
    "int32": (pa.int32(), "integer", lambda r: [-(2**31), 2**31 - 1][r] if r < 2 else mixed(r, 32)),
    "int64": (pa.int64(), "integer", lambda r: [-(2**63), 2**63 - 1][r] if r < 2 else mixed(r, 64)),
    "small": (pa.int64(), "integer", lambda r: r // 4),
    "uint8": (pa.uint8(), "integer", lambda r: mixed(r, 8) % 256),
    "uint16": (pa.uint16(), "integer", lambda r: mixed(r, 16) % 2**16),
    "uint32": (pa.uint32(), "integer", lambda r: mixed(r, 32) % 2**32),
    "uint64": (pa.uint64(), "integer", lambda r: mixed(r, 64) % 2**63),
    "word": (pa.string(), "text", lambda r: WORDS[mixed(r, 7) % len(WORDS)]),
    "unique": (pa.string(), "text", lambda r: f"name-{r // 8}-{mixed(r, 40)}"),
    "large": (pa.large_string(), "text", lambda r: "x" * (r * 5)),
    "binary": (pa.binary(), "text", lambda r: f"é{r}".encode()),
    "fixed": (pa.binary(5), "text", lambda r: f"{r // 3:05}".encode()),
    "date": (pa.date32(), "day", lambda r: datetime.date(1970, 1, 1) + datetime.timedelta(days=mixed(r, 16))),
    "milliseconds": (pa.timestamp("ms", "UTC"), "instant", lambda r: mixed(r, 40)),
    "microseconds": (pa.timestamp("us"), "instant", lambda r: mixed(r, 50)),
    "nanoseconds": (pa.timestamp("ns"), "instant", lambda r: mixed(r, 60)),
    "time_ms": (pa.time32("ms"), "integer", lambda r: mixed(r, 30) % 86_400_000),
    "time_us": (pa.time64("us"), "integer", lambda r: mixed(r, 40) % 86_400_000_000),
    "time_ns": (pa.time64("ns"), "integer", lambda r: mixed(r, 50) % 86_400_000_000_000),
    "decimal9": (pa.decimal128(9, 2), "number", lambda r: decimal.Decimal(mixed(r, 29)).scaleb(-2)),
    "decimal18": (pa.decimal128(18, 5), "number", lambda r: decimal.Decimal(mixed(r, 58)).scaleb(-5)),
    "decimal38": (pa.decimal128(38, 20), "number", lambda r: decimal.Decimal(mixed(r, 120)).scaleb(-20)),
    "decimal76": (pa.decimal256(76, 30), "number", lambda r: decimal.Decimal(mixed(r, 180)).scaleb(-30)),
    "uuid": (pa.uuid(), "text", lambda r: uuid.UUID(int=mixed(r, 127) % 2**127).bytes),
    "missing": (pa.float64(), "number", lambda r: None),
    "required": (pa.int64(), "integer", lambda r: mixed(r, 33)),
    "required_word": (pa.string(), "text", lambda r: WORDS[mixed(r, 8) % len(WORDS)]),
}


def value(name, row):
    """None where it is missing: about one in nine, not those that are required."""
    place = list(COLUMNS).index(name)
    if not name.startswith("required") and (row * 7 + place * 3) % 9 == 0:
        return None
    return COLUMNS[name][2](row)


def told(name, value):
    """A value as the tests spell it."""
    if value is None:
        return None
    arrow, kind, _ = COLUMNS[name]
    if name == "nanoseconds":
        return str(value // 1000)
    if name == "milliseconds":
        return str(value * 1000)
    if kind == "day":
        return str((value - datetime.date(1970, 1, 1)).days)
    if kind == "number":
        return repr(float(value))
    if kind == "boolean":
        return "true" if value else "false"
    if name == "uuid":
        return str(uuid.UUID(bytes=value))
    return value.decode() if isinstance(value, bytes) else str(value)


def array(name, rows=range(ROWS)):
    arrow = COLUMNS[name][0]
    values = [value(name, row) for row in rows]
    if name == "uuid":
        return pa.ExtensionArray.from_storage(arrow, pa.array(values, pa.binary(16)))
    if name == "half":
        return pa.array(values, pa.float32()).cast(pa.float16())
    return pa.array(values, arrow)


def table(names):
    fields = [pa.field(name, COLUMNS[name][0], nullable=not name.startswith("required")) for name in names]
    return pa.Table.from_arrays([array(name) for name in names], schema=pa.schema(fields))


# The files --------------------------------------------------------------------------------------------------------------


def write(name, names, **options):
    options = {"store_schema": False, "write_statistics": False, "row_group_size": 25, **options}
    pq.write_table(table(names), HERE / f"{name}.parquet", **options)


def arrow_files():
    everything = list(COLUMNS)
    write("arrow-types-plain", everything, compression="none", use_dictionary=False, data_page_version="1.0")
    write("arrow-types-dictionary", everything, compression="snappy", data_page_version="2.0", write_statistics=True)
    some = ["double", "int32", "word", "unique", "bool", "required"]
    for codec in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]:
        for version in "12":
            write(
                f"arrow-{codec}-v{version}", some, compression=codec, use_dictionary=["word"],
                data_page_version=f"{version}.0")
    encodings = {
        "int32": "DELTA_BINARY_PACKED", "int64": "DELTA_BINARY_PACKED", "small": "DELTA_BINARY_PACKED",
        "milliseconds": "DELTA_BINARY_PACKED", "required": "DELTA_BINARY_PACKED", "date": "DELTA_BINARY_PACKED",
        "unique": "DELTA_BYTE_ARRAY", "fixed": "DELTA_BYTE_ARRAY", "large": "DELTA_LENGTH_BYTE_ARRAY",
        "word": "DELTA_LENGTH_BYTE_ARRAY", "binary": "DELTA_BYTE_ARRAY", "bool": "RLE", "double": "BYTE_STREAM_SPLIT",
        "float": "BYTE_STREAM_SPLIT", "half": "BYTE_STREAM_SPLIT", "uint32": "BYTE_STREAM_SPLIT",
        "uint64": "BYTE_STREAM_SPLIT", "decimal38": "BYTE_STREAM_SPLIT", "uuid": "BYTE_STREAM_SPLIT",
        "missing": "BYTE_STREAM_SPLIT",
    }  # fmt: skip
    for version in "12":
        write(
            f"arrow-encodings-v{version}", list(encodings), compression="none", use_dictionary=False,
            column_encoding=encodings, data_page_version=f"{version}.0")
    write(
        "arrow-small-pages", ["double", "word", "unique", "large", "bool", "int64"], compression="snappy", data_page_size=40,
        write_batch_size=4, dictionary_pagesize_limit=60, write_page_checksum=True)
    write("arrow-int96", ["nanoseconds", "required"], use_deprecated_int96_timestamps=True, compression="none")
    write("arrow-decimal-integers", ["decimal9", "decimal18"], store_decimal_as_integer=True, compression="none")
    pq.write_table(table(some).slice(0, 0), HERE / "empty.parquet", store_schema=False)
    write("tiny", ["word", "required"], compression="none", row_group_size=40)


def other_writers():
    common = [
        "double", "float", "bool", "int8", "int16", "int32", "int64", "small", "uint8", "uint16", "uint32", "uint64", "word",
        "unique", "date", "milliseconds", "microseconds", "nanoseconds", "decimal9", "decimal18", "decimal38", "missing",
    ]  # fmt: skip
    source = table(common)
    connection = duckdb.connect()
    connection.execute("SET TimeZone='UTC'")
    connection.register("source", source)
    for version, codec in [("v1", "snappy"), ("v2", "zstd"), ("v1", "lz4"), ("v2", "uncompressed")]:
        path = HERE / f"duckdb-{codec}-{version}.parquet"
        connection.execute(
            f"COPY (SELECT * FROM source) TO '{path}' (FORMAT parquet, CODEC {codec}, PARQUET_VERSION {version})")
    frame = polars.from_arrow(source)
    for codec in ["zstd", "uncompressed", "lz4"]:
        frame.write_parquet(HERE / f"polars-{codec}.parquet", compression=codec, row_group_size=25)
    names = ["double", "float", "int64", "word", "bool", "microseconds", "required", "required_word"]
    frame = table(names).to_pandas()
    # Types of pandas that know what is missing.
    for name, kind in [("bool", "boolean"), ("int64", "Int64")]:
        frame[name] = pandas.array([value(name, row) for row in range(ROWS)], kind)
    # Fastparquet takes all instants for nanoseconds where it writes them as INT96.
    frame["microseconds"] = frame["microseconds"].astype("datetime64[ns]")
    for name in ["word", "required_word"]:
        frame[name] = frame[name].astype(object)
    for codec in ["UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4_RAW"]:
        fastparquet.write(
            str(HERE / f"fastparquet-{codec.lower()}.parquet"), frame, compression=codec, row_group_offsets=25,
            times="int96" if codec == "GZIP" else "int64", object_encoding="utf8", stats=False)


# What cannot be read ----------------------------------------------------------------------------------------------------


class Keys(encryption.KmsClient):
    """Keys that are no secret."""

    def __init__(self, configuration):
        encryption.KmsClient.__init__(self)

    def wrap_key(self, key_bytes, master_key_identifier):
        return key_bytes.hex()

    def unwrap_key(self, wrapped_key, master_key_identifier):
        return bytes.fromhex(wrapped_key)


def refused_files():
    nested = pa.table(
        {
            "list": pa.array([[1, 2], [], None]), "map": pa.array([[("a", 1)], [], None], pa.map_(pa.string(), pa.int64())),
            "group": pa.array([{"x": 1, "y": 2}] * 3), "flat": pa.array([1.5, None, 2.5]),
        })  # fmt: skip
    pq.write_table(nested, HERE / "nested.parquet", store_schema=False, write_statistics=False, compression="none")
    factory = encryption.CryptoFactory(Keys)
    for name, plain in [("encrypted-footer", False), ("encrypted-column", True)]:
        properties = factory.file_encryption_properties(
            encryption.KmsConnectionConfig(),
            encryption.EncryptionConfiguration(footer_key="f", column_keys={"c": ["flat"]}, plaintext_footer=plain))
        with pq.ParquetWriter(
            HERE / f"{name}.parquet", nested.select(["flat"]).schema, encryption_properties=properties, store_schema=False
        ) as writer:
            writer.write_table(nested.select(["flat"]))
    pq.write_table(
        pa.table({"huge": pa.array([1, 2**64 - 1], pa.uint64()), "bytes": pa.array([b"a", b"\xff"])}),
        HERE / "unreadable.parquet", store_schema=False, write_statistics=False, compression="none")


def main():
    HERE.mkdir(exist_ok=True)
    for path in HERE.iterdir():
        path.unlink()
    arrow_files()
    other_writers()
    refused_files()
    columns = {
        name: {"type": kind, "values": [told(name, value(name, row)) for row in range(ROWS)]}
        for name, (_, kind, _) in COLUMNS.items()
    }  # fmt: skip
    versions = {
        module.__name__: module.__version__ for module in (pa, polars, duckdb, fastparquet)
    }  # fmt: skip
    text = json.dumps({"versions": versions, "columns": columns}, ensure_ascii=False, indent=0)
    (HERE / "table.json").write_text(text + "\n")


main()
