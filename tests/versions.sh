#!/usr/bin/env bash
# Runs the tests on every supported Python that is installed, each in a new environment; for maintainers.
# Usage: tests/versions.sh [VERSION ...]     e.g. tests/versions.sh 3.13
# The oldest runs with pandas 2 and statsforecast, which needs it; the others with the newest pandas.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- 3.11 3.12 3.13
for version in "$@"; do
  python=$(command -v "python$version") || { echo "python$version is not installed: skipped"; continue; }
  folder=$(mktemp -d)
  "$python" -m venv "$folder"
  extra=test
  [ "$version" != 3.11 ] || extra=test,baselines
  "$folder/bin/pip" install -q -e ".[$extra]" "torch>=2.6,<2.14"
  "$folder/bin/python" -m pytest -q
  rm -rf "$folder"
done
