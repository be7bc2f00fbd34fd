"""`predict --why` and `--what-if`: what is told and shown, and what is refused."""

import csv
import math
from importlib.util import find_spec

import pytest
from builders import Page

import lstmcli
from lstmcli.errors import UsageError
from lstmcli.jobs.forecast_files import forecast_files
from lstmcli.jobs.forecast_options import ForecastOptions, PredictOptions
from lstmcli.jobs.train.reporter import SilentReporter
from lstmcli.network.builtin_file import BUILTIN_FILE

COLUMNS = ["why_level", "why_season", "why_last"]


class Told(SilentReporter):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("why")
    lines = ["shop,time,y"]
    for shop in range(7):
        for month in range(48):
            y = 300 * (shop + 1) + month + 40 * math.sin(month * math.pi / 6) if shop else 12.5
            lines.append(f"s{shop},{2015 + month // 12}-{month % 12 + 1:02}-01,{y:.3f}")
    (made / "shops.csv").write_text("\n".join(lines) + "\n")
    return made


def predicted(folder, name, **options):
    told = Told()
    path = folder / name
    given = {"data": (str(folder / "shops.csv"),), "model": BUILTIN_FILE, "output": str(path)}
    forecast_files(PredictOptions(**(given | options)), told)
    return path, [line for line in told.lines if not line.startswith("note: ")]


def test_parts_stand_behind_the_forecast_as_it_is_without_them(folder):
    whole = {"forecast": ForecastOptions(3, (80,))}
    plain, _ = predicted(folder, "plain.csv", **whole)
    path, told = predicted(folder, "why.csv", why=True, html=str(folder / "why.html"), **whole)
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert [
        line.rsplit(",", 3)[0] for line in path.read_text().splitlines()
    ] == plain.read_text().splitlines()
    assert list(rows[0])[-3:] == COLUMNS
    for row in rows:
        assert sum(float(row[c]) for c in COLUMNS) == pytest.approx(float(row["forecast"]), rel=1e-12)
    flat = [[row[c] for c in COLUMNS] for row in rows if row["shop"] == "s0"]
    assert flat == [["12.5", "0.0", "0.0"]] * 3
    assert told[0] == "why: s0 2019-01-01: 12.50 = 12.50 level"
    assert told[1].startswith("why: s1 2019-0")
    assert " level + " in told[1]
    assert told[5:] == ["why: and 2 more series"]
    page = (folder / "why.html").read_text()
    assert "Why" in Page(page).all_text()
    assert 'class="part2"' in page


@pytest.mark.parametrize("form", ["json", "ndjson", "parquet", "xlsx", "tsv"])
def test_every_form_has_the_columns(folder, form):
    if form in ("parquet", "xlsx") and find_spec({"parquet": "pyarrow", "xlsx": "openpyxl"}[form]) is None:
        pytest.skip("needs the extra")
    import pandas as pd

    given = {"forecast": ForecastOptions(2, (80,)), "why": True}
    path, _ = predicted(folder, f"f.{form}", form=form, **given)
    read = {
        "json": pd.read_json,
        "ndjson": lambda p: pd.read_json(p, lines=True),
        "parquet": pd.read_parquet,
        "xlsx": lambda p: pd.read_excel(p, engine="openpyxl"),
        "tsv": lambda p: pd.read_csv(p, sep="\t"),
    }[form](path)
    assert list(read) == ["shop", "time", "forecast", "q0.1", "q0.9", *COLUMNS]
    assert len(read) == 14
    assert (read[COLUMNS].sum(axis=1) - read["forecast"]).abs().max() < 1e-9


def test_python_gives_the_same_rows(folder):
    path, _ = predicted(folder, "same.csv", why=True, forecast=ForecastOptions(2, (80,)))
    table = lstmcli.builtin(horizon=2).predict(str(folder / "shops.csv"), levels=[80], why=True)
    rows = list(csv.DictReader(path.read_text().splitlines()))
    for name in ("forecast", "q0.1", *COLUMNS):
        assert table[name].tolist() == [float(row[name]) for row in rows]


def test_python_shows_the_parts_on_a_page(folder):
    network = lstmcli.builtin(horizon=2)
    page = network.report(str(folder / "shops.csv"), why=True)
    assert "forecast less its level" in page
    assert "forecast less its level" not in network.report(str(folder / "shops.csv"))
    for method in (network.predict, network.report):
        with pytest.raises(UsageError, match="what_if: this model has no covariates that are known ahead"):
            method(str(folder / "shops.csv"), what_if=str(folder / "shops.csv"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"why": True, "samples": 3}, "--why is of the forecast of each series: leave --samples to a run of"),
        ({"why": True, "cross": "9"}, "--why is of the forecast of each series: leave --cross to a run of"),
        ({"why": True, "sum_over": ("shop",)}, "leave --sum-over to a run of its own"),
        ({"why": True, "hierarchy": "shop"}, "leave --hierarchy to a run of its own"),
        ({"why": True, "make_future": 3}, "leave --make-future to a run of its own"),
        (
            {"why": True, "what_if": "f.csv"},
            "--why tells of one forecast: leave --what-if to a run of its own",
        ),
        ({"what_if": "f.csv", "samples": 3}, "--what-if is of the forecast of each series: leave --samples"),
        ({"what_if": "f.csv"}, "--what-if: this model has no covariates that are known ahead"),
    ],
)
def test_what_makes_no_sense_together_is_refused(folder, options, said):
    with pytest.raises(UsageError) as refused:
        predicted(folder, "none.csv", **options)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not (folder / "none.csv").exists()
