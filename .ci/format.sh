#!/usr/bin/env bash
# Whether every source is formatted as .clang-format says; `--fix` makes it so.
cd "$(dirname "$0")/.." || exit 2
mode=(--dry-run --Werror)
[ "${1:-}" = --fix ] && mode=(-i)
git ls-files --cached --others --exclude-standard '*.cc' '*.cu' '*.h' | xargs clang-format-19 "${mode[@]}"
