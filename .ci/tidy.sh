#!/usr/bin/env bash
# tidy.sh BUILD sources|tests: clang-tidy over every source of the tree, or over every test, with the
# compile commands of the build folder. The sources with every change; the tests, which take as long and
# nobody includes, every night. Its version, from PyPI, leaves system headers out; Debian's needs half as
# long again.
set -u
build=$1
kind=$2
version=23.1.4
folder=${GRIDPROOF_CACHE:-$HOME/.cache/gridproof}/clang-tidy-$version
if [ ! -e "$folder/installed" ]; then
  python3 -m venv --clear "$folder" && "$folder/bin/pip" install --quiet "clang-tidy==$version" || exit 2
  touch "$folder/installed"
fi
cd "$(dirname "$0")/.." || exit 2

# clang_tidy CHECKS: over the sources that are named on the standard input. clang does not know all of
# g++'s warnings, and finds libstdc++'s own stable_sort deprecated.
clang_tidy() {
  xargs -r -P "$(nproc)" -n 2 "$folder/bin/clang-tidy" -p "$build" --quiet --checks="$1" \
    --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-deprecated-declarations \
    2> >(grep -v -E 'warnings? generated|^Suppressed|^Use -|Processing file' >&2)
}

mapfile -t sources < <(git ls-files --cached --others --exclude-standard '*.cc' | while read -r file; do
  # A program that this build leaves out (another LibTorch, no benchmark library) has no command.
  grep -q "\"file\": \".*/$file\"" "$build/compile_commands.json" && echo "$file"
done)
if [ "$kind" = sources ]; then
  printf '%s\n' "${sources[@]}" | grep -v '_test\.cc$' | clang_tidy ''
  exit
fi
# The first check does not understand that ASSERT_TRUE(optional) ends a test; the others take half of
# the time, to find what a test would show when it runs, or what does not matter in one.
not_for_tests=-bugprone-unchecked-optional-access,-bugprone-use-after-move
not_for_tests+=,-performance-unnecessary-value-param,-readability-container-size-empty
printf '%s\n' "${sources[@]}" | grep '_test\.cc$' | clang_tidy "$not_for_tests"
