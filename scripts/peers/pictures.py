"""EfficientNet-Lite0 and MobileNetV3-Small in PyTorch, as Sources/Benchmarks/Models has them."""

from torch import nn


def unit(I, O, K, act, stride=1, groups=1):
    """A convolution without a bias, its norm, and what comes behind it."""
    convolution = nn.Conv2d(I, O, K, stride, K // 2, groups=groups, bias=False)
    norm = nn.BatchNorm2d(O, eps=1e-3, momentum=0.01)
    return [convolution, norm, act(inplace=True)] if act else [convolution, norm]


class Excitation(nn.Module):
    def __init__(self, C, squeezed):
        super().__init__()
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(C, squeezed, 1), nn.ReLU(inplace=True), nn.Conv2d(squeezed, C, 1),
            nn.Hardsigmoid(),
        )  # fmt: skip

    def forward(self, x):
        return x * self.gate(x)


class Block(nn.Sequential):
    """An inverted residual: wide inside, and added to its input where that has its shape."""

    def __init__(self, I, O, K, width, act, stride, squeezed=None):
        wide = unit(I, width, 1, act) if width != I else []
        gate = [Excitation(width, squeezed)] if squeezed else []
        super().__init__(*wide, *unit(width, width, K, act, stride, width), *gate, *unit(width, O, 1, None))
        self.is_residual = stride == 1 and I == O

    def forward(self, x):
        return x + super().forward(x) if self.is_residual else super().forward(x)


def lite():
    rows = [
        (1, 3, 1, 1, 32, 16), (2, 3, 2, 6, 16, 24), (2, 5, 2, 6, 24, 40), (3, 3, 2, 6, 40, 80), (3, 5, 1, 6, 80, 112),
        (4, 5, 2, 6, 112, 192), (1, 3, 1, 6, 192, 320),
    ]  # fmt: skip
    blocks = []
    for times, K, stride, wider, I, O in rows:
        for number in range(times):
            inputs = O if number else I
            blocks.append(Block(inputs, O, K, inputs * wider, nn.ReLU6, 1 if number else stride))
    return nn.Sequential(
        *unit(3, 32, 3, nn.ReLU6, 2), *blocks, *unit(320, 1280, 1, nn.ReLU6), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Dropout(0.2), nn.Linear(1280, 1000),
    )  # fmt: skip


def mobile():
    r, h = nn.ReLU, nn.Hardswish
    rows = [
        (16, 16, 3, 16, r, 2, 8), (16, 24, 3, 72, r, 2), (24, 24, 3, 88, r, 1), (24, 40, 5, 96, h, 2, 24),
        (40, 40, 5, 240, h, 1, 64), (40, 40, 5, 240, h, 1, 64), (40, 48, 5, 120, h, 1, 32), (48, 48, 5, 144, h, 1, 40),
        (48, 96, 5, 288, h, 2, 72), (96, 96, 5, 576, h, 1, 144), (96, 96, 5, 576, h, 1, 144),
    ]  # fmt: skip
    return nn.Sequential(
        *unit(3, 16, 3, h, 2), *(Block(*row) for row in rows), *unit(96, 576, 1, h), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(576, 1024), h(inplace=True), nn.Dropout(0.2), nn.Linear(1024, 1000),
    )  # fmt: skip


NETWORKS = {"efficientnet-lite0": lite, "mobilenetv3-small": mobile}
