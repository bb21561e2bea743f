#!/usr/bin/env bash
# Installs the build in the given folder into an empty one, builds the examples against that and runs
# them: the fast grid_sample, and the judge in somebody's own tests.
set -eu
build=$1
root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cmake --install "$build" --prefix "$folder/installed" >"$folder/log"
for example in optimized/example reports/conformance/example; do
  cmake -G Ninja -S "$root/$example" -B "$folder/$example" -DCMAKE_PREFIX_PATH="$folder/installed" >>"$folder/log" &&
    cmake --build "$folder/$example" >>"$folder/log" || { tail -n 40 "$folder/log"; exit 1; }
done
expected=' 12  8  4  0
 13  9  5  1
 14 10  6  2
 15 11  7  3'
answer=$("$folder/optimized/example/example")
[ "$answer" = "$expected" ] || { echo "the image was not turned:"; echo "$answer"; exit 1; }
"$folder/reports/conformance/example/sampler_test"
