#!/usr/bin/env bash
# environment.sh FOLDER: a virtual environment with what the folder's requirements.txt pins. Prints where it is.
# That file is written by: uv pip compile --generate-hashes --no-header --no-annotate
#   --python-version 3.11 -o requirements.txt requirements.in
set -eu
requirements=$1/requirements.txt
folder=${GRIDPROOF_CACHE:-$HOME/.cache/gridproof}/python-$(sha256sum "$requirements" | cut -c1-12)
python=$(command -v /usr/bin/python3 || command -v python3)
mkdir -p "$(dirname "$folder")"
exec 9>"$folder.lock"
flock 9
if [ ! -e "$folder/installed" ]; then
  "$python" -m venv --clear "$folder"
  "$folder/bin/pip" install --quiet --require-hashes -r "$requirements" >&2
  touch "$folder/installed"
fi
echo "$folder"
