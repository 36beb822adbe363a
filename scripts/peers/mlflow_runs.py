"""Reads the runs `whole`, `parts` and `failing` of a file store with MLflow, and compares them.

    mlflow_runs.py FOLDER STATUS-OF-PARTS
"""

import json
import pathlib
import sys

from mlflow.tracking import MlflowClient


def settings(path):
    """The scalars of a configuration that a run wrote: `optimizer.adamw.learning-rate`, and their values as they stand there."""
    found, keys = {}, []
    for line in path.read_text().splitlines():
        if line.startswith("#") or not line.strip():
            continue
        indent, (key, _, value) = len(line) - len(line.lstrip()), line.strip().partition(":")
        keys = [*(entry for entry in keys if entry[0] < indent), (indent, key)]
        names = [name for _, name in keys]
        if value.strip() and not any(name.startswith("-") for name in names):
            found[".".join(names)] = value.strip()
    return found


def main():
    folder, status = pathlib.Path(sys.argv[1]), sys.argv[2]
    client = MlflowClient(f"file://{folder}/mlruns")
    experiment = client.get_experiment_by_name("two classes")
    runs = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    assert sorted(runs) == ["failing", "parts", "whole"], sorted(runs)
    found = {name: run.info.status for name, run in runs.items()}
    assert found == {"failing": "FAILED", "parts": status, "whole": "FINISHED"}, found

    parameters, expected = runs["whole"].data.params, settings(folder / "whole/config.yaml")
    # What was settled on stands there instead of what was asked for.
    assert expected.pop("instruction-set") == "null" and parameters["instruction-set"] != "null", parameters
    assert expected["epochs"] == "10" and any(name.count(".") == 2 for name in expected), expected
    wrong = {name: (value, parameters.get(name)) for name, value in expected.items() if parameters.get(name) != value}
    assert not wrong, wrong
    assert any(name.startswith("model.0.") for name in parameters) and parameters["ranks"] == "1", parameters
    # MLflow looks for runs by them, as its page does.
    looked_for = client.search_runs([experiment.experiment_id], "params.`batch` = '64' and tags.version != ''")
    assert len(looked_for) == 3, looked_for

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
        digests = {runs[name].data.tags["digest"] for name in ("whole", "parts")}
        assert len(digests) == 1 and all(digest.startswith("sha256:") for digest in digests), digests
    tags = runs["whole"].data.tags
    assert tags["mlflow.source.name"] == "lockstep" and tags["mlflow.user"] and tags["ranks"] == "1", tags
    assert tags["version"] and tags["hosts"] and tags["run-directory"] == str((folder / "whole").resolve()), tags
    assert "failure" in runs["failing"].data.tags and "failure" not in tags, runs["failing"].data.tags

    def artifacts(run):
        return {entry.path for entry in client.list_artifacts(runs[run].info.run_id)}

    assert artifacts("whole") == {"config.yaml", "receipt.json"}, artifacts("whole")
    assert artifacts("failing") == {"config.yaml"}, artifacts("failing")
    # Its page was made when it was stopped.
    last = {"config.yaml", "receipt.json", "report.html"} if status == "FINISHED" else {"config.yaml"}
    assert artifacts("parts") == last, artifacts("parts")
    kept = pathlib.Path(client.download_artifacts(runs["whole"].info.run_id, "receipt.json", str(folder)))
    assert kept.read_text() == (folder / "whole/receipt.json").read_text()
    print(f"mlflow reads all runs, with {len(parameters)} parameters; the one in parts is {status}, its metrics those of the whole one")


main()
