#!/usr/bin/env bash
# clang-tidy over every source of the tree, with the compile commands of the given build folder.
set -u
build=$1
cd "$(dirname "$0")/.." || exit 2
mapfile -t sources < <(git ls-files --cached --others --exclude-standard '*.cc' | while read -r file; do
  # A program that this build leaves out (another LibTorch, no benchmark library) has no command.
  grep -q "\"file\": \".*/$file\"" "$build/compile_commands.json" && echo "$file"
done)
printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -n 4 clang-tidy-19 -p "$build" --quiet \
  --extra-arg=-Wno-unknown-warning-option 2> >(grep -v -E 'warnings? generated|^Suppressed|^Use -' >&2)
