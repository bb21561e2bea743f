"""The program: where it is, and how it is asked."""
import os
import pathlib
import subprocess

HERE = pathlib.Path(os.path.abspath(__file__)).parent  # of links in a build folder, the folder


def path() -> str:
    """The program's file: that of this package, or $GRIDPROOF_PROGRAM."""
    named = os.environ.get("GRIDPROOF_PROGRAM")
    if named:
        return named
    program = HERE / "bin" / "gridproof"
    if not program.exists():
        raise RuntimeError(f"{program} does not exist: this gridproof was installed without its program; "
                           "set GRIDPROOF_PROGRAM to one that was built")
    return str(program)


def run(*arguments, **options) -> subprocess.CompletedProcess:
    """Runs the program and returns what it did, with its output as text.

    Raises ValueError with the program's own sentence when it calls the command line or a file
    invalid, RuntimeError when it ends in a way that it never should.
    """
    return judged(subprocess.run([path(), *map(str, arguments)], capture_output=True, encoding="utf-8",
                                 errors="replace", stdin=subprocess.DEVNULL, **options))


def judged(done: subprocess.CompletedProcess) -> subprocess.CompletedProcess:
    """What the program did, or the exception that its exit code stands for."""
    if done.returncode == 2:
        raise ValueError((done.stderr.strip() or done.stdout.strip()).removeprefix("gridproof: "))
    if done.returncode not in (0, 1):
        raise RuntimeError(f"gridproof ended with {done.returncode}: {done.stderr.strip()[-1000:]}")
    return done
