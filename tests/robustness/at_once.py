"""Many at once on one model: trainings of which one runs, and forecasts while the model is replaced.

python tests/robustness/at_once.py [TRAININGS] [FORECASTS]
"""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from failing_files import QUICK, with_settings
from warm import ended, load_everything, start, train_arguments, write_data


def trainings(count: int, folder: Path) -> bool:
    """Starts them together; whether one ran and all others ended with 75, naming it."""
    # Longer than the second for which a training waits for the lock.
    long = ("--set", "steps=2500")
    arguments = train_arguments(folder / "data.csv", folder / "model.safetensors", *long)
    runs = [start(arguments, folder / f"out{number}") for number in range(count)]
    codes = Counter(ended(run) for run in runs)
    named = sum("trained by process" in (folder / f"out{number}").read_text() for number in range(count))
    print(f"{count} trainings at once: {codes[0]} ran, {codes[75]} ended with 75, {named} named it")
    return codes == {0: 1, 75: count - 1} and named == count - 1


def train_command(folder: Path, seed: int) -> list[str]:
    settings = with_settings(*QUICK, "refit=false", f"seed={seed}")
    return ["train", str(folder / "data.csv"), "-m", str(folder / "model.safetensors"), *settings]


def forecasts(count: int, folder: Path) -> bool:
    """Forecasts while two models take turns; whether each was that of one of them."""
    model, wanted = folder / "model.safetensors", set()
    predict = ["predict", str(folder / "data.csv"), "-m", str(model), "-q"]
    for seed in (1, 2):
        assert ended(start(train_command(folder, seed), folder / "trained")) == 0
        assert ended(start(predict, folder / "forecast", err=folder / "said")) == 0
        wanted.add((folder / "forecast").read_text())
    assert len(wanted) == 2
    replaced = whole = made = 0
    while made < count:
        training = start(train_command(folder, 1 + replaced % 2), folder / "trained")
        for _ in range(min(10, count - made)):
            code = ended(start(predict, folder / "forecast", err=folder / "said"))
            whole += code == 0 and (folder / "forecast").read_text() in wanted
            made += 1
        replaced += ended(training) == 0
    print(f"{made} forecasts while the model was replaced {replaced} times: {whole} were whole")
    return whole == made and replaced > 0


def run(many: int, forecasted: int) -> int:
    load_everything()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_data(folder / "data.csv", 150)
        right = [trainings(many, folder), forecasts(forecasted, folder)]
    return 0 if all(right) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trainings", nargs="?", type=int, default=8)
    parser.add_argument("forecasts", nargs="?", type=int, default=200)
    given = parser.parse_args()
    sys.exit(run(given.trainings, given.forecasts))
