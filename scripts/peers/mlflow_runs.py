"""Reads the runs `whole` and `parts` of a file store with MLflow, and compares them.

    mlflow_runs.py FOLDER STATUS-OF-PARTS
"""

import json
import pathlib
import sys

from mlflow.tracking import MlflowClient


def main():
    folder, status = pathlib.Path(sys.argv[1]), sys.argv[2]
    client = MlflowClient(f"file://{folder}/mlruns")
    experiment = client.get_experiment_by_name("two classes")
    runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    assert sorted(runs) == ["parts", "whole"], sorted(runs)
    assert runs["whole"].info.status == "FINISHED" and runs["parts"].info.status == status
    assert runs["whole"].data.params["epochs"] == "10" and runs["whole"].data.params["batch"] == "64"

    def history(run, name):
        values = client.get_metric_history(runs[run].info.run_id, name)
        return [(entry.step, entry.value) for entry in values]

    for name in ["loss", "learning-rate", "training-loss", "test-loss", "test-accuracy"]:
        whole, parts = history("whole", name), history("parts", name)
        assert whole and parts == (whole if status == "FINISHED" else whole[: len(parts)]), name
        assert len({step for step, _ in parts}) == len(parts), name
    lines = [json.loads(line) for line in (folder / "whole/metrics.jsonl").read_text().splitlines()]
    epochs = [(line["step"], line["test-accuracy"]) for line in lines if "test-accuracy" in line]
    assert history("whole", "test-accuracy") == epochs
    if status == "FINISHED":
        digests = {run.data.tags["digest"] for run in runs.values()}
        assert len(digests) == 1 and all(digest.startswith("sha256:") for digest in digests), digests
    found = {entry.path for entry in client.list_artifacts(runs["whole"].info.run_id)}
    assert found == {"config.yaml", "receipt.json"}, found
    print(f"mlflow reads both runs; the one in parts is {status}, its metrics those of the whole one")


main()
