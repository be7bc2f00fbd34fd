"""Accuracy of the command line on any data with a known future, beside simple forecasts.

    python tests/benchmarks/accuracy.py TRAIN TEST [--season 24] [--seeds 3] [--set KEY=VALUE ...]
    python tests/benchmarks/accuracy.py TRAIN --hold-out 12 --season 12
    python tests/benchmarks/accuracy.py --data NAME=TRAIN,TEST,SEASON --data NAME=TRAIN,,SEASON,HORIZON
    python tests/benchmarks/accuracy.py --list sets.csv --cells lstm,gru,rnn --statsforecast
    python tests/benchmarks/accuracy.py TABLE --windows --rows 8640,2880,2880 --horizon 96

TRAIN and TEST are long or wide CSV files, see data_sets.py; TEST holds the rows that follow. Without
it the last rows of each series are held out. A list is a CSV file with the columns name, train, test,
season, horizon, naive2_smape and naive2_mase, of which all but the first two may be empty or missing.

Each data set gets a table: simple forecasts, models of statsforecast, then `lstmcli` trained and run
as a user would, once per seed, and the median over seeds. Columns: sMAPE and MASE by the definitions
of the M4 competition, their overall weighted average (OWA), the weighted quantile loss (wQL) over the
deciles, coverage and mean scaled interval score (MSIS) of the 80 and 95 % intervals, seconds of whole
processes, and weights. OWA needs the errors of the competition's benchmark, `--naive2 SMAPE MASE`:
18.383 2.395 for M4 Hourly. A summary over data sets follows.

With --windows the score is over every test window of a wide table instead, see every_window.py.
"""

import argparse
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

import every_window
from data_sets import Source, Unusable, listed, named, read
from forecasters import SIMPLE, STATISTICAL, Runs, lstmcli, simple, statistical
from scores import COLUMNS, Row, print_heading, print_models, print_row, print_summary, score

from lstmcli.errors import LstmcliError


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("train", nargs="?")
    add("test", nargs="?", default="")
    add("--data", action="append", default=[], metavar="NAME=TRAIN[,TEST[,SEASON[,HORIZON]]]")
    add("--list", metavar="CSV", help="file that names data sets, one per row")
    add("--season", type=int, default=24, help="rows; of data sets that name none")
    add("--hold-out", "--horizon", dest="horizon", type=int, help="steps to forecast; held out without TEST")
    add("--naive2", type=float, nargs=2, metavar=("SMAPE", "MASE"))
    add("--seeds", type=int, default=3)
    add("--cells", type=comma_separated, default=(None,), help="lstm,gru,rnn or some of them")
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of lstmcli")
    add("--statsforecast", action="store_true", help="add the models of statsforecast")
    add("--models", type=comma_separated, default=STATISTICAL, help="of statsforecast; default: %(default)s")
    add("--windows", action="store_true", help="score every test window of a wide table")
    add("--rows", type=whole_numbers, metavar="TRAIN,VALIDATION,TEST", help="split for --windows")
    args = parser.parse_args()
    if not (args.train or args.data or args.list):
        parser.error("name some data")
    if args.windows and (args.rows is None or len(args.rows) != 3):
        parser.error("--windows needs --rows TRAIN,VALIDATION,TEST")
    return args


def comma_separated(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def whole_numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def sources(args: argparse.Namespace) -> list[Source]:
    """Every data set that was named, those of a list last."""
    naive2 = tuple(args.naive2) if args.naive2 else None
    name = Path(args.train or "").name.split(".")[0]
    default = Source(name, args.train or "", args.test, args.season, args.horizon, naive2)
    found = [default] if args.train else []
    found += [named(text, default) for text in args.data]
    found += listed(args.list, default) if args.list else []
    names = [source.name for source in found]
    if len(set(names)) < len(names):
        raise Unusable(f"two data sets have one name: {', '.join(names)}")
    return found


def print_table(source: Source, models: tuple[str, ...], runs: Runs) -> dict[str, Row]:
    """The table of one data set; rows by forecaster, of lstmcli the medians.

    A model of statsforecast that fails is named in its row.
    """
    with tempfile.TemporaryDirectory() as folder:
        data = read(source, Path(folder))
        print(
            f"\n{source.name}: {len(data.keys)} series, horizon {data.horizon}, season {source.season}; "
            f"{sum(map(len, data.histories)):,} rows to learn from"
        )
        print_heading(COLUMNS)
        rows = {}
        for name in SIMPLE:
            rows[name] = score(data, simple(data, name))
            print_row(name, rows[name], COLUMNS)
        for name in models:
            try:
                rows[name] = score(data, statistical(data, name))
            except Exception as error:
                print(f"{name:<16}failed: {error}", flush=True)
            else:
                print_row(name, rows[name], COLUMNS)

        def measure(cell: str | None, seed: int) -> Row:
            return score(data, lstmcli(data, runs, cell, seed, Path(folder)))

        return rows | print_models(runs, COLUMNS, measure)


def main() -> None:
    """Ends with 1 where a data set could not be scored; the others are."""
    args = arguments()
    runs = Runs(args.seeds, args.cells, tuple(args.set))
    models = args.models if args.statsforecast else ()
    if models and importlib.util.find_spec("statsforecast") is None:
        print("statsforecast is not installed: its models are left out", file=sys.stderr)
        models = ()
    try:
        chosen = sources(args)
    except (ValueError, OSError) as error:
        sys.exit(str(error))
    results, failed = {}, False
    for source in chosen:
        try:
            if args.windows:
                every_window.print_table(source, every_window.Split(*args.rows), runs)
            else:
                results[source.name] = print_table(source, models, runs)
        except (ValueError, OSError, LstmcliError, subprocess.CalledProcessError) as error:
            print(f"{source.name}: {error}", file=sys.stderr, flush=True)
            failed = True
    if results:
        print_summary(results)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
