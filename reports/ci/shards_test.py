#!/usr/bin/env python3
"""Runs the shell commands of the Kubernetes jobs and of the GitHub matrix here, one shard after the
other, and compares the merged report with the one of the whole campaign, byte by byte.

    shards_test.py GRIDPROOF

Instead of the implementation to be judged, one with a known error is. It reads the recipes with what
validate_reports.py installs, and is run by hand like that one.
"""
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SUBJECT = "mutant:nan.zero"
SAMPLES = "2e5"
FINDINGS = 1


def shell(command, folder, **variables):
    for theirs, ours in (("/opt/libmine.so", SUBJECT), ("./libmine.so", SUBJECT), ("1e9", SAMPLES), ("1e8", SAMPLES),
                         ("/report/", f"{folder}/")):
        command = command.replace(theirs, ours)
    path = f"{folder}/bin:{os.environ['PATH']}"
    return subprocess.run(["sh", "-ec", command], cwd=folder, env={**os.environ, "PATH": path, **variables},
                          stdout=subprocess.DEVNULL, check=False).returncode


def compare(what, folder, whole, merged, code):
    same = (folder / merged / "report.json").read_bytes() == whole
    shards = len(list(folder.glob("shard-*/report.json")))
    print(f"{what}: {shards} shards, merged with exit status {code}; the whole campaign's report: {same}")
    return same and shards == 4 and code == FINDINGS and json.loads(whole)["findings"]


def kubernetes(load, folder, whole):
    def command_of(name):
        container = load(name)[-1]["spec"]["template"]["spec"]["containers"][0]
        variables = {entry["name"]: entry["value"] for entry in container.get("env", [])}
        *_, command = container["command"]  # sh -c
        return command, variables

    job = load("kubernetes.yml")[-1]["spec"]
    command, variables = command_of("kubernetes.yml")
    assert job["completions"] == int(variables["SHARDS"])
    for index in range(job["completions"]):
        assert shell(command, folder, JOB_COMPLETION_INDEX=str(index), **variables) == 0, index
    return compare("kubernetes", folder, whole, "merged", shell(command_of("kubernetes-merge.yml")[0], folder))


def github(load, folder, whole):
    jobs = load("github-matrix.yml")[0]["jobs"]

    def command_of(job, name):
        (step,) = [step for step in jobs[job]["steps"] if step.get("name") == name]
        return step["run"]

    shards = jobs["judge"]["strategy"]["matrix"]["shard"]
    for shard in shards:
        command = command_of("judge", "Judge").replace("${{ matrix.shard }}", str(shard))
        assert shell(command.replace("${{ strategy.job-total }}", str(len(shards))), folder) == 0, shard
    # The machine of this test has the packages.
    command = "\n".join(line for line in command_of("merge", "One report").splitlines() if "apt-get" not in line)
    return compare("github", folder, whole, "gridproof-report", shell(command, folder))


def main(arguments):
    if len(arguments) != 1:
        sys.exit("usage: shards_test.py GRIDPROOF")
    sys.path.insert(0, str(HERE.parent))
    import validate_reports

    cache = pathlib.Path(os.environ.get("GRIDPROOF_CACHE") or pathlib.Path.home() / ".cache" / "gridproof") / "validate"
    cache.mkdir(parents=True, exist_ok=True)
    python = validate_reports.prepare(cache)
    if pathlib.Path(sys.prefix).resolve() != (cache / "venv").resolve():
        os.execv(python, [python, __file__, *arguments])
    import ruamel.yaml

    def load(name):
        return list(ruamel.yaml.YAML(typ="safe").load_all((HERE / name).read_text()))

    right = True
    for recipe in (kubernetes, github):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            program = pathlib.Path(arguments[0]).resolve()
            for place in ("bin/gridproof", "gridproof/build/release/gridproof", "gridproof/gridproof"):
                (folder / place).parent.mkdir(parents=True, exist_ok=True)
                # A program of its own, because what it needs lies beside it.
                (folder / place).write_text(f'#!/bin/sh\nexec {shlex.quote(str(program))} "$@"\n')
                (folder / place).chmod(0o755)
            shell(f"gridproof check --subject {SUBJECT} --max-samples {SAMPLES} --out whole || true", folder)
            whole = (folder / "whole" / "report.json").read_bytes()
            right = recipe(load, folder, whole) and right
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
