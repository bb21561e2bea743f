#!/usr/bin/env python3
"""Fails when a Markdown file shows a command that does not work.

commands.py BUILD [--dear] [--page FILE]...  looks at the commands of all pages, or of those given. What a page
shows of gridproof is run, with a limit where it would take long; where output is shown below `$ command`, the
program has to say it. Of cmake, ctest, python3, bash and programs of the tests it looks whether presets, targets,
tests, files and options are there. --dear runs without the limits.
"""
import argparse
import concurrent.futures
import functools
import json
import os
import pathlib
import re
import shlex
import shutil
import struct
import subprocess
import tempfile

root = pathlib.Path(__file__).resolve().parent.parent
parser = argparse.ArgumentParser()
parser.add_argument("build", type=pathlib.Path)
parser.add_argument("--dear", action="store_true")
parser.add_argument("--page", action="append", type=pathlib.Path)
arguments = parser.parse_args()
build = arguments.build.resolve()
gridproof = build / "gridproof"
has_bench = any(build.glob("gridproof-bench-*"))  # without LibTorch it cannot be asked for its options

CASE = "grid_sample input=f32[1,1,1,2]{1,2} grid=f32[1,1,1,2]{0,0}"
GRADIENT_CASE = CASE.replace("grid_sample", "grid_sample_backward") + " grad_output=f32[1,1,1,1]{1}"
# What stands for something else: in one command, or in all.
MEANT = {"--gradient LINE": GRADIENT_CASE, "LINE": CASE, "CLAUSE": "coord.nan", "DIR": "out", "FILE": "old/report.json",
         "score NAME": "nan.zero", "mutation-score NAME": "nan.zero", "install NAME": "onnxruntime", "NAME": "reference",
         "adapters_test.py NAME": "onnxruntime", "…": "reference"}
# Options of other programs that pages write about.
FOREIGN_OPTIONS = {"--fmad", "--gradients"}


class Wrong(Exception):
    """What is wrong with a command, in words."""


def output_of(*command, folder=root):
    # Debian's python3 comes first, which has Debian's NumPy.
    done = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True, timeout=1200,
                          env=os.environ | {"PATH": "/usr/bin:" + os.environ["PATH"]})
    return done.returncode, done.stdout + done.stderr


# ---- What a page shows ----

def commands_of(text):
    """(line, command, output that is shown or None) of everything in a page that looks like a command."""
    prose, fence, shown = [], None, None
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("```"):
            fence = stripped[3:] if fence is None else None
            shown = None
            prose.append("")
            continue
        prose.append("" if fence is not None else line)
        if fence is not None and stripped.startswith("$ "):
            shown = []
            yield number, stripped[2:], shown
        elif shown is not None:
            shown.append(stripped)
        elif fence == "sh" or (fence is None and line.startswith("    gridproof ")):
            yield number, stripped, None
    text = "\n".join(prose)
    for paragraph in re.finditer(r"(?:.+\n?)+", text):
        for span in re.finditer(r"`([^`]+)`", paragraph.group()):
            line = text.count("\n", 0, paragraph.start() + span.start()) + 1
            yield line, " ".join(span.group(1).split()), None


# ---- The program ----

@functools.cache
def help_of(*subcommand):
    status, text = output_of(gridproof, *subcommand, "--help")
    if status != 0:
        raise Wrong(f"there is no command '{' '.join(subcommand)}' of gridproof")
    return text


@functools.cache
def subcommands():
    return set(re.findall(r"^  ([a-z][a-z-]*) {2,}", help_of(), re.MULTILINE))


def options_in(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


@functools.cache
def all_options():
    return options_in(help_of()).union(
        *(options_in(help_of(name)) for name in subcommands() if name != "bench" or has_bench))


@functools.cache
def peers():
    status, text = output_of(gridproof, "peers", "list")
    return set(re.findall(r"^(?:peer:)?([a-z][\w-]*)", text, re.MULTILINE))


def without_placeholders(words):
    """The words with a value for each placeholder; what stands for more words goes."""
    result = []
    for word in words:
        bare = word.strip("[]").removesuffix("...")
        before = result[-1] if result else ""
        before = before.rsplit("/", 1)[-1]
        if bare and not (word == "…" and not before.startswith("-")):
            result.append(MEANT.get(f"{before} {bare}", MEANT.get(bare, word)))
    return result


def limited(words):
    """The same command, made short."""
    name, words = words[0], list(words)
    if name in ("check", "matrix", "propose-waivers"):
        for option in ("--max-samples", "--budget"):
            if option in words:
                del words[words.index(option):words.index(option) + 2]
        words += ["--max-samples", "1"]
        if "--subject" not in words:
            words += ["--subject", "reference"]
    return words


def run_gridproof(words, shown, folder):
    words = without_placeholders(words)
    if not words or words == ["--version"]:
        return
    name = words[0]
    if name == "bench" and not has_bench:
        return
    if name not in subcommands() and not name.startswith("-"):
        raise Wrong(f"there is no command '{name}' of gridproof")
    for option in options_in(" ".join(word for word in words if word.startswith("--"))):
        if option not in options_in(help_of(name)):
            raise Wrong(f"gridproof {name} has no option {option}")
    if len(words) == 1 and shown is None:  # its name in a text
        return
    if name == "peers" and words[1:2] == ["install"]:
        for peer in words[2:]:
            if peer not in peers() and not peer.startswith("-"):
                raise Wrong(f"there is no peer '{peer}'")
        return
    if name == "bench" and not arguments.dear:
        return
    status, said = output_of(gridproof, *(words if arguments.dear else limited(words)), folder=folder)
    if status not in (0, 1):
        raise Wrong(f"exit code {status}: {said.strip()[-300:]}")
    if shown is None or (not arguments.dear and words != limited(words)):
        return
    lines = iter(line.strip() for line in said.splitlines())
    for line in filter(None, shown):
        if line != "..." and line not in lines:
            raise Wrong(f"it does not say '{line}', but: {said[:600]}")


# ---- Other programs ----

@functools.cache
def presets():
    return {kind: {preset["name"]: preset for preset in list_}
            for kind, list_ in json.loads((root / "CMakePresets.json").read_text()).items() if kind.endswith("Presets")}


@functools.cache
def targets():
    status, text = output_of("ninja", "-C", build, "-t", "targets", "all")
    return {line.rsplit(": ", 1)[0] for line in text.splitlines()}


def look_at_cmake(words):
    kind = {"--workflow": "workflowPresets", "--build": "buildPresets"}.get(words[0], "configurePresets")
    if words[0] == "--install":
        if not any(preset.get("binaryDir", "").endswith("/" + words[1]) for preset in presets()["configurePresets"].values()):
            raise Wrong(f"no preset builds in {words[1]}")
        return
    for i, word in enumerate(words):
        if word == "--preset" and words[i + 1] not in presets()[kind]:
            raise Wrong(f"there is no preset '{words[i + 1]}' of {kind}")
        if word in ("-t", "--target") and words[i + 1] not in targets():
            raise Wrong(f"there is no target '{words[i + 1]}'")
        if word.startswith("-D"):
            look_at_variable(word)
    if "--preset" not in words:
        raise Wrong("a command of cmake without a preset")


def look_at_variable(word):
    """-DNAME=value of CMake, or NAME=value of the environment."""
    name = re.match(r"(?:-D)?(\w+)", word).group(1)
    if name.startswith("GRIDPROOF_") and output_of("git", "grep", "-q", "-w", name, "--", ":!*.md", ":!.ci/*_test.py")[0] != 0:
        raise Wrong(f"nobody reads {name}")


def look_at_ctest(words):
    for option, expression in zip(words, words[1:]):
        if option in ("-R", "-E"):
            if " 0\n" in output_of("ctest", "-N", "-R", expression, folder=build)[1].split("Total Tests:")[-1] + "\n":
                raise Wrong(f"no test matches '{expression}'")


def look_at_test_program(path, words):
    if not (build / path.name).exists():
        raise Wrong(f"there is no program {path}")
    if not re.search(r"^  \S", output_of(build / path.name, "--gtest_list_tests", *words)[1], re.MULTILINE):
        raise Wrong("no test of it matches")


def look_at_script(words, folder):
    """A script of the repository or of the page, its options, and the files among its arguments."""
    script = next((place / words[0] for place in (root, folder) if (place / words[0]).exists()), None)
    if script is None:
        raise Wrong(f"there is no {words[0]}")
    for word in words[1:]:
        option = word.split("=")[0]
        if option.startswith("--") and option not in script.read_text() and not option.startswith("--gtest_"):
            raise Wrong(f"{words[0]} has no option {option}")
        if "/" in word and not word.startswith(("-", "build/")) and not (root / word).exists():
            raise Wrong(f"there is no {word}")
    if words[0].endswith("adapters_test.py") and words[1:] and words[1] != "NAME" and words[1] not in peers():
        raise Wrong(f"there is no peer '{words[1]}'")
    for i, word in enumerate(words[1:], 1):
        if word.startswith("build/") and word.endswith("_test"):
            look_at([word, *words[i + 1:]], None, folder)


def look_at(words, shown, folder):
    program, rest = words[0], words[1:]
    if program == "gdb":
        look_at([word for word in rest if word != "--args"], None, folder)
    elif program in ("gridproof", "build/release/gridproof"):
        run_gridproof(rest, shown, folder)
    elif program in subcommands() and rest and rest[0].startswith("-"):
        run_gridproof(words, None, folder)
    elif program == "cmake":
        look_at_cmake(rest)
    elif program == "ctest":
        look_at_ctest(rest)
    elif program in ("python3", "bash") and rest:
        look_at_script(rest, folder)
    elif program == "git" and rest[:1] == ["diff"]:
        for path in rest[1:]:
            if not (root / path).exists():
                raise Wrong(f"there is no {path}")
    elif re.fullmatch(r"build/release/\w+_test", program):
        look_at_test_program(pathlib.Path(program), rest)
    elif re.fullmatch(r"(?:\.ci|optimized|oracle|reports|fuzz)/[\w/.-]+\.(?:sh|py)", program) or program == ".ci/setup":
        look_at_script(words, folder)
    elif program.startswith(("-DGRIDPROOF_", "GRIDPROOF_")) and "=" in program:
        look_at_variable(program)
    elif program.startswith("--"):
        option = re.match(r"--[\w-]*", program).group()
        if has_bench and option not in all_options() | FOREIGN_OPTIONS:
            raise Wrong(f"gridproof has no option {option}")
    else:
        return False
    return True


def complaint_about(command, shown, files):
    """(whether it is a command, what is wrong with it); it has the files to itself"""
    is_command = False
    with tempfile.TemporaryDirectory() as name:
        folder = shutil.copytree(files, pathlib.Path(name) / "files", symlinks=True)
        try:
            for part in re.split(r" (?:&&|\|) (?=[\w.]+[ /])", command):
                words = shlex.split(part)
                is_command = look_at(words, shown, folder) if words else False
        except Wrong as wrong:
            return True, str(wrong)
        except ValueError:  # no words of a shell
            pass
    return is_command, ""


# ---- The files that pages speak of ----

def npy(path, shape, numbers):
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() +
                     struct.pack(f"<{len(numbers)}f", *numbers))


def fill(folder, pages):
    (folder / "build").mkdir()
    (folder / "build/release").symlink_to(build)
    npy(folder / "in.npy", (1, 1, 1, 2), [1, 2])
    npy(folder / "grid.npy", (1, 1, 2, 2), [-0.5, 0, 0.5, 0])
    npy(folder / "wanted.npy", (1, 1, 1, 2), [1, 2])
    npy(folder / "grad.npy", (1, 1, 2, 2), [1, 0, 1, 0])
    (folder / "cases.txt").write_text((CASE + "\n") * 6)
    for template in (root / "oracle/subjects/templates").glob("*.py"):
        shutil.copy(template, folder)
    if (build / "plugins/plugin-template.so").exists():
        shutil.copy(build / "plugins/plugin-template.so", folder / "libmine.so")
    waivers = [found for page in pages for found in re.findall(r"```toml\n(\[\[waiver\]\].*?)```", page.read_text(), re.DOTALL)]
    (folder / "waivers.toml").write_text("\n".join(waivers))
    run_gridproof(["check", "--subject", "reference", "--waivers", "waivers.toml", "--out", "old"], None, folder)


def main():
    if arguments.page:
        pages = arguments.page
    else:
        listed = output_of("git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md",
                           ":!.github/CHANGELOG.md")[1].split()
        pages = [root / name for name in listed]
    asked = {}  # the same command is run once
    for page in pages:
        for line, command, shown in commands_of(page.read_text()):
            asked.setdefault((command, None if shown is None else id(shown)), (command, shown, []))[2].append(f"{page}:{line}")
    with tempfile.TemporaryDirectory() as name, concurrent.futures.ThreadPoolExecutor(2) as pool:
        folder = pathlib.Path(name)
        fill(folder, pages)
        found = list(pool.map(lambda one: complaint_about(one[0], one[1], folder), asked.values()))
    errors = [f"{place}: {command}: {wrong}" for (command, _, places), (_, wrong) in zip(asked.values(), found) if wrong
              for place in places]
    print("\n".join(errors) or f"{sum(is_command for is_command, _ in found)} commands in {len(pages)} Markdown files work")
    return bool(errors)


if __name__ == "__main__":
    raise SystemExit(main())
