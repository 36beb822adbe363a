"""Writes Tests/Goldens/sounds: short sounds of every kind, and what becomes of them by formulas in double precision.

  ~/.cache/lockstep/librosa-1/bin/python Tests/Goldens/make-sounds.py

Expects NumPy and soundfile, which writes what the standard library does not; where librosa (0.11) is there too, as in that
environment, which `scripts/compare-sounds` makes, what the formulas give is compared with it, and the script ends where it differs.
"""
import hashlib
import json
import os
import struct

import numpy as np
import soundfile

try:
    import librosa
except ImportError:
    librosa = None

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sounds")
os.makedirs(FOLDER, exist_ok=True)
random = np.random.default_rng(14)


def tone(rate, seconds, channel=0):
    """A rising tone, a fixed one, and noise, in -1...1."""
    t = np.arange(int(rate * seconds)) / rate
    noise = random.uniform(-1, 1, len(t))
    return 0.5 * np.sin(2 * np.pi * (200 + 300 * channel + 4000 * t) * t) + 0.2 * np.sin(2 * np.pi * 1234 * t) + 0.02 * noise


def chunk(name, content, order="<"):
    return name + struct.pack(order + "I", len(content)) + content + b"\0" * (len(content) % 2)


def wave(name, numbers, rate, bits, kind=1):
    """A WAV file of numbers (samples × channels) that are whole, or of a format of floating-point numbers (kind 3)."""
    channels, size = numbers.shape[1], bits // 8
    if kind == 3:
        data = numbers.astype("<f4" if bits == 32 else "<f8").tobytes()
    elif bits == 8:
        data = (numbers + 128).astype(np.uint8).tobytes()
    elif bits == 24:
        data = b"".join(struct.pack("<i", int(v))[:3] for v in numbers.reshape(-1))
    else:
        data = numbers.astype(f"<i{size}").tobytes()
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * channels * size, channels * size, bits)
    body = b"WAVE" + chunk(b"fmt ", form) + chunk(b"LIST", b"INFOodd") + chunk(b"data", data)
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(chunk(b"RIFF", body))


files = []


def expect(name, rate, mono):
    """What a file's samples are to be: the SHA-256 of floats, rounded once."""
    floats = np.asarray(mono, dtype=np.float64).astype("<f4")
    files.append({"file": name, "rate": rate, "count": len(floats), "sha256": hashlib.sha256(floats.tobytes()).hexdigest()})


def whole(x, bits):
    return np.round(x * (2 ** (bits - 1) - 1)).astype(np.int64)


for bits in (8, 16, 24, 32):
    numbers = whole(tone(8000, 0.05), bits)[:, None]
    wave(f"whole-{bits}.wav", numbers, 8000, bits)
    expect(f"whole-{bits}.wav", 8000, numbers[:, 0] / 2.0 ** (bits - 1))
for bits in (32, 64):
    numbers = tone(8000, 0.03)[:, None].astype(np.float32 if bits == 32 else np.float64)
    wave(f"real-{bits}.wav", numbers, 8000, bits, kind=3)
    expect(f"real-{bits}.wav", 8000, numbers[:, 0])
stereo = whole(np.stack([tone(11025, 0.05), tone(11025, 0.05, 1)], 1), 16)
wave("stereo.wav", stereo, 11025, 16)
expect("stereo.wav", 11025, stereo.sum(1) / (2 * 2.0**15))
three = whole(np.stack([tone(8000, 0.03, c) for c in range(3)], 1), 16)
wave("three.wav", three, 8000, 16)
expect("three.wav", 8000, (three * 65536).sum(1) / (3 * 2.0**31))
for name, bits, options in (
    ("flac-16.flac", 16, {"format": "FLAC", "subtype": "PCM_16"}), ("flac-24.flac", 24, {"format": "FLAC", "subtype": "PCM_24"}),
    ("aiff-16.aiff", 16, {"format": "AIFF", "subtype": "PCM_16"}), ("au-24.au", 24, {"format": "AU", "subtype": "PCM_24"}),
    ("rf64.wav", 16, {"format": "RF64", "subtype": "PCM_16"}), ("big.wav", 16, {"format": "WAV", "subtype": "PCM_16", "endian": "BIG"}),
):
    numbers = whole(tone(8000, 0.05), bits)
    soundfile.write(os.path.join(FOLDER, name), (numbers << (32 - bits)).astype(np.int32), 8000, **options)
    expect(name, 8000, numbers / 2.0 ** (bits - 1))
soundfile.write(os.path.join(FOLDER, "vorbis.ogg"), tone(16000, 0.2), 16000, format="OGG", subtype="VORBIS")
soundfile.write(os.path.join(FOLDER, "opus.ogg"), tone(16000, 0.1), 16000, format="OGG", subtype="OPUS")
soundfile.write(os.path.join(FOLDER, "law.wav"), tone(8000, 0.03), 8000, format="WAV", subtype="ULAW")

# ---- What sounds become ----------------------------------------------------------------------------------------------

RATE = 16000
speech = np.round(tone(RATE, 0.12) * 32767).astype(np.int64)
wave("speech.wav", speech[:, None], RATE, 16)
speech = speech / 32768.0


def mel(f, htk):
    if htk:
        return 2595 * np.log10(1 + f / 700)
    return np.where(f < 1000, f * 3 / 200, 15 + np.log(np.maximum(f, 1e-9) / 1000) * 27 / np.log(6.4))


def hertz(m, htk):
    if htk:
        return 700 * (10 ** (m / 2595) - 1)
    return np.where(m < 15, m * 200 / 3, 1000 * np.exp((m - 15) * np.log(6.4) / 27))


def filters(bands, low, high, size, rate, htk, area):
    edges = hertz(np.linspace(mel(np.float64(low), htk), mel(np.float64(high), htk), bands + 2), htk)
    f = np.arange(size // 2 + 1) * rate / size
    rows = []
    for left, middle, right in zip(edges, edges[1:], edges[2:]):
        row = np.maximum(0, np.minimum((f - left) / (middle - left), (right - f) / (right - middle)))
        rows.append(row * (2 / (right - left) if area else 1))
    return np.array(rows)


def spectra(x, window, hop, size, power):
    hann = np.zeros(size)
    start = (size - window) // 2
    hann[start : start + window] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    padded = np.concatenate([np.zeros(size // 2), x, np.zeros(size)])
    frames = [padded[t * hop : t * hop + size] * hann for t in range(1 + len(x) // hop)]
    k, i = np.arange(size // 2 + 1), np.arange(size)
    # The definition: no fast transform.
    angles = 2 * np.pi * np.outer(i, k) % (2 * np.pi * size) / size
    return np.abs(np.array(frames) @ np.exp(-1j * angles)) ** power


def logarithms(powers, scale, floor, decibels):
    if scale == "linear":
        return powers
    if scale == "natural":
        return np.log(np.maximum(powers, floor))
    values = 10 * np.log10(np.maximum(powers, floor))
    return values if decibels is None else np.maximum(values, values.max() - decibels)


def cosines(bands, count):
    c, f = np.arange(count)[:, None], np.arange(bands)[None, :]
    rows = np.sqrt(2 / bands) * np.cos(np.pi * c * (2 * f + 1) / (2 * bands))
    rows[0] /= np.sqrt(2)
    return rows


def deltas(x, order):
    """The slope of a line, or the second derivative of a parabola, fitted to the nine frames around each, or nearest to it."""
    rows = []
    for t in range(len(x)):
        first = min(max(t - 4, 0), len(x) - 9)
        fit = np.polyfit(np.arange(-4, 5), x[first : first + 9], order)
        rows.append(fit[0] * order)
    return np.array(rows)


def made(case):
    x = spectra(speech, case["window"], case["hop"], case["size"], case["power"])
    if case["bands"]:
        x = x @ filters(case["bands"], case["low"], case["high"], case["size"], RATE, case["mel"] == "htk", case["equalArea"]).T
    x = logarithms(x, case["scale"], case["floor"], case["range"])
    if case["cepstra"]:
        x = x @ cosines(case["bands"], case["cepstra"]).T
    return np.concatenate([x] + [deltas(x, order + 1) for order in range(case["deltas"])], axis=1)


def librosas(case):
    y = speech.astype(np.float64)
    amplitudes = np.abs(librosa.stft(y, n_fft=case["size"], hop_length=case["hop"], win_length=case["window"], pad_mode="constant"))
    x = amplitudes ** case["power"]
    if case["bands"]:
        x = librosa.filters.mel(
            sr=RATE, n_fft=case["size"], n_mels=case["bands"], fmin=case["low"], fmax=case["high"], htk=case["mel"] == "htk",
            norm="slaney" if case["equalArea"] else None, dtype=np.float64) @ x
    if case["scale"] == "decibels":
        x = librosa.power_to_db(x, ref=1.0, amin=case["floor"], top_db=case["range"])
    elif case["scale"] == "natural":
        x = np.log(np.maximum(x, case["floor"]))
    if case["cepstra"]:
        x = librosa.feature.mfcc(S=x, n_mfcc=case["cepstra"])
    more = [librosa.feature.delta(x, order=order + 1) for order in range(case["deltas"])]
    return np.concatenate([x] + more).T


plain = dict(
    window=400, hop=160, size=512, power=2, bands=40, low=0.0, high=8000.0, mel="slaney", equalArea=True, scale="decibels",
    floor=1e-10, range=80.0, cepstra=None, deltas=0)
cases = [
    dict(plain), dict(plain, bands=23, mel="htk", equalArea=False, scale="natural", low=20.0, high=7600.0, floor=1e-6, range=None),
    dict(plain, bands=40, cepstra=13, deltas=2), dict(plain, window=512, size=512, bands=None, scale="linear", power=1),
    dict(plain, window=100, hop=77, size=128, bands=None, range=30.0), dict(plain, window=1024, hop=400, size=1024, bands=12),
]
for case in cases:
    values = made(case)
    if librosa is not None:
        other = librosas(case)
        worst = np.abs(values - other).max() / max(1, np.abs(values).max())
        assert values.shape == other.shape and worst < 1e-9, (case, values.shape, other.shape, worst)
        print(f"{values.shape}: librosa differs by {worst:.1e}")
    case["shape"] = list(values.shape)
    case["values"] = [float(f"{v:.7g}") for v in values.reshape(-1)]


def resampled(x, old, new, zeros=32, rolloff=0.9, beta=10.0):
    """A windowed sinc at each place, in double precision."""
    length = -(-len(x) * new // old)
    scale = rolloff * min(1, new / old)
    out = []
    for o in range(length):
        distance = scale * np.abs(np.arange(len(x)) - o * old / new)
        window = np.i0(beta * np.sqrt(np.maximum(0, 1 - (distance / zeros) ** 2))) / np.i0(beta)
        out.append(np.sum(np.where(distance < zeros, scale * np.sinc(distance) * window, 0) * x))
    return np.array(out)


changes = []
for old, new, name in ((11025, 16000, "stereo.wav"), (16000, 8000, "speech.wav"), (16000, 44100, "speech.wav"), (16000, 11025, "speech.wav")):
    x = speech if name == "speech.wav" else stereo.sum(1) / 65536.0
    x = x[:400]
    changes.append({"from": old, "to": new, "values": [float(f"{v:.7g}") for v in x], "expected": [float(f"{v:.7g}") for v in resampled(x, old, new)]})

with open(os.path.join(FOLDER, "expected.json"), "w") as file:
    json.dump({"files": files, "features": cases, "rates": changes}, file, separators=(",", ":"))
    file.write("\n")
