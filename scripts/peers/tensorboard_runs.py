"""Reads the event files of the runs `whole` and `parts` of a folder with TensorBoard, and compares them with each other and with
metrics.jsonl.

    tensorboard_runs.py FOLDER
"""

import json
import math
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def main():
    folder = pathlib.Path(sys.argv[1])
    runs = {}
    for name in ["whole", "parts"]:
        events = EventAccumulator(str(folder / name), size_guidance={"scalars": 0})
        events.Reload()
        runs[name] = {tag: [(event.step, event.value) for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
    assert sorted(runs["whole"]) == sorted(runs["parts"]), runs
    for tag, values in runs["whole"].items():
        if tag != "samples-per-second":
            assert values == runs["parts"][tag], tag
        assert len({step for step, _ in values}) == len(values), tag
    lines = [json.loads(line) for line in (folder / "whole/metrics.jsonl").read_text().splitlines()]
    for tag in ["training-loss", "test-loss", "test-accuracy"]:
        expected = [(line["step"], line[tag]) for line in lines if tag in line]
        found = runs["whole"][tag]
        assert expected and [step for step, _ in found] == [step for step, _ in expected], tag
        assert all(math.isclose(a, b, rel_tol=1e-6) for (_, a), (_, b) in zip(found, expected)), tag
    print(f"tensorboard reads {len(runs['whole'])} scalars of both runs, which are the same")


main()
