"""The program, as `gridproof` and `python -m gridproof`: this process becomes it."""
import os
import sys

from . import _program


def main() -> None:
    os.environ.setdefault("GRIDPROOF_PYTHON", sys.executable)  # whose torch the subject torch is
    try:
        program = _program.path()
    except RuntimeError as why:
        sys.exit(str(why))
    os.execv(program, [program, *sys.argv[1:]])


if __name__ == "__main__":
    main()
