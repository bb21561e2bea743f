#!/usr/bin/env bash
# A virtual environment with what the Python package is built and tested with, pinned. Prints its folder.
# requirements.txt is written by: uv pip compile --generate-hashes --no-header --no-annotate
#   --python-version 3.11 -o requirements.txt requirements.in
set -eu
here=$(dirname "$0")
folder=${GRIDPROOF_CACHE:-$HOME/.cache/gridproof}/python-$(sha256sum "$here/requirements.txt" | cut -c1-12)
python=$(command -v /usr/bin/python3 || command -v python3)
mkdir -p "$(dirname "$folder")"
exec 9>"$folder.lock"
flock 9
if [ ! -e "$folder/installed" ]; then
  "$python" -m venv --clear "$folder"
  "$folder/bin/pip" install --quiet --require-hashes -r "$here/requirements.txt" >&2
  touch "$folder/installed"
fi
echo "$folder"
