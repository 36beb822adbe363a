"""Sounds beside librosa, torchaudio and scikit-learn.

    sounds.py baseline FOLDER PARTS.csv JUDGED.json   the accuracy of a logistic regression, on the same sounds for training and testing
    sounds.py make FOLDER                             writes an hour of noisy tones, ten WAV files of 16 kHz
    sounds.py rate FOLDER librosa|torchaudio          how many hours of these a second become log-mel spectrograms

PARTS.csv comes from `lockstep prepare --parts`, JUDGED.json from `lockstep evaluate --json`. What is fitted sees training sounds alone:
mean and deviation over time of 20 MFCC of the whole sound, in scikit-learn's default settings but for the number of iterations.
"""
import csv
import json
import os
import sys
import time

import numpy as np
import soundfile

RATE = 16000


def baseline(folder, parts, judged):
    import librosa
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = {"train": ([], []), "validation": ([], []), "test": ([], [])}
    with open(parts, newline="") as file:
        for row in csv.DictReader(file):
            path = row["source"]
            y, rate = librosa.load(os.path.join(folder, path), sr=None)
            found = librosa.feature.mfcc(y=y, sr=rate, n_mfcc=20, n_fft=512, hop_length=rate // 100)
            features, classes = rows[row["part"]]
            features.append(np.concatenate([found.mean(axis=1), found.std(axis=1)]))
            classes.append(path.split("/")[0])
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    model.fit(*rows["train"])
    with open(judged) as file:
        found = json.load(file)["metrics"]["accuracy"]
    low, high = found["interval"]
    own = f"{found['value']:.4f} ({low:.3f} to {high:.3f})"
    most = max(set(rows["train"][1]), key=rows["train"][1].count)
    print(f"{'Lockstep':<34}accuracy {own}")
    print(f"{'always ' + most:<34}accuracy {rows['test'][1].count(most) / len(rows['test'][1]):.4f}")
    print(f"{'logistic regression, mean MFCC':<34}accuracy {model.score(*rows['test']):.4f}")
    print(f"{len(rows['train'][0])} sounds to learn from, {len(rows['test'][0])} to test")


def make(folder):
    random = np.random.default_rng(1)
    t = np.arange(360 * RATE) / RATE
    for number in range(10):
        y = 0.4 * np.sin(2 * np.pi * (200 + 50 * number + 30 * np.sin(t)) * t) + 0.1 * random.standard_normal(len(t))
        for part in "ab":
            os.makedirs(f"{folder}/{part}", exist_ok=True)
        soundfile.write(f"{folder}/{'ab'[number % 2]}/{number}.wav", np.clip(y, -1, 1), RATE, subtype="PCM_16")


def rate(folder, library):
    files = [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names if name.endswith(".wav")]
    if library == "librosa":
        import librosa

        def features(y):
            mel = librosa.feature.melspectrogram(y=y, sr=RATE, n_fft=512, win_length=400, hop_length=160, n_mels=40)
            return librosa.power_to_db(mel)
    else:
        import torch
        import torchaudio

        torch.set_num_threads(1)
        spectrogram = torchaudio.transforms.MelSpectrogram(
            RATE, n_fft=512, win_length=400, hop_length=160, n_mels=40, norm="slaney", mel_scale="slaney")
        decibels = torchaudio.transforms.AmplitudeToDB(top_db=80)

        def features(y):
            return decibels(spectrogram(torch.from_numpy(y)))
    features(np.zeros(RATE, dtype=np.float32))
    begin, samples = time.process_time(), 0
    for path in files:
        y, _ = soundfile.read(path, dtype="float32")
        features(y)
        samples += len(y)
    print(f"{library:<12}{samples / RATE / 3600 / (time.process_time() - begin):.2f} hours of sound a second")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
