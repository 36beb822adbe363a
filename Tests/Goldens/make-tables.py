#!/usr/bin/env python3
"""Writes the files of tables/ beside this script, and tables/tables.json: what they hold, value by value.

    python3 -m venv venv && venv/bin/pip install numpy h5py
    venv/bin/python Tests/Goldens/make-tables.py

The files in the repository were made with NumPy 2.4 and h5py 3.16. Running it again gives the same values, not the same bytes:
archives and HDF5 files have times in them.
"""

import io
import json
import pathlib
import struct
import zlib

import h5py
import numpy

HERE = pathlib.Path(__file__).parent / "tables"
HERE.mkdir(exist_ok=True)
ROWS = 5
twins = {}


def column(name, array):
    """A column as the reader gives it: its type, and its values as texts."""
    kind = array.dtype.kind
    if kind == "M":
        is_day = numpy.datetime_data(array.dtype)[0] == "D"
        unit = "D" if is_day else "us"
        # Rounded down to microseconds.
        values = [None if numpy.isnat(v) else str(int(v.astype(f"datetime64[{unit}]").astype("int64"))) for v in array]
        return {"name": name, "type": "day" if is_day else "instant", "values": values}
    words = {"b": "boolean", "i": "integer", "u": "integer", "f": "number", "U": "text", "S": "text", "O": "text"}
    write = {
        "b": lambda v: "true" if v else "false", "i": lambda v: str(int(v)), "u": lambda v: str(int(v)),
        "f": lambda v: repr(float(v)), "U": str, "S": lambda v: v.decode(),
        "O": lambda v: v.decode() if isinstance(v, bytes) else v,
    }  # fmt: skip
    return {"name": name, "type": words[kind], "values": [write[kind](v) for v in array]}


def columns(name, array, single=True):
    if array.ndim == 1:
        return [column(name, array)]
    return [column(f"{name}_{i}" if single else str(i), array[:, i]) for i in range(array.shape[1])]


def npy(file, array, version=None):
    with open(HERE / file, "wb") as f:
        numpy.lib.format.write_array(f, array, version=version)
    if array.dtype.kind in "biufUSM" and array.ndim in (1, 2) and array.dtype.itemsize <= 64:
        twins[file] = columns("0", array, single=array.ndim == 1)


def npz(file, arrays, save=numpy.savez):
    save(HERE / file, **arrays)
    twins[file] = [c for name, array in arrays.items() for c in columns(name, array)]


def numbers(dtype):
    if dtype.kind in "iu":
        info = numpy.iinfo(dtype)
        return numpy.array([info.min, 0, 1, 77, min(info.max, 2**63 - 1)], dtype)
    info = numpy.finfo(dtype)
    return numpy.array([-float(info.max), float(info.smallest_subnormal), numpy.nan, numpy.inf, -0.1], dtype)


def all_types(order):
    arrays = {t: numbers(numpy.dtype(t)) for t in "i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split()}
    arrays["truths"] = numpy.array([True, False, False, True, True])
    arrays["texts"] = numpy.array(["", "a", "größer", "😀", "b\0c"])
    arrays["bytes"] = numpy.array([b"", b"a", "größer".encode(), b"x" * 9, b"b\0c"])
    for unit in "D h m s ms us ns".split():
        arrays[f"time_{unit}"] = numpy.array([-1, 0, 19_000, "NaT", 1_234_567], f"datetime64[{unit}]")
    arrays["many"] = numpy.arange(15).reshape(5, 3).astype("f4") / 8
    return {name: array.astype(array.dtype.newbyteorder(order)) for name, array in arrays.items()}


def zip64(file, arrays):
    """All sizes and places in 64 bits, which other programs write for archives of more than 4 GiB alone."""
    out, directory = b"", b""
    for name, array in arrays.items():
        f = io.BytesIO()
        numpy.lib.format.write_array(f, array)
        path, data = f"{name}.npy".encode(), f.getvalue()
        sizes = struct.pack("<HHQQ", 1, 16, len(data), len(data))
        shared = struct.pack("<HHHHHIIIH", 45, 0, 0, 0, 33, zlib.crc32(data), 2**32 - 1, 2**32 - 1, len(path))
        place = struct.pack("<HHQQQ", 1, 24, len(data), len(data), len(out))
        directory += b"PK\x01\x02" + struct.pack("<H", 45) + shared
        directory += struct.pack("<HHHHII", len(place), 0, 0, 0, 0, 2**32 - 1) + path + place
        out += b"PK\x03\x04" + shared + struct.pack("<H", len(sizes)) + path + sizes + data
    end = struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, len(arrays), len(arrays), len(directory), len(out))
    tail = b"PK\x06\x06" + end + b"PK\x06\x07" + struct.pack("<IQI", 0, len(out) + len(directory), 1)
    tail += b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 2**16 - 1, 2**16 - 1, 2**32 - 1, 2**32 - 1, 7) + b"comment"
    (HERE / file).write_bytes(out + directory + tail)
    twins[file] = [c for name, array in arrays.items() for c in columns(name, array)]


def arrays_of_numpy():
    npz("little.npz", all_types("<"))
    npz("big.npz", all_types(">"))
    packed = all_types("<")
    packed["fortran"] = numpy.asfortranarray(packed["many"])
    npz("packed.npz", packed, numpy.savez_compressed)
    small = {"a": numpy.array([1.5, -2.0, 3.25]), "b": numpy.array(["x", "yz", ""])}
    npz("small.npz", small)
    npz("small-packed.npz", small, numpy.savez_compressed)
    zip64("zip64.npz", small)

    many = (numpy.arange(15).reshape(5, 3) - 4).astype("i4")
    npy("c-order.npy", many)
    npy("fortran-order.npy", numpy.asfortranarray(many.astype(">f8") / 4))
    npy("one-dimension.npy", many[:, 0].copy())
    npy("texts.npy", numpy.array([["a", "größer"], ["", "😀"]]))
    npy("version-2.npy", many, (2, 0))
    npy("version-3.npy", many, (3, 0))
    npy("empty.npy", many[:0])

    npy("objects.npy", numpy.array([1, "a", None], object))
    npy("records.npy", numpy.array([(1, 2.0)], [("a", "i4"), ("b", "f8")]))
    npy("complex.npy", numpy.array([1j]))
    npy("longdouble.npy", numpy.array([1], "f16"))
    npy("durations.npy", numpy.array([1], "m8[s]"))
    npy("months.npy", numpy.array([1], "M8[M]"))
    npy("raw.npy", numpy.array([b"abc"], "V3"))
    npy("scalar.npy", numpy.array(1.0))
    npy("three.npy", numpy.zeros((2, 2, 2)))
    del twins["longdouble.npy"], twins["months.npy"]
    numpy.savez(HERE / "unequal.npz", a=numpy.arange(2), b=numpy.arange(3))
    numpy.savez(
        HERE / "faults.npz",
        large=numpy.array([2**64 - 1, 2, 3, 4], "u8"),
        bytes=numpy.array([b"a", b"\xff", b"b", b"c"]),
        scalars=numpy.array([97, 0xD800, 98, 99], "u4").view("U1"),
        days=numpy.array([1, 2, 2**63 - 1, 4], "i8").view("M8[D]"),
        hours=numpy.array([1, 2, 2**63 - 1, 4], "i8").view("M8[h]"),
    )


def rows_of_vectors():
    """One table as an archive and as datasets, and its features alone: four numbers a row, and what they tell."""
    x = ((numpy.arange(480) * 37 % 101).reshape(120, 4) / 8).astype("f4")
    y = numpy.where(x[:, 0] + x[:, 1] > x[:, 2] + x[:, 3], "more", "less")
    numpy.savez(HERE / "rows.npz", x=x, y=y)
    numpy.save(HERE / "x.npy", numpy.asfortranarray(x))
    with h5py.File(HERE / "rows.h5", "w") as f:
        f.create_dataset("x", data=x, chunks=(50, 3), compression="gzip")
        f.create_dataset("y", data=y.astype("S4"))


def datasets_of_hdf5():
    def write(group, name, array, twin=True, **settings):
        group.create_dataset(name, data=array, **settings)
        return columns(name, array) if twin else []

    text = h5py.string_dtype()
    words = numpy.array(["", "a", "größer", "😀", "x" * 300], object)
    with h5py.File(HERE / "arrays.h5", "w") as f:
        twin = []
        for t in "i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split():
            for order in "<>":
                array = numbers(numpy.dtype(t)).astype(numpy.dtype(t).newbyteorder(order))
                twin += write(f, f"{t}{'l' if order == '<' else 'b'}", array)
        twin += write(f, "truths", numpy.array([True, False, False, True, True]))
        f.create_dataset("words", data=words, dtype=text)
        twin.append(column("words", words))
        twin += write(f, "bytes", numpy.array([b"", b"a", "größer".encode(), b"x" * 9, b"b"]))
        utf8 = numpy.array([w.encode() for w in words[:4]] + [b"end"])
        f.create_dataset("fixed", data=utf8.astype(h5py.string_dtype("utf-8", 12)))
        twin.append(column("fixed", utf8))
        many = numpy.arange(15).reshape(5, 3).astype("f4") / 8
        twin += write(f, "many", many, chunks=(2, 2), compression="gzip", shuffle=True)
        f.create_group("inside").create_dataset("x", data=[1, 2, 3])
        twins["arrays.h5"] = sorted(twin, key=lambda c: (c["name"].split("_")[0].encode(), c["name"]))
        spaces = h5py.h5t.C_S1.copy()
        spaces.set_size(5)
        spaces.set_strpad(h5py.h5t.STR_SPACEPAD)
        place = h5py.h5d.create(f.create_group("spaces").id, b"padded", spaces, h5py.h5s.create_simple((2,)))
        place.write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.array([b"ab   ", b"  c  "]), mtype=spaces)

    people = numpy.zeros(ROWS, [("name", "S8"), ("age", "<i4"), ("height", ">f4"), ("member", "?"), ("id", "<u8")])
    people["name"] = [b"Ann", b"", "Jörg".encode(), b"Eve", b"Bob"]
    people["age"] = [31, -1, 0, 7, 2**31 - 1]
    people["height"] = [1.5, 2.25, numpy.nan, 0, -1]
    people["member"] = [True, False, True, False, True]
    people["id"] = [1, 2, 3, 4, 5]
    noted = numpy.array([(w, i) for i, w in enumerate(words)], [("note", text), ("i", "i8")])
    with h5py.File(HERE / "records.h5", "w") as f:
        f.create_dataset("people", data=people, chunks=(2,), compression="gzip")
        f.create_dataset("deep/noted", data=noted)
    twins["records.h5/people"] = [column(name, people[name]) for name in people.dtype.names]
    twins["records.h5/deep/noted"] = [column(name, noted[name]) for name in ("note", "i")]

    with h5py.File(HERE / "refused.h5", "w") as f:
        f.create_dataset("scalar", data=1.0)
        f.create_dataset("three", data=numpy.zeros((2, 2, 2)))
        f.create_dataset("lists", data=numpy.array([numpy.zeros(1, "i4"), numpy.zeros(2, "i4")], object), dtype=h5py.vlen_dtype("i4"))
        f.create_dataset("arrays", data=numpy.zeros(2, [("a", "f4", (2,))]))
        f.create_dataset("nested", data=numpy.zeros(2, [("a", [("b", "f4")])]))
        f.create_dataset("labels", data=numpy.array([0, 1]), dtype=h5py.enum_dtype({"red": 0, "green": 1}))
        f.create_dataset("opaque", data=numpy.array([b"abc"], "V3"))
        f.create_dataset("references", data=numpy.array([f.ref], h5py.ref_dtype), dtype=h5py.ref_dtype)
        f.create_dataset("large", data=numpy.array([1, 2**64 - 1], "u8"))
        f.create_dataset("bad", data=numpy.array([b"a", b"\xff"]))
        f.create_dataset("two", data=numpy.array([1, 2]))
        unequal = f.create_group("unequal")
        unequal.create_dataset("a", data=[1, 2])
        unequal.create_dataset("b", data=[1, 2, 3])
        f.create_group("none")
    with h5py.File(HERE / "small.h5", "w", libver="earliest") as f:
        f.create_dataset("a", data=numpy.array([1.5, -2.0, 3.25]))
        f.create_dataset("b", data=numpy.array([b"x", b"yz", b""]))


arrays_of_numpy()
rows_of_vectors()
datasets_of_hdf5()
with open(HERE / "tables.json", "w") as f:
    # A line a column.
    lines = [
        f"  {json.dumps(file)}: [\n" + ",\n".join("    " + json.dumps(c, ensure_ascii=False) for c in found) + "\n  ]"
        for file, found in twins.items()
    ]
    f.write("{\n" + ",\n".join(lines) + "\n}\n")
