"""The program, as `gridproof` and `python -m gridproof`: this process becomes it."""
import os
import sys

from . import _program


def main() -> None:
    try:
        program = _program.path()
    except RuntimeError as why:
        sys.exit(str(why))
    os.execv(program, [program, *sys.argv[1:]])


if __name__ == "__main__":
    main()
