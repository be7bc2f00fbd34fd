#!/usr/bin/env bash
# Runs the tests on every supported Python that is installed, each in a new environment; for maintainers.
# Usage: tests/versions.sh [VERSION ...] [-- OPTIONS OF PYTEST]    e.g. tests/versions.sh 3.13 oldest -- tests/tables
# 3.11 runs with pandas 2 and statsforecast, which needs it; the others with the newest pandas.
# `oldest` is Python 3.11 with the lowest release of each package that pyproject.toml allows; that these use what
# newer ones call deprecated is not said.
set -euo pipefail
cd "$(dirname "$0")/.."
versions=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do versions+=("$1"); shift; done
[ $# -eq 0 ] || shift
[ ${#versions[@]} -gt 0 ] || versions=(3.11 3.12 3.13 oldest)

lowest() {  # "pandas>=2.2" as "pandas==2.2"
  "$1" - <<'END'
import tomllib
with open("pyproject.toml", "rb") as file:
    project = tomllib.load(file)["project"]
for needed in project["dependencies"] + project["optional-dependencies"]["test"]:
    print(needed.partition(",")[0].replace(">=", "=="))
END
}

for version in "${versions[@]}"; do
  name=python${version/oldest/3.11}
  python=$(command -v "$name") || { echo "$name is not installed: skipped"; continue; }
  folder=$(mktemp -d) quiet=()
  "$python" -m venv "$folder"
  case $version in
    3.11) wanted=(-e ".[test,baselines]" "torch>=2.6,<2.14") ;;
    oldest) lowest "$python" > "$folder/lowest.txt"; wanted=(-e . -r "$folder/lowest.txt"); quiet=(-W ignore::DeprecationWarning) ;;
    *) wanted=(-e ".[test]" "torch>=2.6,<2.14") ;;
  esac
  "$folder/bin/pip" install -q "${wanted[@]}"
  "$folder/bin/python" -m pytest -q "${quiet[@]}" "$@"
  rm -rf "$folder"
done
