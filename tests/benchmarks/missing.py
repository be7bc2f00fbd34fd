"""What missing values cost: a rolling backtest of the file as it is and with values removed at random.

    python tests/benchmarks/missing.py sample_data/temperature.csv --share 0.2

The last origins of every series are held out. lstmcli is trained once on the complete rows before
them and once on the same rows with a share of the targets emptied, and forecasts a horizon from each
origin, one horizon apart, from a history with the same values missing. Errors are against the
complete file.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
from covariates import known_at
from data_sets import without_last
from forecasters import probed, run, sets_of
from numpy.typing import NDArray

from lstmcli import model_file
from lstmcli.forecasting.forecast import forecast_panel
from lstmcli.series.calendar import positions
from lstmcli.tables import read as tables


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("data")
    add("--share", type=float, default=0.2, help="of the values removed")
    add("--origins", type=int, default=20)
    add("--horizon", type=int, default=0, help="steps to forecast; 0 for the automatic choice")
    add("--seeds", type=int, default=3)
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of lstmcli")
    args = parser.parse_args()
    ratios = []
    for seed in range(args.seeds):
        with tempfile.TemporaryDirectory() as folder:
            full, holed = (backtest(args, share, seed, Path(folder)) for share in (0.0, args.share))
        ratios.append(holed / full)
        print(f"seed {seed}: MAE {full:.4g} complete, {holed:.4g} with holes: {holed / full - 1:+.1%}")
    print(f"median: {np.median(ratios) - 1:+.1%}")


def backtest(args: argparse.Namespace, share: float, seed: int, folder: Path) -> float:
    """Mean absolute error over all series and origins, in the units of the data."""
    complete = tables.read_table(args.data)
    given = ["--horizon", args.horizon] if args.horizon else []
    probe = probed(args.data, folder, *given, *sets_of(args.set))
    horizon, roles = probe.network.arch.horizon, probe.contract.roles
    frame = complete.frame.astype(dict.fromkeys(roles.targets, float))
    random = np.random.default_rng(seed)
    holed = frame.copy()
    for target in roles.targets:
        holed.loc[random.random(len(frame)) < share, target] = np.nan
    train, history = folder / "train.csv", folder / "all.csv"
    without_last(holed, roles.series, horizon * args.origins).to_csv(train, index=False)
    holed.to_csv(history, index=False)
    model = folder / "model"
    run("train", train, "-m", model, "-q", "--horizon", horizon, *sets_of([f"seed={seed}", *args.set]))
    loaded = model_file.read_model(model)
    truth = tables.panel_with(complete, roles, loaded.contract.step)
    seen = tables.panel_with(tables.read_table(str(history)), roles, loaded.contract.step)
    later, _ = positions(seen.starts, truth.starts, loaded.contract.step)  # first values may be removed
    errors: list[NDArray[np.floating]] = []
    for origin in range(args.origins, 0, -1):
        ends = truth.lengths - origin * horizon
        made = forecast_panel(loaded.network, known_at(seen, ends - later), horizon).median
        actual = np.stack([truth.history(s)[n : n + horizon] for s, n in enumerate(ends)])
        errors.append(np.abs(actual - made))
    return float(np.nanmean(np.stack(errors)))


if __name__ == "__main__":
    main()
