#!/usr/bin/env bash
# Installs the build in the given folder into an empty one, builds the example against that, runs it.
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cmake --install "$build" --prefix "$folder/installed" >"$folder/log"
cmake -G Ninja -S "$here" -B "$folder/build" -DCMAKE_PREFIX_PATH="$folder/installed" >>"$folder/log"
cmake --build "$folder/build" >>"$folder/log" || { cat "$folder/log"; exit 1; }
expected=' 12  8  4  0
 13  9  5  1
 14 10  6  2
 15 11  7  3'
answer=$("$folder/build/example")
[ "$answer" = "$expected" ] || { echo "the image was not turned:"; echo "$answer"; exit 1; }
