"""The architectures that Lockstep ships, as PyTorch modules whose state_dict has the names of its checkpoints.

    module = architectures.make("fashion-mnist-cnn")
    module.load_state_dict(safetensors.torch.load_file("runs/a/step-00000938/model.safetensors"))
    module.eval()

Pictures are N×C×H×W, tokens N×T.
"""

import torch
from torch import nn


class Residual(nn.Sequential):
    """`residual: {body: […]}`: the layers' names follow the block's own, `2.0.weight`."""

    def forward(self, x):
        return x + super().forward(x)


class ResidualWithShortcut(nn.ModuleList):
    """`residual: {body: […], shortcut: […]}`: `6.0.0.weight` in the body, `6.1.0.weight` in the shortcut."""

    def __init__(self, body, shortcut):
        super().__init__([nn.Sequential(*body), nn.Sequential(*shortcut)])

    def forward(self, x):
        body, shortcut = self
        return body(x) + shortcut(x)


class Positions(nn.Module):
    """`positions`: one row a place, T×D."""

    def __init__(self, T, D):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(T, D))

    def forward(self, x):
        return x + self.weight[: x.shape[1]]


class CausalAttention(nn.MultiheadAttention):
    """`attention: {causal: true}`."""

    def __init__(self, D, heads):
        super().__init__(D, heads, batch_first=True)

    def forward(self, x):
        T = x.shape[1]
        mask = torch.ones(T, T, dtype=torch.bool).triu(1)
        return super().forward(x, x, x, attn_mask=mask, need_weights=False)[0]


class GlobalAveragePool(nn.Module):
    def forward(self, x):
        return x.mean(dim=(2, 3))


def perceptron():
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)
    )


def convolutional():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(64 * 12 * 12, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip


def residual():
    def convolution(inputs, outputs, kernel=3, stride=1):
        return nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)

    def body(inputs, outputs, stride=1):
        return [
            convolution(inputs, outputs, stride=stride), nn.BatchNorm2d(outputs), nn.ReLU(),
            convolution(outputs, outputs), nn.BatchNorm2d(outputs),
        ]  # fmt: skip

    def shortcut(inputs, outputs, stride=1):
        return [convolution(inputs, outputs, kernel=1, stride=stride), nn.BatchNorm2d(outputs)]

    return nn.Sequential(
        convolution(1, 16, stride=2), nn.BatchNorm2d(16), nn.ReLU(),
        Residual(*body(16, 16)), nn.ReLU(),
        ResidualWithShortcut(body(16, 32), shortcut(16, 32)), nn.ReLU(),
        ResidualWithShortcut(body(32, 64, 2), shortcut(32, 64, 2)), nn.ReLU(),
        GlobalAveragePool(), nn.Linear(64, 10),
    )  # fmt: skip


def transformer(V, T, L, H, D):
    """V vocabulary, T places, L layers, H heads, D width."""
    blocks = []
    for _ in range(L):
        blocks.append(Residual(nn.LayerNorm(D), CausalAttention(D, H)))
        blocks.append(
            Residual(nn.LayerNorm(D), nn.Linear(D, 4 * D), nn.GELU(approximate="tanh"), nn.Linear(4 * D, D))
        )
    return nn.Sequential(nn.Embedding(V, D), Positions(T, D), *blocks, nn.LayerNorm(D), nn.Linear(D, V, bias=False))


def two_class():
    return nn.Sequential(nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 2))


TEXT = {
    "char-gpt": dict(V=256, T=64, L=4, H=4, D=128),
    "gpt": dict(V=65, T=64, L=4, H=4, D=128),
    "gptm": dict(V=256, T=256, L=6, H=6, D=384),
    "gpt2": dict(V=50257, T=512, L=12, H=12, D=768),
}
PICTURES = {
    "fashion-mnist": perceptron, "fashion-mnist-cnn": convolutional, "fashion-mnist-resnet": residual,
    "mlp": perceptron, "cnn": convolutional,
}  # fmt: skip


def make(name):
    """The module of a recipe, or of a model that `lockstep bench` carries; its parameters mean nothing yet."""
    if name in TEXT:
        return transformer(**TEXT[name])
    return two_class() if name == "two-class" else PICTURES[name]()
