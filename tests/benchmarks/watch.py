"""Alarms on the series of the Numenta Anomaly Benchmark, beside two rivals written from their papers.

    python tests/benchmarks/watch.py FOLDER
    python tests/benchmarks/watch.py FOLDER --pictures pictures/

FOLDER holds CSV files `timestamp,value` in folders, and `windows.json`: for each file its windows, first
and last time. Rows are read one by one; the first 15 %, at most 750, are probation. One budget holds for
all files. The score is that of Lavin & Ahmad (2015), standard profile. The rivals get the threshold that is
best on these files. Every score is printed for several budgets, so that it can be seen how much depends on
it.
"""

import argparse
import csv
import json
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from watch_pictures import draw_alarms
from watch_rivals import relative_entropy, windowed_gaussian

from lstmcli.evaluation.alarms.detector import AlarmDetector
from lstmcli.evaluation.alarms.nab import WindowAlarms, alarms_in_windows, nab_score, probation_rows
from lstmcli.evaluation.alarms.online import OnlineWatch
from lstmcli.forecasting.one_step import OneStepForecaster
from lstmcli.settings.budgets import read_budget

BUDGETS = ("1/300 rows", "1/500 rows", "1/1000 rows", "1/2000 rows", "1/4000 rows")
THRESHOLDS = 1 - np.geomspace(1e-1, 1e-14, 60)
_DAY, _WEEK = 86400, 7


@dataclass(frozen=True)
class LabelledSeries:
    """name; times and values (rows,); windows (windows, 2) first and last row; season: rows a day."""

    name: str
    times: NDArray[np.datetime64]
    values: NDArray[np.float64]
    windows: NDArray[np.int64]
    season: int


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("folder", type=Path)
    add("--alarms", default="1/1000 rows", help="the budget of the table and the pictures")
    add("--pictures", type=Path, help="a folder for one picture a file: found, missed and false alarms")
    args = parser.parse_args()
    series = read_series(args.folder)
    windows = sum(len(each.windows) for each in series)
    print(f"{len(series)} files, {sum(len(each.values) for each in series):,} rows, {windows} windows")
    began = time.process_time()
    rare = rarities(series, read_budget(args.alarms).rate(None, 1))
    print(f"{time.process_time() - began:.0f} s of processor time to forecast and judge all rows")
    found = [counted(each, begins) for each, (_, begins) in zip(series, rare, strict=True)]
    for each, alarms in zip(series, found, strict=True):
        print(line(each, alarms))
    print_scores("lstmcli", args.alarms, found)
    for text in BUDGETS:
        rate = read_budget(text).rate(None, 1)
        told = [
            counted(s, begun(p, AlarmDetector(rate, s.season)))
            for s, (p, _) in zip(series, rare, strict=True)
        ]
        print_scores("lstmcli", text, told)
    for name, rival in (("windowed Gaussian", windowed_gaussian), ("relative entropy", relative_entropy)):
        scores = [rival(each.values) for each in series]
        best = max(THRESHOLDS, key=lambda least: nab_score(over(series, scores, least)))
        print_scores(name, f"best threshold {best:.6g}", over(series, scores, best))
    if args.pictures:
        args.pictures.mkdir(exist_ok=True)
        for each, alarms in zip(series, found, strict=True):
            draw_alarms(args.pictures / f"{each.name}.png", each.name, each.times, each.values, alarms)


def read_series(folder: Path) -> list[LabelledSeries]:
    """The files that `windows.json` names."""
    labels = json.loads((folder / "windows.json").read_text())
    return [read_one(folder / name, windows) for name, windows in labels.items()]


def read_one(path: Path, windows: list[list[str]]) -> LabelledSeries:
    """One file; a window is from the first row at its start to the last row at its end."""
    with open(path, newline="") as file:
        rows = list(csv.reader(file))[1:]
    times = np.array([row[0] for row in rows], "datetime64[s]")
    first = [np.searchsorted(times, np.datetime64(start[:19])) for start, _ in windows]
    last = [np.searchsorted(times, np.datetime64(end[:19]), side="right") - 1 for _, end in windows]
    step = int(np.median(np.diff(times).astype(np.int64)))
    places = np.array([first, last], np.int64).T.reshape(-1, 2)
    values = np.array([float(row[1]) for row in rows])
    return LabelledSeries(path.stem, times, values, places, max(1, _DAY // step))


def rarities(
    series: list[LabelledSeries], rate: float
) -> list[tuple[NDArray[np.float64], NDArray[np.bool_]]]:
    """p of every row, and where alarms begin. Files of one length and step are judged side by side."""
    alike = defaultdict(list)
    for place, each in enumerate(series):
        alike[len(each.values), each.season].append(place)
    made: dict[int, tuple[NDArray[np.float64], NDArray[np.bool_]]] = {}
    for (_, season), places in alike.items():
        watch = OnlineWatch(OneStepForecaster(season, _WEEK * season), AlarmDetector(rate, season))
        values = np.stack([series[place].values for place in places], axis=1)
        _, _, judged = watch.update(watch.start(len(places)), values)
        for column, place in enumerate(places):
            made[place] = judged.p[:, column], judged.begins[:, column]
    return [made[place] for place in range(len(series))]


def begun(p: NDArray[np.float64], detector: AlarmDetector) -> NDArray[np.bool_]:
    """Where alarms of another budget begin, but for what masks would change."""
    begins = np.zeros(len(p), bool)
    last = -detector.quiet - 1
    for row in np.flatnonzero(p < detector.rate):
        if row >= detector.learned:
            begins[row] = row - last > detector.quiet
            last = row
    return begins


def counted(series: LabelledSeries, begins: NDArray[np.bool_]) -> WindowAlarms:
    return alarms_in_windows(series.windows, np.flatnonzero(begins), probation_rows(len(series.values)))


def over(series: list[LabelledSeries], scores: list[NDArray[np.float64]], least: float) -> list[WindowAlarms]:
    """Alarms at every row whose score reaches a threshold."""
    return [counted(each, score >= least) for each, score in zip(series, scores, strict=True)]


def line(series: LabelledSeries, alarms: WindowAlarms) -> str:
    where = " ".join(
        "missed" if first < 0 else f"{(first - window[0]) / max(window[1] - window[0], 1):.0%}"
        for first, window in zip(alarms.first, alarms.windows, strict=True)
    )
    return f"{series.name:38} false {len(alarms.false):3}  windows: {where or 'none'}"


def print_scores(name: str, setting: str, found: list[WindowAlarms]) -> None:
    hits = sum(int((each.first >= 0).sum()) for each in found)
    false = sum(len(each.false) for each in found)
    print(f"{name:18} {setting:28} NAB score {nab_score(found):6.1f}, found {hits}, false alarms {false}")


if __name__ == "__main__":
    main()
