#!/usr/bin/env bash
# Whether GitHub and GitLab would take our workflows, our templates of issues and the recipes for other people
# (check-jsonschema has their schemas), and whether they let others in (zizmor). Both are from PyPI.
set -u
versions=(check-jsonschema==0.39.0 zizmor==1.32.0)
folder=${GRIDPROOF_CACHE:-$HOME/.cache/gridproof}/workflows-${versions[0]##*=}-${versions[1]##*=}
if [ ! -e "$folder/installed" ]; then
  python3 -m venv --clear "$folder" && "$folder/bin/pip" install --quiet "${versions[@]}" || exit 2
  touch "$folder/installed"
fi
cd "${1:-$(dirname "$0")/..}" || exit 2
result=0
holds() {
  local said
  said=$("$folder/bin/check-jsonschema" --builtin-schema "vendor.$1" "${@:2}" 2>&1) || { echo "$said"; result=1; }
}
holds github-workflows .github/workflows/*.yml reports/ci/github-*.yml
holds github-actions reports/ci/action.yml
holds github-issue-config .github/ISSUE_TEMPLATE/config.yml
holds gitlab-ci reports/ci/gitlab-ci.yml
"$folder/bin/zizmor" --quiet --offline --no-progress .github reports/ci || result=1
exit $result
