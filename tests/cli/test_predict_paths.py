"""`predict --samples`, `--sum-over` and `--hierarchy`: what is written, what is told, and what is refused."""

import csv
import io
import json
import math
from decimal import Decimal
from importlib.util import find_spec

import numpy as np
import pytest

from lstmcli.cli.app import program
from lstmcli.console.manner import OutputMode, set_output_mode
from lstmcli.console.screen import Screen
from lstmcli.errors import ConditionFailed, DataError, UsageError
from lstmcli.jobs.forecast_files import forecast_files
from lstmcli.jobs.forecast_options import ForecastOptions, PredictOptions
from lstmcli.network.builtin_file import BUILTIN_FILE

app = program()
PACKAGES = {"parquet": "pyarrow", "xlsx": "openpyxl"}
SHOPS = (("north", "a"), ("north", "b"), ("south", "a"), ("south", "c"))


@pytest.fixture(autouse=True)
def as_before():
    yield
    set_output_mode(OutputMode())


def shop_rows(shops=SHOPS, months=36):
    """Sales of shops by months, which share half of their noise."""
    rng = np.random.default_rng(3)
    shared, rows = rng.normal(size=200), []
    for place, key in enumerate(shops):
        own = rng.normal(size=200)
        for month in range(months):
            value = 100 + 20 * place + 9 * math.sin(month * math.pi / 6) + 4 * (shared[month] + own[month])
            rows.append(f"{','.join(key)},{2015 + month // 12}-{month % 12 + 1:02}-01,{value:.3f}")
    return rows


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shops.csv").write_text("\n".join(["region,shop,month,sold", *shop_rows(), ""]))
    return tmp_path


def run(*words):
    return app(["predict", "shops.csv", "-m", "builtin", "--horizon", "6", *words], standalone_mode=False)


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def paths_of(rows):
    """By series (samples, horizon)."""
    found = {}
    for row in rows:
        found.setdefault((row["region"], row["shop"]), {}).setdefault(int(row["sample"]), []).append(
            float(row["value"])
        )
    return {key: np.array(list(samples.values())) for key, samples in found.items()}


def test_paths_are_written_in_long_form(here, capsys):
    run()
    forecast = rows_of(capsys.readouterr().out)
    run("--samples", "400")
    captured = capsys.readouterr()
    assert "errors move together over the steps as in" in captured.err
    rows = rows_of(captured.out)
    assert list(rows[0]) == ["region", "shop", "month", "sample", "value"]
    assert [row["month"] for row in rows[:6]] == [row["month"] for row in forecast[:6]]
    assert [row["sample"] for row in rows[:12:3]] == ["1", "1", "2", "2"]
    paths = paths_of(rows)
    assert list(paths) == list(SHOPS)
    for at, row in enumerate(forecast[:6]):
        found = np.quantile(paths["north", "a"][:, at], [0.1, 0.5, 0.9])
        width = float(row["q0.9"]) - float(row["q0.1"])
        np.testing.assert_allclose(
            found, [float(row[q]) for q in ("q0.1", "forecast", "q0.9")], atol=0.15 * width
        )


def test_the_same_seed_gives_the_same_bytes(here, capsys):
    made = []
    for words in ([], ["--seed", "0"], ["--seed", "7"]):
        run("-q", "--samples", "20", *words)
        made.append(capsys.readouterr().out)
    assert made[0] == made[1] != made[2]
    options = PredictOptions(("shops.csv",), BUILTIN_FILE, ForecastOptions(6), output="3.csv", samples=20)
    forecast_files(options, Screen(), block=3)
    given, wanted = (rows_of(text) for text in ((here / "3.csv").read_text(), made[0]))
    for one, other in zip(given, wanted, strict=True):  # the network rounds otherwise in other blocks
        value = float(other.pop("value"))
        assert float(one.pop("value")) == pytest.approx(value, rel=1e-5)
        assert one == other


def test_every_form_holds_the_same(here, capsys):
    pd = pytest.importorskip("pandas")
    run("-q", "--samples", "3", "--sum-over", "shop")
    wanted = rows_of(capsys.readouterr().out)
    assert len(wanted) == (4 + 2) * 3 * 6
    readers = {
        "tsv": lambda path: rows_of(path.read_text().replace("\t", ",")),
        "json": lambda path: json.loads(path.read_text()),
        "ndjson": lambda path: list(map(json.loads, path.read_text().splitlines())),
        "parquet": lambda path: records(pd.read_parquet(path)),
        "xlsx": lambda path: records(pd.read_excel(path, engine="openpyxl")),
    }
    for ending, read in readers.items():
        if ending in PACKAGES and find_spec(PACKAGES[ending]) is None:
            continue
        run("-q", "--samples", "3", "--sum-over", "shop", "-o", f"out.{ending}")
        found = read(here / f"out.{ending}")
        assert [{k: str(v) for k, v in row.items()} for row in found] == wanted, ending


def records(table):
    return table.assign(month=table["month"].dt.strftime("%Y-%m-%d")).to_dict("records")


def test_totals_follow_the_series(here, capsys):
    run("--level", "80")
    alone = capsys.readouterr().out
    run("--level", "80", "--sum-over", "shop", "--sum-over", "region, shop")
    captured = capsys.readouterr()
    assert captured.out.startswith(alone)
    assert "between series they correlate by 0." in captured.err
    rows = rows_of(captured.out)
    totals = rows[4 * 6 :]
    keys = [(row["region"], row["shop"]) for row in totals[::6]]
    assert keys == [("north", "(total)"), ("south", "(total)"), ("(total)", "(total)")]
    for key, members in zip(keys, (SHOPS[:2], SHOPS[2:], SHOPS), strict=True):
        for month in range(6):
            parts = [rows[6 * SHOPS.index(one) + month] for one in members]
            total = next(r for r in totals[month::6] if (r["region"], r["shop"]) == key)
            assert {row["month"] for row in parts} == {total["month"]}
            median = sum(float(row["forecast"]) for row in parts)
            assert float(total["forecast"]) == pytest.approx(median, rel=0.005)
            widths = [float(row["q0.9"]) - float(row["q0.1"]) for row in parts]
            # wider than if errors were independent, narrower than if they were the same
            assert math.hypot(*widths) * 1.02 < float(total["q0.9"]) - float(total["q0.1"]) < sum(widths)


def test_paths_of_a_total_are_the_sums_of_the_paths(here, capsys):
    run("-q", "--samples", "5", "--sum-over", "region,shop")
    paths = paths_of(rows_of(capsys.readouterr().out))
    total = paths.pop(("(total)", "(total)"))
    np.testing.assert_allclose(total, sum(paths.values()), rtol=1e-6)


def test_what_a_total_lacks_is_told(here, capsys):
    rows = [
        *shop_rows(SHOPS[:2]),
        *shop_rows([("north", "late")], months=34),
        *shop_rows([("north", "gone")], months=20),
        *shop_rows([("south", "a")]),
    ]
    (here / "shops.csv").write_text("\n".join(["region,shop,month,sold", *rows, ""]))
    run("--sum-over", "shop", "--level", "80")
    captured = capsys.readouterr()
    totals = [row for row in rows_of(captured.out) if row["shop"] == "(total)"]
    assert [row["month"] for row in totals if row["region"] == "north"] == [
        "2018-01-01",
        "2018-02-01",
        "2018-03-01",
        "2018-04-01",
    ]
    assert "total north (total): 4 of 6 steps, as 1 series ends earlier" in captured.err
    assert (
        "total north (total): without 1 series whose last value is too old for its times: gone"
        in captured.err
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--samples", "0"], "--samples 0: 1 to 10,000 paths can be drawn"),
        (["--samples", "10001"], "1 to 10,000"),
        (["--samples", "5", "--seed", "-1"], "--seed -1: it must be at least 0"),
        (["--seed", "1"], "--seed belongs to --samples"),
        (["--samples", "5", "--level", "80"], "--level is of intervals"),
        (["--samples", "5", "--cross", "80"], "leave --samples to a run of its own"),
        (["--samples", "5", "--make-future", "3"], "leave --samples to the run with --future"),
        (["--sum-over", "shop", "--cross", "80"], "leave --sum-over to a run of its own"),
        (
            ["--sum-over", "shops"],
            "--sum-over: 'shops' tells no series apart; these do: region, shop. Did you",
        ),
        (["--sum-over", "shop,"], "'' tells no series apart"),
        (["--sum-over", "sold"], "'sold' tells no series apart"),
    ],
)
def test_what_makes_no_sense_is_refused(here, words, said):
    with pytest.raises(UsageError) as caught:
        run("-q", *words, "-o", "out.csv")
    assert said in str(caught.value)
    assert not (here / "out.csv").exists()


def test_that_medians_need_not_add_up_is_told_where_they_are_written(here, capsys):
    run("--sum-over", "shop")
    assert "a total is the median of sums: the forecasts of its series need not" in capsys.readouterr().err
    run("--sum-over", "shop", "--samples", "10")  # these add up
    assert "median of sums" not in capsys.readouterr().err


def test_a_series_called_as_totals_are_is_refused(here):
    rows = shop_rows([("north", "(total)"), ("north", "b"), ("south", "b")])
    (here / "shops.csv").write_text("\n".join(["region,shop,month,sold", *rows, ""]))
    with pytest.raises(DataError, match=r"shop has the value \(total\)"):
        run("--sum-over", "region")


def test_series_that_sum_up_others_would_count_twice(here):
    rows = [line.split(",") for line in shop_rows(SHOPS[:2])]
    half = len(rows) // 2
    sums = [
        f"north,Total,{one[2]},{float(one[3]) + float(other[3]):.3f}"
        for one, other in zip(rows[:half], rows[half:], strict=True)
    ]
    text = "\n".join(["region,shop,month,sold", *map(",".join, rows), *shop_rows(SHOPS[2:]), *sums, ""])
    (here / "shops.csv").write_text(text)
    for words in (["--sum-over", "shop"], ["--hierarchy", "region,shop"]):
        with pytest.raises(UsageError, match="series north Total is the sum of others already"):
            run("-q", *words)


def test_one_series_has_no_totals(here):
    rows = [row.split(",", 2)[2] for row in shop_rows(SHOPS[:1])]
    (here / "shops.csv").write_text("\n".join(["month,sold", *rows, ""]))
    with pytest.raises(UsageError, match="the data is one series"):
        run("--sum-over", "shop")


def decimals(rows, **key):
    return [
        Decimal(row["forecast"]) for row in rows if all(row[name] == value for name, value in key.items())
    ]


@pytest.mark.parametrize("words", [[], ["--level", "80"]])
def test_levels_of_a_hierarchy_add_up_to_the_last_digit(here, capsys, words):
    run("--hierarchy", "region,shop", *words)
    captured = capsys.readouterr()
    assert "3 totals of 4 series, " in captured.err
    rows = rows_of(captured.out)
    keys = [(row["region"], row["shop"]) for row in rows[::6]]
    assert keys == [*SHOPS, ("(total)", "(total)"), ("north", "(total)"), ("south", "(total)")]
    shops = [decimals(rows, region=region, shop=shop) for region, shop in SHOPS]
    for region, members in (("north", shops[:2]), ("south", shops[2:]), ("(total)", shops)):
        assert decimals(rows, region=region, shop="(total)") == [
            sum(step) for step in zip(*members, strict=True)
        ]
    for row in rows:
        assert float(row["q0.1"]) < float(row["forecast"]) < float(row["q0.9"])


def test_conditions_and_crossings_are_told_of_totals_too(here, capsys):
    with pytest.raises(ConditionFailed, match=r"\(total\) \(total\): above 450"):
        run("--hierarchy", "region,shop", "--fail-on", "forecast > 450", "-o", "out.csv")
    run("-q", "--hierarchy", "shop,region", "--cross", "450")
    rows = rows_of(capsys.readouterr().out)
    assert [row["shop"] for row in rows[4:]] == ["(total)", "a", "b", "c"]
    assert [row["forecast"] != "" for row in rows] == [False] * 4 + [True] + [False] * 3


def test_a_short_past_is_added_bottom_up(here, capsys):
    (here / "shops.csv").write_text("\n".join(["region,shop,month,sold", *shop_rows(months=10), ""]))
    run("--hierarchy", "region,shop")
    captured = capsys.readouterr()
    assert "(bottom-up): the past is too short to correct them by past errors (minimum trace)" in captured.err
    assert len(captured.out.splitlines()) == 1 + 7 * 6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--hierarchy", "region"], "shop tells series apart too: name all such columns, from the top"),
        (["--hierarchy", "region,shops"], "--hierarchy: 'shops' tells no series apart"),
        (["--hierarchy", "region,shop", "--samples", "3"], "leave --samples to a run of its own"),
        (["--hierarchy", "region,shop", "--sum-over", "shop"], "leave --sum-over to a run of its own"),
        (["--hierarchy", "region,shop", "--make-future", "3"], "leave --hierarchy to the run that does"),
    ],
)
def test_a_hierarchy_that_makes_no_sense_is_refused(here, words, said):
    with pytest.raises(UsageError) as caught:
        run("-q", *words)
    assert said in str(caught.value)


def test_a_hierarchy_in_the_wrong_order_is_told_the_right_one(here):
    """Each shop has one region, and each region one country; a product stands in several of all."""
    shops = (
        ("p", "a", "n", "x"),
        ("q", "a", "n", "x"),
        ("p", "b", "n", "x"),
        ("p", "c", "s", "x"),
        ("q", "d", "e", "y"),
    )
    (here / "shops.csv").write_text(
        "\n".join(["product,shop,region,country,month,sold", *shop_rows(shops, 12), ""])
    )
    series = ["--set", "series=product,shop,region,country"]
    for wrong, said, right in (
        ("product,shop,region,country", "each shop has one region", "product,country,region,shop"),
        ("country,shop,product,region", "each shop has one region", "country,product,region,shop"),
        ("region,product,country,shop", "each region has one country", "product,country,region,shop"),
    ):
        with pytest.raises(UsageError) as caught:
            run("-q", *series, "--hierarchy", wrong)
        assert str(caught.value) == (
            f"--hierarchy {wrong}: {said}, which belongs above it: --hierarchy '{right}'"
        )
    run("-q", *series, "--hierarchy", "product,country,region,shop", "-o", "out.csv")
    run("-q", *series, "--hierarchy", "country,product,region,shop", "-o", "out.csv")


@pytest.fixture
def by_shop(here):
    """A table in which the shop alone tells series apart, and each shop has a region."""
    rows = shop_rows((("north", "a"), ("north", "b"), ("south", "c")))
    (here / "shops.csv").write_text("\n".join(["region,shop,month,sold", *rows, ""]))
    return here


def test_columns_of_which_series_have_one_each_are_taken_as_the_message_says(by_shop, capsys):
    with pytest.raises(UsageError) as caught:
        run("-q", "--hierarchy", "region,shop")
    said = "'region' tells no series apart; these do: shop. --set series=region,shop takes them all."
    assert str(caught.value) == f"--hierarchy: {said}"
    run("-q", "--hierarchy", "region,shop", "--set", "series=region,shop")
    rows = rows_of(capsys.readouterr().out)
    assert {(r["region"], r["shop"]) for r in rows if r["shop"] == "(total)"} == {
        ("(total)", "(total)"), ("north", "(total)"), ("south", "(total)")
    }  # fmt: skip
    rows = shop_rows((("north", "a"), ("north", "b"), ("south", "c")))
    two = [f"{row},{number % 5}" for number, row in enumerate(rows)]
    (by_shop / "shops.csv").write_text("\n".join(["region,shop,month,sold,visits", *two, ""]))
    with pytest.raises(UsageError, match=r"these do: shop, series\. --set series=region,shop takes them"):
        run("-q", "--target", "sold,visits", "--hierarchy", "region,shop")


@pytest.mark.parametrize("column", ["sold", ""])
def test_what_names_no_series_has_no_such_word(by_shop, column):
    with pytest.raises(UsageError, match=f"'{column}' tells no series apart; these do: shop.$"):
        run("-q", "--sum-over", f"shop,{column}")


def test_a_total_among_the_series_is_left_out_as_the_message_says(here, capsys):
    columns = [[float(line.rsplit(",", 1)[1]) for line in shop_rows(SHOPS[k : k + 1])] for k in (0, 1)]
    months = [line.split(",")[2] for line in shop_rows(SHOPS[:1])]
    rows = [f"{m},{a:.3f},{b:.3f},{a + b:.3f}" for m, a, b in zip(months, *columns, strict=True)]
    (here / "shops.csv").write_text("\n".join(["month,a,b,Total", *rows, ""]))
    wanted = "-q", "--sum-over", "series", "--set", "target=a,b,Total"
    with pytest.raises(UsageError, match=r"would count twice: --set totals=drop leaves it out$"):
        run(*wanted)
    run(*wanted, "--set", "totals=drop")
    assert {r["series"] for r in rows_of(capsys.readouterr().out)} == {"a", "b", "(total)"}


def test_series_of_a_hierarchy_end_together(here):
    rows = [*shop_rows(SHOPS[:3]), *shop_rows(SHOPS[3:], months=34)]
    (here / "shops.csv").write_text("\n".join(["region,shop,month,sold", *rows, ""]))
    with pytest.raises(UsageError, match=r"1 series ends before the others \(south c\)"):
        run("-q", "--hierarchy", "region,shop")
