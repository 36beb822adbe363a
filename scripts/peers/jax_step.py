"""JAX's training step, compiled as a whole, on one core; its state is donated, so that it is updated in place.

A form with `bfloat16` computes in it what it computes from parameters and inputs, all but norms, softmax, loss and optimizer; the
parameters stay in float32.
"""

import functools

import jax
import jax.numpy as jnp
import numpy

import common

random = numpy.random.RandomState(0)


def normal(deviation, *shape):
    return (deviation * random.standard_normal(shape)).astype(numpy.float32)


def dense(inputs, outputs, deviation=None):
    return {"w": normal(deviation or inputs**-0.5, inputs, outputs), "b": numpy.zeros(outputs, numpy.float32)}


def apply(layer, x):
    return x @ layer["w"].astype(x.dtype) + layer["b"].astype(x.dtype)


def mlp():
    layers = [dense(784, 512), dense(512, 512), dense(512, 10)]

    def logits(layers, x, dtype):
        x = x.reshape(x.shape[0], -1).astype(dtype)
        for layer in layers[:-1]:
            x = jax.nn.relu(apply(layer, x))
        return apply(layers[-1], x)

    return layers, logits


def cnn():
    def kernel(inputs, outputs):
        return {"w": normal((9 * inputs) ** -0.5, 3, 3, inputs, outputs), "b": numpy.zeros(outputs, numpy.float32)}

    parameters = {"convolutions": [kernel(1, 32), kernel(32, 64)], "dense": [dense(9216, 128), dense(128, 10)]}

    def logits(parameters, x, dtype):
        x = x.astype(dtype)
        for layer in parameters["convolutions"]:
            x = jax.lax.conv_general_dilated(
                x, layer["w"].astype(x.dtype), (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
            )
            x = jax.nn.relu(x + layer["b"].astype(x.dtype))
        x = jax.lax.reduce_window(x, numpy.array(-numpy.inf, x.dtype), jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
        x = jax.nn.relu(apply(parameters["dense"][0], x.reshape(x.shape[0], -1)))
        return apply(parameters["dense"][1], x)

    return parameters, logits


def transformer(V, T, L, H, D):
    def norm():
        return {"scale": numpy.ones(D, numpy.float32), "shift": numpy.zeros(D, numpy.float32)}

    def block():
        return {
            "norm1": norm(), "qkv": dense(D, 3 * D, 0.02), "out": dense(D, D, 0.02),
            "norm2": norm(), "up": dense(D, 4 * D, 0.02), "down": dense(4 * D, D, 0.02),
        }  # fmt: skip

    parameters = {
        "tokens": normal(0.02, V, D), "places": normal(0.02, T, D), "blocks": [block() for _ in range(L)],
        "norm": norm(), "head": normal(0.02, D, V),
    }  # fmt: skip
    mask = numpy.tril(numpy.ones((T, T), bool))

    def normalise(layer, inputs):
        x = inputs.astype(jnp.float32)
        x = x - x.mean(-1, keepdims=True)
        x = x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-5) * layer["scale"] + layer["shift"]
        return x.astype(inputs.dtype)

    def attend(block, x):
        B = x.shape[0]
        q, k, v = jnp.moveaxis(apply(block["qkv"], x).reshape(B, T, 3, H, D // H), (2, 3), (0, 2))
        scores = jnp.where(mask, (q @ k.swapaxes(-1, -2)).astype(jnp.float32) * (D // H) ** -0.5, -jnp.inf)
        y = jax.nn.softmax(scores).astype(x.dtype) @ v
        return apply(block["out"], y.swapaxes(1, 2).reshape(B, T, D))

    def logits(parameters, x, dtype):
        x = (parameters["tokens"][x] + parameters["places"]).astype(dtype)
        for block in parameters["blocks"]:
            x = x + attend(block, normalise(block["norm1"], x))
            x = x + apply(block["down"], jax.nn.gelu(apply(block["up"], normalise(block["norm2"], x))))
        return normalise(parameters["norm"], x) @ parameters["head"].astype(dtype)

    return parameters, logits


def adam(parameters, first, second, gradient, t, decay):
    """Kingma, Ba: Adam (ICLR 2015), with decoupled decay."""
    rate, beta1, beta2, epsilon = 1e-3, 0.9, 0.999, 1e-8
    first = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, first, gradient)
    second = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, second, gradient)

    def update(p, m, v):
        return p * (1 - rate * decay) - rate * (m / (1 - beta1**t)) / (jnp.sqrt(v / (1 - beta2**t)) + epsilon)

    return jax.tree.map(update, parameters, first, second), first, second


def main():
    model, form, seconds = common.arguments()
    dtype = jnp.bfloat16 if "bfloat16" in form else jnp.float32
    parameters, logits = {"mlp": mlp, "cnn": cnn}.get(model, lambda: transformer(**common.TEXT[model]))()
    inputs, targets = common.data(model, numpy, channels_last=True)

    def loss(parameters, x, y):
        scores = jax.nn.log_softmax(logits(parameters, x, dtype).astype(jnp.float32))
        return -jnp.take_along_axis(scores, y[..., None], -1).mean()

    @functools.partial(jax.jit, donate_argnums=0)
    def train(state, t, x, y):
        parameters, first, second = state
        gradient = jax.grad(loss)(parameters, x, y)
        return adam(parameters, first, second, gradient, t, 0.01 if model in common.TEXT else 0.0)

    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state = [jax.tree.map(jnp.asarray, parameters), zeros, jax.tree.map(jnp.copy, zeros)]
    steps = [0]

    def step(i):
        steps[0] += 1
        state[:] = train(tuple(state), float(steps[0]), inputs[i % len(inputs)], targets[i % len(targets)])

    rate = common.measure(step, lambda: jax.block_until_ready(state), seconds)
    common.report("jax", jax.__version__, model, 1, rate)


main()
