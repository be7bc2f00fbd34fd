#!/usr/bin/env bash
# The steps of docs/Dockerfile without Docker: its RUN lines, one by one, in an empty folder with a fresh virtual
# environment in the place of an image; then what docs/integrations.md runs in the images.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/src" "$work/data"
(cd "$root" && git ls-files -z | xargs -0 cp --parents -t "$work/src")
python3 -m venv "$work/image"
export PATH="$work/image/bin:$PATH"
cp -r "$root/sample_data" "$work/data"

steps() { # the RUN lines of a stage
  sed -n "/^FROM .* AS $1\$/,/^FROM .* AS $2\$/p" "$root/docs/Dockerfile" | sed -n 's/^RUN //p' |
    sed "s|/wheels|$work/wheels|g; s| /src| $work/src|g"
}
run() {
  while IFS= read -r line; do
    printf '%s: %s\n' "$1" "$line"
    (cd "$work/data" && bash -euo pipefail -c "$line") </dev/null
  done < <(steps "$1" "$2")
}

cd "$work/data"
run build predict
run predict train
if python -c 'import torch' 2>/dev/null; then echo "PyTorch is in the image for predict"; exit 1; fi
lstmcli predict sample_data/employment.csv -m builtin -q -o jobs.csv --plot jobs.png
lstmcli inspect-gates sample_data/temperature.csv -m builtin >/dev/null
python -c 'import lstmcli; print(lstmcli.builtin().backtest("sample_data/employment.csv", folds=1).scores.head(2))'
run train end
lstmcli train sample_data/temperature.csv -q --set steps=20
lstmcli predict --level 80 -q >forecast.csv
head -n 2 forecast.csv
echo "the steps of docs/Dockerfile pass"
