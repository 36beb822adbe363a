"""Keras's training step on TensorFlow, one thread, by `fit`; its models here are mlp and cnn.

Parts of a form: `graph`, or `jit` (XLA compiles the step); `bfloat16` (the policy mixed_bfloat16).
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import time

import numpy
import tensorflow

import common

layers = tensorflow.keras.layers


def network(model):
    if model == "mlp":
        hidden = [layers.Flatten(), layers.Dense(512, "relu"), layers.Dense(512, "relu")]
    else:
        hidden = [
            layers.Conv2D(32, 3, activation="relu"), layers.Conv2D(64, 3, activation="relu"), layers.MaxPool2D(),
            layers.Flatten(), layers.Dense(128, "relu"),
        ]  # fmt: skip
    return tensorflow.keras.Sequential([layers.Input((28, 28, 1))] + hidden + [layers.Dense(10, dtype="float32")])


def main():
    model, form, seconds = common.arguments()
    if "bfloat16" in form:
        tensorflow.keras.mixed_precision.set_global_policy("mixed_bfloat16")
    tensorflow.config.threading.set_intra_op_parallelism_threads(1)
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)
    inputs, targets = common.data(model, numpy, channels_last=True)
    net = network(model)
    loss = tensorflow.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile("adam", loss, jit_compile="jit" in form)
    batches = tensorflow.data.Dataset.from_tensor_slices((inputs, targets)).cache().prefetch(2)

    # `fit` counts in epochs of all batches: the first one compiles, the second tells how many fit into the time.
    net.fit(batches, verbose=0, shuffle=False)

    def epochs(count):
        start = time.perf_counter()
        net.fit(batches.repeat(count), verbose=0, shuffle=False)
        return time.perf_counter() - start

    count = max(1, round(seconds / epochs(1)))
    rate = count * len(inputs) / epochs(count)
    common.report("keras", tensorflow.keras.__version__, model, 1, rate)


main()
