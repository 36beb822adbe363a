#!/usr/bin/env python3
"""Writes augmentations.json beside this script: samples, and what augmentations make of them, bit for bit.

    python3 -m venv venv && venv/bin/pip install torch torchvision --index-url https://download.pytorch.org/whl/cpu
    venv/bin/python Tests/Goldens/make-augmentations.py

The formulas are those of Sources/Augmentations and Sources/CKernels/augmentations, written once more in NumPy: single precision
with the same order of additions, and the same draws. Where torchvision has the same operation, what comes of the same settings is
compared with it, and the largest difference is printed; the script fails where one is above its tolerance.

The file in the repository was made with NumPy 2.3, torch 2.15 and torchvision 0.29.
"""

import json
import math
import pathlib
import struct

import numpy as np

HERE = pathlib.Path(__file__).parent
F = np.float32
MASK = 0xFFFFFFFF

# ---- Draws -----------------------------------------------------------------------------------------------------------


def philox(key, counter):
    c, k = list(counter), list(key)
    for round in range(10):
        if round:
            k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
        a, b = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
        c = [(b >> 32) ^ c[1] ^ k[0], b & MASK, (a >> 32) ^ c[3] ^ k[1], a & MASK]
    return c


def block(key, stream, index):
    return philox(key, [index & MASK, index >> 32, stream & MASK, stream >> 32])


def log(x):
    m, e = math.frexp(x)
    m, e = m * 2, e - 1
    if m > float.fromhex("0x1.6a09e667f3bcdp+0"):
        m, e = m * 0.5, e + 1
    s = (m - 1) / (m + 1)
    z = s * s
    series = 1.0 / 23
    for k in range(21, 2, -2):
        series = series * z + 1.0 / k
    log_m = 2 * s + 2 * s * (z * series)
    return e * float.fromhex("0x1.62e42fee00000p-1") + (e * float.fromhex("0x1.a39ef35793c76p-33") + log_m)


def exponential(x):
    x = min(max(x, -700.0), 700.0)
    shifted = x * 1.4426950408889634 + float.fromhex("0x1.8p52")
    k = shifted - float.fromhex("0x1.8p52")
    r = (x - k * float.fromhex("0x1.62e42fee00000p-1")) - k * float.fromhex("0x1.a39ef35793c76p-33")
    total = 1.0
    for n in range(14, 0, -1):
        total = 1 + total * r / n
    return total * 2.0 ** int(k)


def cos_pi(x):
    t = 3.141592653589793 * (x - 0.5)
    square, term, terms = t * t, t, []
    for k in range(13):
        terms.append(term)
        term = -term * square / ((2 * k + 2) * (2 * k + 3))
    total = 0.0
    for term in reversed(terms):
        total += term
    return -total


def sine_cosine(degrees):
    turns = degrees / 360
    angle = degrees - 360 * float(int(turns - 0.5 if turns < 0 else turns + 0.5))
    size = abs(angle)
    value = cos_pi(abs(size - 90) / 180)
    return (-value if angle < 0 else value), cos_pi(size / 180)


def coefficients(text):
    return [float(number) for number in text.split()]


# Wichura: Algorithm AS 241 (1988).
A = coefficients(
    "3.3871328727963666080e0 1.3314166789178437745e+2 1.9715909503065514427e+3 1.3731693765509461125e+4"
    " 4.5921953931549871457e+4 6.7265770927008700853e+4 3.3430575583588128105e+4 2.5090809287301226727e+3"
)
B = coefficients(
    "1.0 4.2313330701600911252e+1 6.8718700749205790830e+2 5.3941960214247511077e+3 2.1213794301586595867e+4"
    " 3.9307895800092710610e+4 2.8729085735721942674e+4 5.2264952788528545610e+3"
)
C = coefficients(
    "1.42343711074968357734e0 4.63033784615654529590e0 5.76949722146069140550e0 3.64784832476320460504e0"
    " 1.27045825245236838258e0 2.41780725177450611770e-1 2.27238449892691845833e-2 7.74545014278341407640e-4"
)
D = coefficients(
    "1.0 2.05319162663775882187e0 1.67638483018380384940e0 6.89767334985100004550e-1 1.48103976427480074590e-1"
    " 1.51986665636164571966e-2 5.47593808499534494600e-4 1.05075007164441684324e-9"
)


def polynomial(numbers, x):
    total = numbers[7]
    for k in range(6, -1, -1):
        total = total * x + numbers[k]
    return total


def normal(u):
    q = u - 0.5
    if -0.425 <= q <= 0.425:
        r = 0.180625 - q * q
        return q * polynomial(A, r) / polynomial(B, r)
    r = math.sqrt(-log(u if q < 0 else 1 - u)) - 1.6
    deviate = polynomial(C, r) / polynomial(D, r)
    return -deviate if q < 0 else deviate


class Draws:
    def __init__(self, seed, operation, epoch, sample):
        mixed = philox([seed & MASK, seed >> 32], [9, 0, 0, 0x4C6F636B])
        words = block(mixed[:2], operation, 0)
        self.key, self.bulk, self.stream = words[:2], words[2:], epoch << 40 | sample
        self.index, self.words = 0, []

    def word(self):
        if not self.words:
            self.words = block(self.key, self.stream, self.index)
            self.index += 1
        return self.words.pop(0)

    def unit(self):
        return (self.word() + 0.5) * 2.0**-32

    def number(self, low, high):
        return low + (high - low) * self.unit()

    def whole(self, low, high):
        return low + (self.word() * (high - low + 1) >> 32)

    def happens(self, probability):
        return probability >= 1 or (probability > 0 and self.unit() < probability)

    def log_gamma(self, alpha):
        boost = log(self.unit()) / alpha if alpha < 1 else 0.0
        d = (alpha + 1 if alpha < 1 else alpha) - 1.0 / 3
        c = 1 / math.sqrt(9 * d)
        while True:
            x = normal(self.unit())
            root = 1 + c * x
            if root <= 0:
                continue
            v = root * root * root
            if log(self.unit()) < 0.5 * x * x + d - d * v + d * log(v):
                return log(d) + log(v) + boost

    def beta(self, alpha):
        x = self.log_gamma(alpha)
        y = self.log_gamma(alpha)
        return 1 / (1 + exponential(y - x))

    def normals(self, count):
        words = [w for index in range((count + 3) // 4) for w in block(self.bulk, self.stream, index)]
        return np.array([F(0 + 1 * normal((w + 0.5) * 2.0**-32)) for w in words[:count]], F)


# ---- Loops -----------------------------------------------------------------------------------------------------------


def place(i, n, edge):
    if 0 <= i < n:
        return i
    if edge == "edge":
        return 0 if i < 0 else n - 1
    if edge == "wrap":
        return i % n
    if edge == "reflect":
        period = 2 * (n - 1)
        k = i % period if period else 0
        return k if k < n else period - k
    return None


def move(x, down, right, edge="constant", fill=F(0)):
    y = np.full_like(x, fill)
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            p, q = place(i + down, x.shape[0], edge), place(j + right, x.shape[1], edge)
            if p is not None and q is not None:
                y[i, j] = x[p, q]
    return y


def resample(x, m, window=None, edge="constant", fill=F(0)):
    H, W, _ = x.shape
    top, left, height, width = window or (0, 0, H, W)
    y = np.zeros_like(x)

    def pixel(i, j):
        i, j = place(i - top, height, edge), place(j - left, width, edge)
        return np.full(x.shape[2], fill, F) if i is None or j is None else x[top + i, left + j]

    for i in range(H):
        column0, row0 = m[1] * float(i) + m[2], m[4] * float(i) + m[5]
        for j in range(W):
            column, row = m[0] * float(j) + column0, m[3] * float(j) + row0
            column = min(max(column, left - 2.0), left + width + 1.0) - left + 4
            row = min(max(row, top - 2.0), top + height + 1.0) - top + 4
            q, p = int(column), int(row)
            u, v = F(column - q), F(row - p)
            p, q = p - 4 + top, q - 4 + left
            above = (F(1) - u) * pixel(p, q) + u * pixel(p, q + 1)
            below = (F(1) - u) * pixel(p + 1, q) + u * pixel(p + 1, q + 1)
            y[i, j] = (F(1) - v) * above + v * below
    return y


def affine(x, angle=0.0, right=0.0, down=0.0, scale=1.0, shear=0.0):
    H, W, _ = x.shape
    (sin_x, cos_x), (_, cos_y), (sine, cosine), (sin_a, cos_a) = map(sine_cosine, (shear, 0.0, angle - 0.0, angle))
    a, c = cosine / cos_y, sine / cos_y
    b, d = -a * (sin_x / cos_x) - sin_a, -c * (sin_x / cos_x) + cos_a
    m0, m1, m3, m4 = d / scale, -b / scale, -c / scale, a / scale
    cx, cy = (W - 1) / 2, (H - 1) / 2
    return [m0, m1, cx - m0 * (cx + right) - m1 * (cy + down), m3, m4, cy - m3 * (cx + right) - m4 * (cy + down)]


def limited(x, white):
    x = np.where(x > 0, x, F(0))
    return np.where(x < white, x, white).astype(F)


def grey_of(x):
    grey = F(0.2989) * x[..., 0]
    grey = grey + F(0.587) * x[..., 1]
    return grey + F(0.114) * x[..., 2]


def mean(values):
    sums = [0.0] * 8
    for place, value in enumerate(values):
        sums[place % 8] += float(value)
    total = 0.0
    for part in sums:
        total += part
    return total / len(values)


def brighten(x, factor, white):
    return limited(F(factor) * x + (F(1) - F(factor)) * F(0), white)


def contrast(x, factor, white):
    grey = F(mean((grey_of(x) if x.shape[2] == 3 else x).ravel()))
    return limited(F(factor) * x + (F(1) - F(factor)) * grey, white)


def saturate(x, factor, white):
    if x.shape[2] != 3:
        return x
    rest = (F(1) - F(factor)) * grey_of(x)
    return limited(F(factor) * x + rest[..., None], white)


def turn_hue(x, turn, white):
    y = x.copy()
    for i in np.ndindex(x.shape[:2]):
        r, g, b = (value / white for value in x[i])
        least, most = min(r, g, b), max(r, g, b)
        spread = most - least
        if not spread > 0:
            continue
        rc, gc, bc = (most - r) / spread, (most - g) / spread, (most - b) / spread
        sixths = bc - gc if most == r else F(2) + rc - bc if most == g else F(4) + gc - rc
        hue = sixths / F(6) + F(1) + F(turn) + F(1)
        hue = hue - F(int(hue))
        saturation, sixth = spread / most, hue * F(6)
        f = sixth - F(int(sixth))
        sf = saturation * f
        down, up = limited((F(1) - sf) * most, F(1)), limited((sf + (F(1) - saturation)) * most, F(1))
        low = limited((F(1) - saturation) * most, F(1))
        out = [(most, up, low), (down, most, low), (low, most, up), (low, down, most), (up, low, most), (most, low, down)]
        y[i] = [F(value * white) for value in out[int(sixth) % 6]]
    return y


def posterise(x, bits, white):
    levels = F(1 << bits)
    return np.trunc(limited(x * (levels / white), levels - F(1))) * (white / levels)


def solarise(x, threshold, white):
    return np.where(x >= threshold, white - x, x)


def stretch(x, white):
    y = x.copy()
    for c in range(x.shape[2]):
        least, most = x[..., c].min(), x[..., c].max()
        if most > least:
            y[..., c] = limited((x[..., c] - least) * (white / (most - least)), white)
    return y


def equalise(x, white):
    y = x.copy()
    for c in range(x.shape[2]):
        levels = limited(x[..., c] * (F(255.999) / white), F(255)).astype(np.int64)
        counts = np.bincount(levels.ravel(), minlength=256)
        highest = max(b for b in range(256) if counts[b] or b == 0)
        step = (levels.size - int(counts[highest])) // 255
        below, table = 0, []
        for b in range(256):
            table.append(min(255, (below + step // 2) // step if step else b))
            below += int(counts[b])
        y[..., c] = np.array(table, F)[levels] * (white / F(255))
    return y


def sharpen(x, factor, white):
    H, W, _ = x.shape
    y = limited(x, white)
    if H < 3 or W < 3:
        return y
    near = [x[1 + a : H - 1 + a, 1 + b : W - 1 + b] for a in (-1, 0, 1) for b in (-1, 0, 1)]
    total = near[0] + near[1]
    for place, part in enumerate(near[2:], 2):
        total = total + (F(5) * part if place == 4 else part)
    inner = F(factor) * near[4] + (F(1) - F(factor)) * (total / F(13))
    y[1:-1, 1:-1] = limited(inner, white)
    return y


def gaussian(kernel, sigma):
    weights = []
    for place in range(kernel):
        distance = (place - kernel // 2) / sigma
        weights.append(exponential(-0.5 * distance * distance))
    total = 0.0
    for weight in weights:
        total += weight
    return [F(weight / total) for weight in weights]


def blur(x, weights):
    half = len(weights) // 2
    for axis in (1, 0):
        n = x.shape[axis]
        y = np.zeros_like(x)
        for k, weight in enumerate(weights):
            y = y + weight * np.take(x, [place(i + k - half, n, "reflect") for i in range(n)], axis)
        x = y
    return x


def mix(x, z, share):
    share = F(share)
    return share * x + (F(1) - share) * z


# ---- Kinds -----------------------------------------------------------------------------------------------------------


def random_crop(x, d, white, padding=4, mode="constant", fill=0.0):
    down = d.whole(-padding, padding)
    right = d.whole(-padding, padding)
    return move(x, down, right, mode, F(fill) * white)


def even(x):
    return int(np.rint(x))


def window(d, H, W, scale, ratio):
    for _ in range(10):
        target = H * W * d.number(*scale)
        form = exponential(d.number(log(ratio[0]), log(ratio[1])))
        w, h = even(math.sqrt(target * form)), even(math.sqrt(target / form))
        if 0 < w <= W and 0 < h <= H:
            return d.whole(0, H - h), d.whole(0, W - w), h, w
    raise ValueError("no golden for the window of last resort")


def random_resized_crop(x, d, white, scale=(0.08, 1), ratio=(0.75, 4 / 3)):
    H, W, _ = x.shape
    top, left, h, w = window(d, H, W, scale, ratio)
    a, b = w / W, h / H
    return resample(x, [a, 0.0, 0.5 * a - 0.5 + left, 0.0, b, 0.5 * b - 0.5 + top], (top, left, h, w), "edge")


def flip(x, d, white, direction="horizontal", probability=0.5):
    if not d.happens(probability):
        return x
    return x[:, ::-1] if direction == "horizontal" else x[::-1]


def rotate(x, d, white, degrees=15.0, fill=0.0):
    return resample(x, affine(x, angle=-d.number(-degrees, degrees)), fill=F(fill) * white)


def random_affine(x, d, white, rotate=10.0, translate=0.1, scale=(0.9, 1.1), shear=5.0, fill=0.0):
    angle = d.number(-rotate, rotate)
    right = np.rint(d.number(-translate, translate) * x.shape[1])
    down = np.rint(d.number(-translate, translate) * x.shape[0])
    size = d.number(*scale)
    slant = d.number(-shear, shear)
    return resample(x, affine(x, angle, right, down, size, slant), fill=F(fill) * white)


def colour_jitter(x, d, white, brightness=0.2, contrast_=0.2, saturation=0.0, hue=0.0):
    order = [0, 1, 2, 3]
    for last in (3, 2, 1):
        other = d.whole(0, last)
        order[last], order[other] = order[other], order[last]
    for what in order:
        most = (brightness, contrast_, saturation, hue)[what]
        if not most:
            continue
        if what == 3:
            x = turn_hue(x, d.number(-hue, hue), white)
        else:
            x = (brighten, contrast, saturate)[what](x, d.number(max(0, 1 - most), 1 + most), white)
    return x


def happening(change):
    return lambda x, d, white, probability=0.5: change(x, white) if d.happens(probability) else x


def random_blur(x, d, white, kernel=5, deviation=(0.1, 2), probability=0.5):
    if not d.happens(probability):
        return x
    return blur(x, gaussian(kernel, d.number(*deviation)))


def random_sharpen(x, d, white, factor=(0.5, 2), probability=0.5):
    return sharpen(x, d.number(*factor), white) if d.happens(probability) else x


def cut_out(x, d, white, probability=0.5, scale=(0.02, 0.33), ratio=(0.3, 3.3), fill=0.0):
    if not d.happens(probability):
        return x
    H, W, _ = x.shape
    for _ in range(10):
        target = H * W * d.number(*scale)
        form = exponential(d.number(log(ratio[0]), log(ratio[1])))
        h, w = even(math.sqrt(target * form)), even(math.sqrt(target / form))
        if not (0 < h < H and 0 < w < W):
            continue
        top = d.whole(0, H - h)
        left = d.whole(0, W - w)
        x = x.copy()
        x[top : top + h, left : left + w] = F(fill) * white
        return x
    return x


OPERATIONS = (
    "identity shear-x shear-y translate-x translate-y rotate brightness colour contrast sharpness posterise solarise"
    " auto-contrast equalise"
).split()


def strength(name, part, wide, H, W):
    if name.startswith("shear"):
        return part * (0.99 if wide else 0.3)
    if name.startswith("translate"):
        return math.floor(part * (32 if wide else 150.0 / 331 * (W if name[-1] == "x" else H)))
    if name == "rotate":
        return part * (135 if wide else 30)
    if name in ("brightness", "colour", "contrast", "sharpness"):
        return part * (0.99 if wide else 0.9)
    if name == "posterise":
        return 8 - float(np.rint(part * (6 if wide else 4)))
    return 1 - part if name == "solarise" else 0.0


def operate(name, x, s, white):
    if name == "shear-x":
        return resample(x, [1.0, s, 0.5 * s, 0.0, 1.0, 0.0])
    if name == "shear-y":
        return resample(x, [1.0, 0.0, 0.0, s, 1.0, 0.5 * s])
    if name == "translate-x":
        return move(x, 0, -int(s))
    if name == "translate-y":
        return move(x, -int(s), 0)
    return {
        "identity": lambda: x,
        "rotate": lambda: resample(x, affine(x, angle=-s)),
        "brightness": lambda: brighten(x, 1 + s, white),
        "colour": lambda: saturate(x, 1 + s, white),
        "contrast": lambda: contrast(x, 1 + s, white),
        "sharpness": lambda: sharpen(x, 1 + s, white),
        "posterise": lambda: posterise(x, int(s), white),
        "solarise": lambda: solarise(x, F(s) * white, white),
        "auto-contrast": lambda: stretch(x, white),
        "equalise": lambda: equalise(x, white),
    }[name]()


def signed(d, name, s):
    plain = name in ("identity", "posterise", "solarise", "auto-contrast", "equalise")
    return -s if not plain and d.word() & 1 else s


def rand_augment(x, d, white, operations=2, magnitude=9, bins=31):
    for _ in range(operations):
        name = OPERATIONS[d.whole(0, 13)]
        s = signed(d, name, strength(name, magnitude / (bins - 1), False, *x.shape[:2]))
        x = operate(name, x, s, white)
    return x


def trivial_augment(x, d, white, bins=31):
    name = OPERATIONS[d.whole(0, 13)]
    part = d.whole(0, bins - 1) / (bins - 1)
    return operate(name, x, signed(d, name, strength(name, part, True, *x.shape[:2])), white)


def spec_augment(x, d, white, time_masks=2, time_width=100, time_share=0.2, frequency_masks=2, frequency_width=27):
    T, N = x.shape
    value, x = F(mean(x.ravel())), x.copy()
    for _ in range(time_masks):
        length = d.whole(0, min(time_width, int(time_share * T)))
        first = d.whole(0, T - length)
        x[first : first + length] = value
    for _ in range(frequency_masks):
        length = d.whole(0, min(frequency_width, N))
        first = d.whole(0, N - length)
        x[:, first : first + length] = value
    return x


def shift(x, d, white, time=10, frequency=0, mode="edge"):
    later = d.whole(-time, time)
    higher = d.whole(-frequency, frequency) if frequency else 0
    return move(x[..., None], -later, -higher, mode)[..., 0]


def noise_of_pictures(x, d, white, deviation=0.1):
    z = d.normals(x.size).reshape(x.shape)
    return limited(x + F(deviation) * white * z, white)


# ---- Samples and cases -----------------------------------------------------------------------------------------------

random = np.random.default_rng(14)
colour = random.random((5, 9, 7, 3)).astype(F)
grey = random.integers(0, 256, (5, 20, 16, 1)).astype(np.uint8)
# Fewer levels than pixels, so that levels can be made equally frequent.
grey[3] = np.clip(grey[3] // 4 + 60, 0, 255)
sequences = random.standard_normal((4, 12, 5)).astype(F)
DATA = {"colour": colour, "grey": grey, "sequences": sequences}


def bits(x):
    return np.ascontiguousarray(x, F).view(np.uint32).ravel().tolist()


def case(name, data, yaml, *changes, epoch=3, seed=0x1234_5678_9ABC, mixer=None):
    samples = [2, 0, 3] if data != "sequences" else [1, 3]
    white = F(255) if DATA[data].dtype == np.uint8 else F(1)
    outputs = []
    for sample in samples:
        x = DATA[data][sample].astype(F)
        for operation, change in enumerate(changes):
            x = np.asarray(change(x, Draws(seed, operation, epoch, sample), white), F)
        outputs.append(x)
    shares = [1.0] * len(samples)
    if mixer:
        before = [x.copy() for x in outputs]
        for row, sample in enumerate(samples):
            outputs[row], shares[row] = mixer(before[row], before[row - 1], Draws(seed, len(changes), epoch, sample))
    return {
        "name": name, "data": data, "augment": yaml, "seed": seed, "epoch": epoch, "samples": samples,
        "expected": [b for x in outputs for b in bits(x)], "shares": bits(shares),
    }  # fmt: skip


def mixup(x, z, d, alpha=0.2):
    share = F(d.beta(alpha))
    return mix(x, z, share), share


def cutmix(x, z, d, alpha=1.0):
    H, W, _ = x.shape
    side = math.sqrt(1 - d.beta(alpha))
    row, column = d.whole(0, H - 1), d.whole(0, W - 1)
    h, w = int(0.5 * side * H), int(0.5 * side * W)
    top, left = max(0, row - h), max(0, column - w)
    bottom, right = min(H, row + h), min(W, column + w)
    x = x.copy()
    x[top:bottom, left:right] = z[top:bottom, left:right]
    return x, F(1) - F((bottom - top) * (right - left)) / F(H * W)


def of(change, **settings):
    return lambda x, d, white: change(x, d, white, **settings)


both = ("colour", "grey")
cases = [case(f"crop, {d}", d, "[random-crop]", random_crop) for d in both]
cases += [
    case(f"crop, {mode}", "colour", f"[{{random-crop: {{padding: 3, padding-mode: {mode}, fill: 0.5}}}}]",
         of(random_crop, padding=3, mode=mode, fill=0.5))
    for mode in ("constant", "edge", "reflect")
]  # fmt: skip
for data in both:
    cases += [
        case(f"resized crop, {data}", data, "[random-resized-crop]", random_resized_crop),
        case(f"flips, {data}", data, "[flip, {flip: vertical}]", flip, of(flip, direction="vertical")),
        case(f"rotate, {data}", data, "[{rotate: {degrees: 60, fill: 0.25}}]", of(rotate, degrees=60.0, fill=0.25)),
        case(f"affine, {data}", data, "[affine]", random_affine),
        case(f"jitter, {data}", data, "[colour-jitter]", colour_jitter),
        case(f"blur, {data}", data, "[{blur: {probability: 1}}]", of(random_blur, probability=1)),
        case(f"sharpen, {data}", data, "[{sharpen: {probability: 1}}]", of(random_sharpen, probability=1)),
        case(f"posterise, {data}", data, "[{posterise: {bits: 3}}]", happening(lambda x, w: posterise(x, 3, w))),
        case(f"solarise, {data}", data, "[solarise]", happening(lambda x, w: solarise(x, F(0.5) * w, w))),
        case(f"equalise, {data}", data, "[{equalise: 1}]",
             lambda x, d, w: happening(equalise)(x, d, w, 1)),
        case(f"auto-contrast, {data}", data, "[auto-contrast]", happening(stretch)),
        case(f"invert, {data}", data, "[invert]", happening(lambda x, w: w - x)),
        case(f"cut-out, {data}", data, "[{cut-out: {probability: 1, fill: 0.5}}]", of(cut_out, probability=1, fill=0.5)),
        case(f"noise, {data}", data, "[noise]", noise_of_pictures),
        case(f"RandAugment, {data}", data, "[{rand-augment: 5}]", of(rand_augment, operations=5)),
        case(f"mixup, {data}", data, "[flip, mixup]", flip, mixer=mixup),
        case(f"cutmix, {data}", data, "[flip, cutmix]", flip, mixer=cutmix),
    ]  # fmt: skip
cases += [case(f"TrivialAugment, epoch {e}", "colour", "[trivial-augment]", trivial_augment, epoch=e) for e in range(8)]
cases += [
    case("jitter of all", "colour",
         "[{colour-jitter: {brightness: 0.4, contrast: 0.3, saturation: 0.8, hue: 0.5}}, {grey: 0.5}]",
         of(colour_jitter, brightness=0.4, contrast_=0.3, saturation=0.8, hue=0.5),
         lambda x, d, w: saturate(x, 0.0, w) if d.happens(0.5) else x),
    case("SpecAugment", "sequences", "[spec-augment]", spec_augment),
    case("SpecAugment, wide", "sequences", "[{spec-augment: {time-share: 0.5, frequency-width: 2}}]",
         of(spec_augment, time_share=0.5, frequency_width=2)),
    case("shift", "sequences", "[shift]", shift),
    case("shift, wrapped", "sequences", "[{shift: {time: 4, frequency: 2, padding-mode: wrap}}]",
         of(shift, time=4, frequency=2, mode="wrap")),
]  # fmt: skip

(HERE / "augmentations.json").write_text(
    json.dumps(
        {
            "data": {
                name: {"shape": x.shape[1:], "isBytes": x.dtype == np.uint8,
                       "values": x.ravel().tolist() if x.dtype == np.uint8 else bits(x)}
                for name, x in DATA.items()
            },
            "cases": cases,
        },
        separators=(",", ":"),
    )
    + "\n"
)  # fmt: skip

# ---- Beside torchvision ----------------------------------------------------------------------------------------------

import torch  # noqa: E402
from torchvision.transforms import InterpolationMode  # noqa: E402
from torchvision.transforms.v2 import functional as V  # noqa: E402

BILINEAR = InterpolationMode.BILINEAR
x = colour[1]
picture = torch.from_numpy(x).permute(2, 0, 1)
worst = 0.0


def beside(name, own, theirs, tolerance=3e-6):
    """Floats of 0…1: a few units of the last place, and where theirs computes coordinates in single precision more."""
    global worst
    difference = float(np.abs(own - theirs.permute(1, 2, 0).numpy()).max())
    print(f"{name:16} {difference:.1e}")
    worst = max(worst, difference / tolerance)


one = F(1)
beside("rotate", resample(x, affine(x, angle=-33.0)), V.rotate(picture, 33.0, BILINEAR))
# Without a fill: pixels at the border that are partly filled get the filled part twice in torchvision.
beside("affine", resample(x, affine(x, 20.0, 2.0, -1.0, 0.8, 12.0)),
       V.affine(picture, 20.0, [2.0, -1.0], 0.8, [12.0, 0.0], BILINEAR))  # fmt: skip
slant = math.degrees(math.atan(0.2))
beside("shear-x", operate("shear-x", x, 0.2, one), V.affine(picture, 0.0, [0, 0], 1.0, [slant, 0.0], BILINEAR, center=[0, 0]))
beside("shear-y", operate("shear-y", x, 0.2, one), V.affine(picture, 0.0, [0, 0], 1.0, [0.0, slant], BILINEAR, center=[0, 0]))
beside("translate-x", operate("translate-x", x, 2, one), V.affine(picture, 0.0, [2, 0], 1.0, [0.0, 0.0], BILINEAR))
beside("resized crop", resample(x, [5 / 7, 0.0, 2.5 / 7 + 0.5, 0.0, 4 / 9, 2 / 9 + 1.5], (2, 1, 4, 5), "edge"),
       V.resized_crop(picture, 2, 1, 4, 5, [9, 7], BILINEAR, antialias=True))  # fmt: skip
beside("brightness", brighten(x, 1.3, one), V.adjust_brightness(picture, 1.3))
beside("contrast", contrast(x, 1.7, one), V.adjust_contrast(picture, 1.7))
beside("saturation", saturate(x, 0.4, one), V.adjust_saturation(picture, 0.4))
beside("grey", saturate(x, 0.0, one), V.rgb_to_grayscale(picture, 3))
for turn in (-0.4, 0.1, 0.45):
    beside(f"hue {turn}", turn_hue(x, turn, one), V.adjust_hue(picture, turn))
beside("sharpness", sharpen(x, 1.8, one), V.adjust_sharpness(picture, 1.8))
beside("posterise", posterise(x, 3, one), V.posterize(picture, 3))
beside("solarise", solarise(x, F(0.4), one), V.solarize(picture, 0.4))
beside("auto-contrast", stretch(x, one), V.autocontrast(picture))
beside("blur", blur(x, gaussian(5, 1.3)), V.gaussian_blur(picture, [5, 5], [1.3, 1.3]))
for sample in (0, 3):
    levels = grey[sample]
    beside(f"equalise {sample}", equalise(levels.astype(F), F(255)) / F(255),
           V.equalize(torch.from_numpy(levels).permute(2, 0, 1)) / 255.0)  # fmt: skip
assert worst <= 1, f"a difference is {worst} times its tolerance"
assert abs(exponential(-3.7) / math.exp(-3.7) - 1) < 1e-14 and abs(sine_cosine(200.0)[0] - math.sin(math.radians(200))) < 1e-14
