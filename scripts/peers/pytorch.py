"""PyTorch's training step, one thread a process; with RANK and WORLD_SIZE, DistributedDataParallel over gloo.

Parts of a form: `fused` (the optimizer), `compiled` (torch.compile), `bfloat16` (autocast), `channels-last`; and `plain`, which has
none of them.
"""

import os

import numpy
import torch
import torch.distributed
from torch import nn
from torch.nn import functional

import common
import pictures


class Block(nn.Module):
    """A transformer's block, normalised before attention and before the perceptron."""

    def __init__(self, D, H):
        super().__init__()
        self.heads = H
        self.norm1, self.norm2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.qkv, self.out = nn.Linear(D, 3 * D), nn.Linear(D, D)
        self.up, self.down = nn.Linear(D, 4 * D), nn.Linear(4 * D, D)

    def forward(self, x):
        B, T, D = x.shape
        qkv = self.qkv(self.norm1(x)).view(B, T, 3, self.heads, D // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(B, T, D))
        return x + self.down(functional.gelu(self.up(self.norm2(x)), approximate="tanh"))


class Transformer(nn.Module):
    def __init__(self, V, T, L, H, D):
        super().__init__()
        self.tokens, self.places = nn.Embedding(V, D), nn.Embedding(T, D)
        self.blocks = nn.Sequential(*(Block(D, H) for _ in range(L)))
        self.norm, self.head = nn.LayerNorm(D), nn.Linear(D, V, bias=False)

    def forward(self, x):
        x = self.blocks(self.tokens(x) + self.places.weight[: x.shape[1]])
        return self.head(self.norm(x)).flatten(0, 1)


def network(model):
    if model == "mlp":
        return nn.Sequential(
            nn.Flatten(), nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)
        )
    if model == "cnn":
        return nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(9216, 128), nn.ReLU(), nn.Linear(128, 10),
        )  # fmt: skip
    if model in pictures.NETWORKS:
        return pictures.NETWORKS[model]()
    return Transformer(**common.TEXT[model])


def main():
    model, form, seconds = common.arguments()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    distributed = "RANK" in os.environ
    if distributed:
        torch.distributed.init_process_group("gloo")
    inputs, targets = (torch.from_numpy(array) for array in common.data(model, numpy))
    targets = targets.flatten(1)
    net = network(model)
    if "channels-last" in form:
        net = net.to(memory_format=torch.channels_last)
        inputs = [batch.contiguous(memory_format=torch.channels_last) for batch in inputs]
    kind = torch.optim.AdamW if model in common.TEXT else torch.optim.Adam
    optimizer = kind(net.parameters(), lr=1e-3, fused="fused" in form)
    # Gradients that lie in the buckets that are sent need no copy.
    net = nn.parallel.DistributedDataParallel(net, gradient_as_bucket_view=True) if distributed else net
    net = torch.compile(net) if "compiled" in form else net

    def step(i):
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled="bfloat16" in form):
            loss = functional.cross_entropy(net(inputs[i % len(inputs)]), targets[i % len(targets)])
        loss.backward()
        optimizer.step()

    def finish():
        if distributed:
            torch.distributed.barrier()

    def agree(count):
        shared = torch.tensor([count])
        if distributed:
            torch.distributed.broadcast(shared, 0)
        return int(shared)

    rate = common.measure(step, finish, seconds, agree)
    processes = torch.distributed.get_world_size() if distributed else 1
    if not distributed or torch.distributed.get_rank() == 0:
        common.report("pytorch", torch.__version__, model, processes, rate)
    if distributed:
        torch.distributed.destroy_process_group()


main()
