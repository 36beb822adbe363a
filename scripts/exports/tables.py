"""Tables with every kind of column: raw values, the configuration, and what the graph is given of them."""

import csv
import datetime
import math
import random

import numpy

ROWS = 600
MISSING = ["", "NA", "?"]
EPOCH = datetime.datetime(1970, 1, 1)


class Table:
    """Columns by name: `values` as a CSV file has them; `kinds` how the graph is given them."""

    def __init__(self, columns, kinds, features, targets, kind="classes", seed=1, refused=None, more=""):
        self.kinds, self.features, self.targets, self.kind = kinds, features, targets, kind
        self.refused, self.more = refused, more
        generator = random.Random(seed)
        self.parts = ["train" if row % 3 else "test" for row in range(ROWS)]
        self.columns = {
            name: [make(generator, part == "test") for part in self.parts] for name, make in columns.items()
        }

    def write(self, folder):
        with open(folder / "case.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["part", *self.columns])
            writer.writerows(zip(self.parts, *self.columns.values()))
        listed = "".join(f"      - {feature}\n" for feature in self.features)
        (folder / "case.yaml").write_text(
            f"data:\n  table:\n    source: {{csv: {{files: case.csv}}}}\n    target: {self.targets}\n"
            f"    kind: {self.kind}\n    split: {{fixed: {{by: part}}}}\n    leak-check: off\n    columns:\n{listed}"
            f"model: {{mlp: {{hidden: [16, 8]}}}}\nepochs: 2\nbatch: 32\nmicro-batch: 16\n{self.more}"
        )

    def inputs(self, disturbed=False):
        given = {}
        for name, kind in self.kinds.items():
            texts = self.columns[name]
            given[name] = GIVEN[kind](texts[1:] + texts[:1] if disturbed else texts)
        return given


def numbers(texts):
    return numpy.array([math.nan if text in MISSING else float(text) for text in texts], numpy.float64)


def words(texts):
    return numpy.array(texts, object)


def instants(texts):
    times = [None if text in MISSING else datetime.datetime.fromisoformat(text) for text in texts]
    micro = datetime.timedelta(microseconds=1)
    least = numpy.iinfo(numpy.int64).min
    return numpy.array([least if time is None else (time - EPOCH) // micro for time in times], numpy.int64)


def vectors(texts):
    rows = [None if text in MISSING else [float(part) for part in text.split()] for text in texts]
    width = len(next(row for row in rows if row))
    return numpy.array([row or [math.nan] * width for row in rows], numpy.float64)


def local(texts):
    """Where clocks show 5:30 h more than UTC."""
    micro = instants(texts)
    return numpy.where(micro == numpy.iinfo(numpy.int64).min, micro, micro - 330 * 60_000_000)


GIVEN = {"number": numbers, "word": words, "date": instants, "local": local, "vector": vectors}


def number(make, missing=0.1):
    return lambda random, isTest: random.choice(MISSING) if random.random() < missing else repr(make(random))


def word(known, unknown=(), missing=0.1):
    def make(random, isTest):
        if random.random() < missing:
            return random.choice(MISSING)
        return random.choice([*known, *(unknown if isTest else ())])

    return make


def date(random, isTest):
    if random.random() < 0.1:
        return ""
    time = datetime.datetime(random.randint(1, 9999), 1, 1) if random.random() < 0.2 else datetime.datetime(1960, 1, 1)
    time += datetime.timedelta(days=random.randint(0, 364 * (1 if time.year != 1960 else 120)))
    if random.random() < 0.5:
        time += datetime.timedelta(microseconds=random.randint(0, 86_400_000_000 - 1))
    return time.isoformat(sep="T")


def wide(random):
    """Of any size and sign, zeros of both signs among them."""
    return random.choice([0.0, -0.0, 1.0, random.gauss(0, 1), random.gauss(0, 1e6), math.exp(random.uniform(-40, 40))])


def classes(*names):
    return lambda random, isTest: random.choice(names)


def basic():
    return Table(
        {
            "Age": number(lambda r: r.randint(18, 80)),
            "Income": number(lambda r: r.gauss(2e4, 1e4), missing=0),
            "Job": word(["fixed", "partime", "freelance", 'Ünïcode, "quoted"'], ["astronaut", "FIXED", "fixed again"]),
            "Rare": word(["often"] * 50 + ["seldom", "never"], ["unheard of"], missing=0),
            "Filled": word(["x", "x", "y"]),
            "Records": word(["yes", "no"], ["maybe"]),
            "Status": classes("good", "bad"),
        },
        {"Age": "number", "Income": "number", "Job": "word", "Rare": "word", "Filled": "word", "Records": "word"},
        [
            "number: [Age, Income]",
            "category: Job",
            "category: {columns: Rare, min-frequency: 8}",
            "category: {columns: Filled, missing: most-frequent}",
            "binary: Records",
        ],
        "Status",
    )


def scales():
    kinds = ["standard", "min-max", "robust", "log1p", "quantile", "none"]
    columns = {kind: number(wide) for kind in kinds}
    columns |= {"zeros": number(lambda r: r.choice([-0.0, -0.0, 0.0, -1.0, 5.0]), missing=0.3)}
    columns |= {"clipped": number(wide), "constant": number(lambda r: 7.0), "tied": number(lambda r: r.randint(0, 3))}
    return Table(
        columns
        | {"a": number(lambda r: r.gauss(5, 3), missing=0), "b": number(lambda r: r.gauss(-100, 30), missing=0)},
        {name: "number" for name in columns},
        [
            f"number: {{columns: {kind}, scale: {kind}{', clip: [0.02, 0.98]' if kind == 'none' else ''}}}"
            for kind in kinds
        ]
        + [
            "number: {columns: zeros, scale: none, clip: [0.2, 0.6], missing: most-frequent}",
            "number: {columns: clipped, clip: [0.1, 0.9], missing: median}",
            "number: {columns: constant, missing: constant, value: -3}",
            "number: {columns: tied, scale: quantile, indicator: false, missing: most-frequent}",
        ],
        "[a, b]",
        kind="values",
        seed=2,
        more="loss: huber\n",
    )


def dates():
    parts = "[since, year, month, day, weekday, hour, year-cycle, week-cycle, day-cycle]"
    columns = {"Since": date, "Local": date}
    return Table(
        columns | {"y": number(lambda r: r.gauss(0, 1), missing=0)},
        {"Since": "date", "Local": "local"},
        [f"date: {{columns: Since, parts: {parts}}}", f"date: {{columns: Local, parts: {parts}, zone: '+05:30'}}"],
        "y",
        kind="values",
        seed=3,
        more="loss: mean-squared-error\n",
    )


def embeddings():
    many = [f"user {place}" for place in range(60)]
    return Table(
        {
            "User": word(many, ["nobody"]),
            "Age": number(lambda r: r.gauss(40, 9)),
            "Item": word(many[:9], ["new"]),
            "Mood": word(["up", "down"]),
            "Stars": classes("1", "2", "3", "4", "5"),
        },
        {"User": "word", "Age": "number", "Item": "word", "Mood": "word"},
        ["embedding: {columns: User, dimensions: 5}", "number: Age", "embedding: Item", "binary: Mood"],
        "Stars",
        seed=4,
    )


def several():
    """Classes and numbers of one row, two classes by one output, quantiles."""
    loss = "loss: {sum: {losses: [cross-entropy, quantile, binary-cross-entropy], weights: [1, 0.5, 1]}}\n"

    def vector(random, isTest):
        return "" if random.random() < 0.1 else " ".join(repr(wide(random)) for _ in range(4))

    return Table(
        {
            "Vector": vector,
            "Logs": vector,
            "Ranks": vector,
            "Status": classes("good", "bad", "ugly"),
            "Amount": number(lambda r: r.gauss(1e4, 3e3), missing=0),
            "Paid": classes("yes", "no"),
        },
        {"Vector": "vector", "Logs": "vector", "Ranks": "vector"},
        [
            "vector: {columns: Vector, clip: [0.05, 0.95]}",
            "vector: {columns: Logs, scale: log1p}",
            "vector: {columns: Ranks, scale: quantile, indicator: false}",
        ],
        "[Status, Amount, Paid]",
        kind="[classes, values, classes]",
        seed=5,
        more=loss,
    )


def sets():
    def several(known):
        def make(random, isTest):
            if random.random() < 0.1:
                return random.choice(MISSING)
            words = random.sample(known + (["of no kind"] if isTest else []), random.randint(1, 3))
            # A reader of CSV takes away white space around a cell.
            return ";".join(random.choice(["", "  "]) + word + random.choice(["", "\t"]) for word in words).strip()

        return make

    colours = ["red", "dark red", "red-green", "a.c", "abc", "grün", "NA", "(x|y)", "red*"]
    return Table(
        {"Colours": several(colours), "Tags": several(["one", "two", "three"]), "y": classes("no", "yes")},
        {"Colours": "word", "Tags": "word"},
        ["set: Colours", "set: {columns: Tags, most: 2}"],
        "y",
        seed=8,
    )


def texts():
    known = ["The", "the", "grün", "GRÜN", "it's", "12", "3rd", "naïve", "NA", "x"]

    def make(random, isTest):
        if random.random() < 0.1:
            return random.choice(MISSING)
        marks = [" ", ", ", "-", "  ", "_", "; "]
        words = [random.choice(known + (["unknown"] if isTest else [])) for _ in range(random.randint(1, 9))]
        return "".join(word + random.choice(marks) for word in words[:-1]) + words[-1]

    return Table(
        {"Plain": make, "Pairs": make, "Letters": make, "Counts": make, "y": classes("no", "yes")},
        {"Plain": "word", "Pairs": "word", "Letters": "word", "Counts": "word"},
        [
            "text: Plain",
            "text: {columns: Pairs, n-grams: [1, 3], min-frequency: 3, most: 200}",
            "text: {columns: Letters, unit: characters, n-grams: [2, 3], weights: presence}",
            "text: {columns: Counts, weights: counts}",
        ],
        "y",
        seed=9,
    )


def languages():
    """Letters whose case, or whose place in a word, depends on more than themselves, and words that marks and joiners are in."""
    known = [
        "ΟΔΟΣ", "οδος", "οδοσ", "Σ", "İzmir", "izmir", "IĞDIR", "ığdır", "Straße", "STRASSE", "ẞ", "Ǆ", "café", "cafe\u0301", "CAFE\u0301",
        "\u0301b", "می\u200cخواهم", "हिन्दी", "aⒶb", "½x²", "Ⅳ", "1\ufe0f\u20e3", "👍🏽", "日本語", "ﬀ", "한국", "한국", "ꙁ", "𐐀𐐁",
    ]  # fmt: skip

    def make(random, isTest):
        words = [random.choice(known + (["ΑΛΛΟΣ", "İ"] if isTest else [])) for _ in range(random.randint(1, 8))]
        return "".join(word + random.choice([" ", ", ", "·", "\u3000"]) for word in words[:-1]) + words[-1]

    def several(random, isTest):
        return ";".join(random.sample(known[:-3], random.randint(1, 4)))

    columns = {"Plain": make, "Pairs": make, "Letters": make}
    return Table(
        columns | {"Set": several, "y": classes("no", "yes")},
        {name: "word" for name in [*columns, "Set"]},
        [
            "text: Plain",
            "text: {columns: Pairs, n-grams: [1, 2], most: 200, weights: counts}",
            "text: {columns: Letters, unit: characters, n-grams: [1, 3], most: 300}",
            "set: Set",
        ],
        "y",
        seed=10,
    )


def binary():
    return Table(
        {"x": number(lambda r: r.gauss(0, 1)), "y": classes("no", "yes")},
        {"x": "number"},
        ["number: x"],
        "y",
        seed=6,
        more="loss: binary-cross-entropy\n",
    )


def quantiles():
    return Table(
        {"x": number(lambda r: r.gauss(0, 1)), "y": number(lambda r: r.gauss(3, 2), missing=0)},
        {"x": "number"},
        ["number: x"],
        "y",
        kind="values",
        seed=7,
        more="loss: quantile\n",
    )


def hashed():
    return Table(
        {"Word": word(["a", "b"]), "y": classes("no", "yes")}, {}, ["hashed: Word"], "y", refused="column 'Word'"
    )


CASES = {make.__name__: make for make in (basic, scales, dates, embeddings, several, sets, texts, languages, binary, quantiles)}


def buckets():
    return Table(
        {"Text": word(["a b", "c"]), "y": classes("no", "yes")},
        {},
        ["text: {columns: Text, buckets: 8}"],
        "y",
        refused="column 'Text'",
    )


REFUSED = {"hashed": hashed, "buckets": buckets}
