"""PyTorch's time of single layers: those that `lockstep bench layers --json` wrote, on one thread.

    layers.py CASES.json SECONDS [compiled]

Prints a JSON array: seconds of a forward and of a backward pass of each layer, all gradients wanted. Pictures are in PyTorch's
channels-last format where that is quicker for it, tried both ways.
"""

import json
import pathlib
import sys
import time

import torch

BLOCKS = pathlib.Path(__file__).resolve().parent.parent.parent / "Sources" / "Exports" / "Python" / "blocks.py"


def measure(module, step, x, dy, seconds):
    """Seconds of a forward, and of a backward pass."""
    spent, forward, backward, passes = 0.0, 0.0, 0.0, -3
    while spent < seconds or passes < 3:
        module.zero_grad(set_to_none=True)
        x.grad = None
        start = time.perf_counter()
        y = step(x)
        middle = time.perf_counter()
        y.backward(dy)
        end = time.perf_counter()
        passes += 1
        if passes > 0:
            spent += end - start
            forward += middle - start
            backward += end - middle
    return forward / passes, backward / passes


def times(case, names, seconds, compiled):
    extents = [int(extent) for extent in case["input"].split("×")]
    count, best = case["microbatch"], None
    formats = [torch.contiguous_format, torch.channels_last] if len(extents) == 3 else [torch.contiguous_format]
    for form in formats:
        module = eval(case["pytorch"], names).train()
        x = torch.randn(count, *([extents[2], *extents[:2]] if len(extents) == 3 else extents))
        if len(extents) == 3:
            x, module = x.contiguous(memory_format=form), module.to(memory_format=form)
        x.requires_grad_()
        called = torch.compile(module) if compiled else module

        def rounded(x, called=called):
            with torch.autocast("cpu", torch.bfloat16):
                return called(x)

        step = rounded if case["precision"] == "bfloat16" else called
        with torch.no_grad():
            y = step(x)
        dy = torch.randn_like(y)
        found = measure(module, step, x, dy, seconds)
        if best is None or sum(found) < sum(best):
            best = found
    return best


def main():
    cases = json.loads(pathlib.Path(sys.argv[1]).read_text())
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    names = {}
    exec(compile(BLOCKS.read_text(), str(BLOCKS), "exec"), names)
    print(json.dumps([times(case, names, float(sys.argv[2]), "compiled" in sys.argv[3:]) for case in cases]))


main()
