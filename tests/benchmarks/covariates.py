"""Whether covariates that are known ahead lower the error: a rolling backtest with and without them.

    python tests/benchmarks/covariates.py data.csv --future load,wind --past price2 --series market

The last origins of every series are held out: lstmcli is trained once on what stands before them,
as a user would, and forecasts a horizon from each origin, one horizon apart, with the covariates
of the rows to forecast as the file has them. Printed: the mean absolute error of every series with
and without covariates, the mean of the seeds, and the share of the error that they take away. The
overall figure is the mean over series of the error over that of the seasonal naive.
"""

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from data_sets import without_last
from forecasters import run, sets_of
from numpy.typing import NDArray

from lstmcli import model_file
from lstmcli.forecasting.forecast import forecast_panel
from lstmcli.forecasting.simple_forecasts import seasonal_naive
from lstmcli.series.panel import Panel
from lstmcli.tables import read as tables

Array = NDArray[np.floating]

ROLES = ("future", "past", "static", "categorical", "holidays")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("data")
    for role in ROLES:
        add(f"--{role}", default="", metavar="COLUMNS")
    add("--target", default="y")
    add("--series", default="", metavar="COLUMNS")
    add("--horizon", type=int, default=24)
    add("--origins", type=int, default=28, help="forecasts of each series, a horizon apart")
    add("--skip", type=int, default=0, help="horizons at the end that are not looked at at all")
    add("--season", type=int, default=24, help="of the seasonal naive forecast")
    add("--seeds", type=int, default=3)
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of lstmcli")
    return parser.parse_args()


def main() -> None:
    args = arguments()
    given = {role: getattr(args, role) for role in ROLES}
    roles = [f"{role}={columns}" for role, columns in given.items() if columns]
    common = [f"target={args.target}", *([f"series={args.series}"] if args.series else []), *args.set]
    errors: dict[str, list[Array]] = {"without": [], "with": []}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(args.seeds):
            for name, extra in (("without", []), ("with", roles)):
                keys, found, naive = measured(args, [*common, *extra, f"seed={seed}"], Path(folder))
                errors[name].append(found)
                print(f"seed {seed} {name:<8} relative error {np.mean(found / naive):.4f}", flush=True)
    means = {name: np.mean(found, axis=0) for name, found in errors.items()}
    print(f"\n{'MAE':<16}{'seasonal naive':>16}{'without':>12}{'with':>12}{'less':>9}")
    rows = [*zip(keys, naive, means["without"], means["with"], strict=True)]
    rows.append(("relative", 1.0, np.mean(means["without"] / naive), np.mean(means["with"] / naive)))
    for key, simple, without, given in rows:
        print(f"{key:<16}{simple:>16.4g}{without:>12.4g}{given:>12.4g}{1 - given / without:>9.1%}")


def measured(args: argparse.Namespace, settings: list[str], folder: Path) -> tuple[list[str], Array, Array]:
    """Series, and the mean absolute error of each: of lstmcli and of the seasonal naive."""
    file, model = folder / "train.csv", folder / "model.safetensors"
    whole, held_out = pd.read_csv(args.data, dtype=str), args.horizon * (args.origins + args.skip)
    series = args.series.split(",") if args.series else []
    without_last(whole, series, held_out).to_csv(file, index=False)
    run("train", file, "-m", model, "-q", "--horizon", args.horizon, *sets_of(settings))
    loaded = model_file.read_model(model)
    panel = tables.panel_with(tables.read_table(args.data), loaded.contract.roles, loaded.contract.step)
    ours, naive = [], []
    for origin in range(args.origins + args.skip, args.skip, -1):
        lengths = panel.lengths - origin * args.horizon
        made = forecast_panel(loaded.network, known_at(panel, lengths), args.horizon).median
        actual = np.stack([panel.history(s)[n : n + args.horizon] for s, n in enumerate(lengths)])
        past = np.stack([panel.history(s)[n - 2 * args.season : n] for s, n in enumerate(lengths)])
        ours.append(np.abs(actual - made).mean(axis=1))
        naive.append(np.abs(actual - seasonal_naive(past, args.season, args.horizon)).mean(axis=1))
    names = [panel.name(s) or args.target for s in range(len(panel))]
    return names, np.mean(ours, axis=0), np.mean(naive, axis=0)


def known_at(panel: Panel, lengths: NDArray[np.int64]) -> Panel:
    """The panel as it was when every series had `lengths` values: the rest is ahead."""
    place = np.arange(len(panel.values)) - np.repeat(panel.offsets[:-1], np.diff(panel.offsets))
    unknown = place >= np.repeat(lengths, np.diff(panel.offsets))
    return replace(
        panel,
        lengths=lengths,
        values=np.where(unknown, np.nan, panel.values),
        past=np.where(unknown[:, None], 0, panel.past).astype(np.float32),
    )


if __name__ == "__main__":
    main()
