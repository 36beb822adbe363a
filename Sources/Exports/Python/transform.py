"""What Lockstep does to raw columns before a network sees them, in NumPy: the same bits.

    import pandas, transform, model
    rows = pandas.read_csv("new.csv", keep_default_na=False, dtype=str)
    model.predict(transform.features(rows))

`transform.json` has what columns were fitted to. R rows, W numbers of a row.
"""

import datetime
import json
import math
import pathlib
import re
import unicodedata

import numpy

FITTED = json.loads(
    pathlib.Path(__file__).with_name("transform.json").read_text(encoding="utf-8"),
    parse_int=lambda digits: -0.0 if digits == "-0" else int(digits),
)
MISSING = set(FITTED["missing"])


def features(rows):
    """R×F features in single precision, of a DataFrame, or anything that gives a column's values by its name.

    Numbers may be numbers, or texts; words are texts; dates are datetimes, `datetime64`, or texts; vectors are lists of
    numbers, or texts. What is missing is None, NaN, NaT, or one of the texts that stand for it.
    """
    columns = FITTED["columns"]
    # Cells are read without white space around them.
    cells = {
        column["name"]: [value.strip() if isinstance(value, str) else value for value in rows[column["name"]]]
        for column in columns
    }
    return numpy.concatenate([KINDS[column["kind"]](cells[column["name"]], column) for column in columns], 1)


def is_missing(value):
    return value is None or value != value or isinstance(value, str) and value in MISSING


def word(value):
    return str(value).lower() if isinstance(value, (bool, numpy.bool_)) else str(value)


def fitted(column, name, default=None):
    return column["fitted"]["numbers"].get(name, default)


# Numbers


def scaled(x, kind, numbers):
    """R numbers in double precision on a scale."""
    if kind == "quantile":
        return 2 * share(x, numpy.array(numbers["knots"])) - 1
    if kind == "log1p":
        x = signed_log1p(x)
    return (x - numbers["offset"][0]) * numbers["scale"][0]


def share(x, knots):
    last = max(len(knots) - 1, 1)
    low, high = numpy.searchsorted(knots, x, "left"), numpy.searchsorted(knots, x, "right")
    a, b = knots[numpy.maximum(low - 1, 0)], knots[numpy.minimum(low, len(knots) - 1)]
    with numpy.errstate(all="ignore"):
        between = (low - 1).astype(float) + (x - a) / (b - a)
    found = numpy.where(high > low, (low.astype(float) + (high - 1)) / 2, between) / last
    return numpy.where(x <= knots[0], 0, numpy.where(x >= knots[-1], 1, found))


def signed_log1p(x):
    """sign(x) · ln(1 + |x|), by additions and multiplications alone."""
    absolute = abs(x)
    y = 1 + absolute
    lost = numpy.where(y < 2.0**53, (absolute - (y - 1)) / y, 0)
    m, k = numpy.frexp(y)
    m, k = m * 2, k - 1
    large = m > 1.4142135623730951
    m, k = numpy.where(large, m / 2, m), numpy.where(large, k + 1, k)
    s = (m - 1) / (m + 1)
    s2 = s * s
    total = numpy.zeros_like(s)
    for n in range(12, 0, -1):
        total = s2 * (total + 1 / (2 * n + 1))
    value = k * 0.6931471805599453 + (2 * s + 2 * s * total + lost)
    return numpy.where(x < 0, -value, value)


def number(values, column, numbers=None):
    numbers = numbers or column["fitted"]["numbers"]
    x = numpy.array([math.nan if is_missing(value) else float(value) for value in values])
    missing = numpy.isnan(x)
    x = numpy.where(missing, numbers["missing"][0], x)
    if "clip" in numbers:
        low, high = numbers["clip"]
        x = numpy.where(low >= x, low, x)
        x = numpy.where(high < x, high, x)
    made = [scaled(x, column["scale"], numbers)] + ([missing] if "indicator" in numbers else [])
    return numpy.stack(made, 1).astype(numpy.float32)


def vector(values, column):
    width = int(fitted(column, "width")[0])
    rows = []
    for value in values:
        if isinstance(value, str):
            value = None if is_missing(value) else [float(part) for part in re.findall(r"[^\s\[\],;()]+", value)]
        gone = value is None or numpy.ndim(value) == 0 and value != value or numpy.all(numpy.isnan(value))
        rows.append([math.nan] * width if gone else value)
    table, own = numpy.array(rows, float), column["fitted"]["numbers"]
    by_place = [{} for _ in range(width)]
    for name, numbers in own.items():
        if "." in name:
            by_place[int(name.split(".")[0])][name.split(".")[1]] = numbers
    places = [number(table[:, place], column, numbers) for place, numbers in enumerate(by_place)]
    if "indicator" in own:
        places.append(numpy.isnan(table[:, :1]).astype(numpy.float32))
    return numpy.concatenate(places, 1)


# Words


def places(values, words, missing, unknown, first=0):
    known = {text: place + first for place, text in enumerate(words)}
    return numpy.array([missing if is_missing(value) else known.get(word(value), unknown) for value in values], int)


def one_hot(places, width):
    return (places[:, None] == numpy.arange(width)).astype(numpy.float32)


def category(values, column):
    words = column["fitted"]["words"].get("words", [])
    has_unknown, has_missing = fitted(column, "unknown") is not None, fitted(column, "missing") is not None
    width = len(words) + has_unknown + has_missing
    unknown = len(words) if has_unknown else -1
    fill = [words.index(text) for text in column["fitted"]["words"].get("missing", [])[:1] if text in words]
    missing = fill[0] if fill else width - 1 if has_missing else unknown
    return one_hot(places(values, words, missing, unknown), width)


def binary(values, column):
    table = numpy.array([0, 1, fitted(column, "share")[0]], numpy.float32)
    return table[places(values, column["fitted"]["words"]["words"], 2, 2)][:, None]


def embedding(values, column):
    return places(values, column["fitted"]["words"]["words"], 0, 0, first=1).astype(numpy.float32)[:, None]


def bucket(text, buckets):
    """FNV-1a of 64 bits, its halves folded."""
    value = 0xCBF29CE484222325
    for byte in text.encode("utf-8"):
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return (value ^ value >> 32) % buckets


def hashed(values, column):
    buckets = column["buckets"]
    has_missing = fitted(column, "missing") is not None
    found = [buckets if is_missing(value) else bucket(word(value), buckets) for value in values]
    return one_hot(numpy.array(found, int), buckets + has_missing)


# Texts of several words


def word_set(values, column):
    terms = {text: place for place, text in enumerate(column["fitted"]["words"]["terms"])}
    made = numpy.zeros((len(values), len(terms)), numpy.float32)
    for row, value in enumerate(values):
        for part in [] if is_missing(value) else word(value).split(column["separator"]):
            if part.strip() in terms:
                made[row, terms[part.strip()]] = 1
    return made


def text(values, column):
    terms = {text: place for place, text in enumerate(column["fitted"]["words"].get("terms", []))}
    buckets, idf = column.get("buckets"), fitted(column, "idf")
    made = numpy.zeros((len(values), buckets or len(terms)), numpy.float32)
    for row, value in enumerate(values):
        counts = {}
        for term in [] if is_missing(value) else terms_of("".join(map(lowercased, word(value))), column):
            place = bucket(term, buckets) if buckets else terms.get(term)
            if place is not None:
                counts[place] = counts.get(place, 0) + 1
        found = sorted(counts.items())
        if column["weights"] == "tf-idf":
            found = [(place, count * idf[place]) for place, count in found]
            length = math.sqrt(sum_in_order(weight * weight for _, weight in found))
            found = [(place, weight / length) for place, weight in found]
        for place, weight in found:
            made[row, place] = 1 if column["weights"] == "presence" else weight
    return made


def sum_in_order(numbers):
    total = 0.0
    for each in numbers:
        total += each
    return total


def lowercased(letter):
    """One letter of one, whatever stands beside it."""
    return "i" if letter == "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}" else letter.lower()


def terms_of(content, column):
    words = column["unit"] == "words"
    # Letters, numbers, and the marks that belong to letters.
    spaced = "".join(letter if unicodedata.category(letter)[0] in "LNM" else " " for letter in content)
    units = spaced.split() if words else list(content)
    shortest, longest = column["n-grams"]
    return [
        (" " if words else "").join(units[start : start + length])
        for length in range(shortest, longest + 1)
        for start in range(len(units) - length + 1)
    ]


# Dates

DAY = 86_400_000_000
EPOCH = datetime.datetime(1970, 1, 1)
LEAST = numpy.iinfo(numpy.int64).min


def instant(value, column):
    """Microseconds since 1970-01-01 00:00 UTC."""
    if isinstance(value, (numpy.datetime64, datetime.date)) and not isinstance(value, datetime.datetime):
        return int(numpy.datetime64(value, "us").astype(numpy.int64))
    if isinstance(value, str):
        pattern = column.get("format")
        value = datetime.datetime.strptime(value, pattern) if pattern else datetime.datetime.fromisoformat(value)
        if value.tzinfo is None:
            value -= datetime.timedelta(minutes=column["zone-minutes"])
    if value.tzinfo is not None:
        value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return (value - EPOCH) // datetime.timedelta(microseconds=1)


def date(values, column):
    raw = numpy.array([LEAST if is_missing(value) else instant(value, column) for value in values], numpy.int64)
    missing = raw == LEAST
    moment = numpy.where(missing, 0, raw)
    since = (moment / 86_400e6 - fitted(column, "offset")[0]) * fitted(column, "scale")[0]
    days, rest = numpy.divmod(moment + column["zone-minutes"] * 60_000_000, DAY)
    calendar = days.astype("datetime64[D]")
    year, month = calendar.astype("datetime64[Y]"), calendar.astype("datetime64[M]")
    length = ((year + 1).astype("datetime64[D]") - year.astype("datetime64[D]")).astype(int)
    weekday, day_share = (days + 3) % 7, rest / 86_400e6
    year_share = ((calendar - year.astype("datetime64[D]")).astype(int) + day_share) / length
    parts = {
        "since": lambda: [since],
        "year": lambda: [(year.astype(int) - 30) / 10],
        "month": lambda: [(month.astype(int) % 12 + 1 - 6.5) / 3.5],
        "day": lambda: [((calendar - month.astype("datetime64[D]")).astype(int) + 1 - 16) / 9],
        "weekday": lambda: [(weekday - 3) / 2],
        "hour": lambda: [(day_share * 24 - 12) / 7],
        "year-cycle": lambda: turn(year_share),
        "week-cycle": lambda: turn((weekday + day_share) / 7),
        "day-cycle": lambda: turn(day_share),
    }
    made = numpy.stack([each for part in column["parts"] for each in parts[part]()], 1).astype(numpy.float32)
    made[missing] = 0
    if fitted(column, "indicator") is None:
        return made
    return numpy.concatenate([made, missing[:, None].astype(numpy.float32)], 1)


def turn(t):
    """sin and cos of 2π·t, by additions and multiplications alone."""
    t = t - numpy.floor(t)
    place = t * 4
    quarter = sum((place >= bound).astype(float) for bound in (0.5, 1.5, 2.5, 3.5))
    x = (t - quarter / 4) * 6.283185307179586
    x2 = x * x
    sine, cosine = numpy.zeros_like(x), numpy.zeros_like(x)
    for n in range(8, 0, -1):
        factorial, sign = float(math.factorial(2 * n)), 1 if n % 2 == 0 else -1
        sine = x2 * (sign / (factorial * (2 * n + 1)) + sine)
        cosine = x2 * (sign / factorial + cosine)
    s, c = x + x * sine, 1 + cosine
    first, second, third = quarter == 1, quarter == 2, quarter == 3
    sin, cos = numpy.where(first | third, c, s), numpy.where(first | third, s, c)
    return [numpy.where(second | third, sin * -1, sin), numpy.where(first | second, cos * -1, cos)]


KINDS = {
    "number": number, "category": category, "embedding": embedding, "hashed": hashed, "binary": binary, "date": date,
    "set": word_set, "text": text, "vector": vector,
}  # fmt: skip
