"""Covariates through the command line: training with them, the rows to fill in, and forecasts."""

import csv
import io
import json
import math
import subprocess
from datetime import datetime, timedelta

import pandas as pd
import pytest
from warm_program import warm_program

from lstmcli import load
from lstmcli.errors import DataError, UsageError
from lstmcli.jobs.forecast_options import ForecastOptions
from lstmcli.jobs.many_files.file_task import FileJob, forecast_file
from lstmcli.model_file import read_model

SETTINGS = ("target=y", "static=region,size", "past=sky", "future=promo,heat", "holidays=DE")
QUICK = ("steps=12", "hidden=8", "processes=1", "baseline=seasonal")


def shop_rows():
    """Two shops, 60 days: text, number and holiday covariates, up to the end of April."""
    for shop, region, size in (("n", "east", 10), ("s", "west", 2000)):
        for day in range(60):
            date = (datetime(2024, 3, 2) + timedelta(days=day)).strftime("%Y-%m-%d")
            promo = "sale" if day % 5 == 0 else "none"
            heat = size * math.cos(day)
            y = size * (5 + math.sin(day * 2 * math.pi / 7) + (promo == "sale")) + heat
            yield [shop, region, size, date, f"{y:.3f}", promo, f"{heat:.3f}", "rain" if day % 3 else "sun"]


HEADER = ["shop", "region", "size", "time", "y", "promo", "heat", "sky"]


def text_of(rows, header=HEADER):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


@pytest.fixture(scope="module")
def shop(tmp_path_factory, environment):
    """Runs the program in a folder with a trained model and its data."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.csv").write_text(text_of(shop_rows()))

    def run(*arguments, text=None):
        return subprocess.run(
            [warm_program(), *map(str, arguments)],
            cwd=folder,
            env=environment,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    sets = [part for setting in (*SETTINGS, *QUICK) for part in ("--set", setting)]
    done = run("train", "shop.csv", "--horizon", 5, *sets)
    assert done.returncode == 0, done.stderr
    assert "promo (category)" in done.stderr
    run.folder = folder
    return run


def test_the_rows_to_fill_in_go_round(shop):
    template = shop("predict", "--make-future", 5)
    assert (template.returncode, template.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(template.stdout)))
    assert list(rows[0]) == ["shop", "time", "region", "size", "promo", "heat"]
    assert [row["time"] for row in rows] == [f"2024-05-0{day}" for day in range(1, 6)] * 2
    assert {(row["shop"], row["region"], row["size"]) for row in rows} == {
        ("n", "east", "10"),
        ("s", "west", "2000"),
    }
    for row in rows:
        assert row["promo"] == row["heat"] == ""
        row |= {"promo": "sale" if row["time"].endswith("2") else "none", "heat": 0.5 * int(row["size"])}
    filled = text_of([row.values() for row in rows], rows[0])
    done = shop("predict", "--future", "-", text=filled)
    assert (done.returncode, done.stderr) == (0, "")
    # The same rows at the end of the data, with an empty target, give the same forecast.
    given = [[r["shop"], r["region"], r["size"], r["time"], "", r["promo"], r["heat"], ""] for r in rows]
    (shop.folder / "longer.csv").write_text(text_of([*shop_rows(), *given]))
    longer = shop("predict", "longer.csv")
    assert longer.stdout == done.stdout
    # There is nothing left to fill in.
    assert shop("predict", "longer.csv", "--make-future", 5).stdout == "shop,time,region,size,promo,heat\n"
    refused = shop("predict", "longer.csv", "--future", "-", text=filled)
    assert refused.returncode == 65
    assert "[future-rows]" in refused.stderr


def test_conditions_name_numbers_of_series_and_columns_known_ahead(shop):
    rows = list(csv.DictReader(io.StringIO(shop("predict", "--make-future", 5).stdout)))
    for number, row in enumerate(rows):
        row |= {"promo": "none", "heat": 0.25 * number}
    filled = text_of([row.values() for row in rows], rows[0])
    plain = shop("predict", "--future", "-", text=filled)
    for condition, said in (
        ("size > 10 and heat > 1.6 and forecast > -1e9", "s: above -1e+09 from 2024-05-03 on, more than "),
        ("size == 10 and heat == 0.5", "n: heat == 0.5 (0.5 and 0.5) first at 2024-05-03"),
    ):
        done = shop("predict", "--future", "-", "--fail-on", condition, text=filled)
        assert (done.returncode, done.stdout) == (3, plain.stdout)
        told = done.stderr.splitlines()
        assert told[0] == f"lstmcli: --fail-on '{condition}' holds for 1 of 2 series:"
        assert told[1].startswith(f"lstmcli: {said}")
    quiet = shop("predict", "--future", "-", "--fail-on", "heat > size", text=filled)
    assert (quiet.returncode, quiet.stderr) == (0, "")
    done = shop("predict", "gone.csv", "--fail-on", "forecast > 1 or sky > 1")
    assert done.returncode == 2
    assert "'sky' is a category and no number; at character 17" in done.stderr


def plan_of(shop, **cells):
    """The rows to fill in, with these cells."""
    rows = list(csv.DictReader(io.StringIO(shop("predict", "--make-future", 5).stdout)))
    filled = [row | {"promo": "none", "heat": 0.1} | cells for row in rows]
    return text_of([row.values() for row in filled], rows[0])


def test_why_adds_parts_that_add_up_and_changes_nothing_else(shop):
    plan = plan_of(shop)
    plain = shop("predict", "--future", "-", text=plan)
    done = shop("predict", "--future", "-", "--why", text=plan)
    assert done.returncode == 0
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    parts = [name for name in rows[0] if name.startswith("why_")]
    covariates = ["why_size", "why_heat", "why_region", "why_sky", "why_promo", "why_holidays"]
    assert parts == ["why_level", "why_season", "why_last", *covariates]
    assert [",".join(list(row.values())[: -len(parts)]) for row in rows] == plain.stdout.splitlines()[1:]
    for row in rows:
        assert sum(float(row[part]) for part in parts) == pytest.approx(float(row["forecast"]), rel=1e-9)
    first, second, third = done.stderr.splitlines()
    assert first == "note: of 8 parts 84 of 256 combinations are averaged; they still add up"
    assert second.startswith("why: n 2024-05-0")
    assert " level" in third
    as_json = shop("predict", "--future", "-", "--why", "--format", "ndjson", text=plan)
    assert [float(r["why_promo"]) for r in rows] == [
        json.loads(line)["why_promo"] for line in as_json.stdout.splitlines()
    ]


def test_a_second_plan_is_compared_with_the_first(shop):
    plan = plan_of(shop)
    (shop.folder / "same.csv").write_text(plan)
    (shop.folder / "sale.csv").write_text(plan_of(shop, promo="sale"))
    plain = shop("predict", "--future", "-", "--level", 80, text=plan)
    other = shop("predict", "--future", "sale.csv", "--level", 80)
    same = shop("predict", "--future", "-", "--what-if", "same.csv", "--level", 80, text=plan)
    assert (same.returncode, same.stderr) == (0, "what if: n: 0 over 5 days\nwhat if: s: 0 over 5 days\n")
    rows = list(csv.DictReader(io.StringIO(same.stdout)))
    assert list(rows[0]) == [
        *("shop", "time", "forecast", "forecast_what_if", "difference"),
        *("q0.1", "q0.1_what_if", "q0.9", "q0.9_what_if"),
    ]
    assert {row["difference"] for row in rows} == {"0.0"}
    assert all(row["q0.1"] == row["q0.1_what_if"] for row in rows)
    done = shop("predict", "--future", "-", "--what-if", "sale.csv", "--level", 80, text=plan)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    for row, first, second in zip(rows, csv.DictReader(io.StringIO(plain.stdout)),
                                  csv.DictReader(io.StringIO(other.stdout)), strict=True):  # fmt: skip
        assert (row["forecast"], row["q0.9"]) == (first["forecast"], first["q0.9"])
        assert float(row["forecast_what_if"]) == pytest.approx(float(second["forecast"]), abs=2e-3)
        apart = float(row["forecast_what_if"]) - float(row["forecast"])
        assert float(row["difference"]) == pytest.approx(apart, abs=1e-9)
    gain = sum(float(row["difference"]) for row in rows[:5])
    assert done.stderr.startswith(f"what if: n: {gain:+.4g}"[:15])
    model = load(shop.folder / "model.safetensors")
    paths = {name: str(shop.folder / f"{name}.csv") for name in ("shop", "same", "sale")}
    table = model.predict(paths["shop"], future=paths["same"], what_if=paths["sale"], levels=80)
    assert table["difference"].tolist() == [float(row["difference"]) for row in rows]
    page = model.report(paths["shop"], future=paths["same"], what_if=paths["sale"])
    assert "what if (median)" in page
    with pytest.raises(UsageError, match="hierarchy: the model reads covariates, which totals have not"):
        model.predict(paths["shop"], hierarchy="shop")
    # The plan may stand in the data, too.
    given = [[r["shop"], "east" if r["shop"] == "n" else "west", 10 if r["shop"] == "n" else 2000, r["time"],
              "", "none", 0.1, ""] for r in rows]  # fmt: skip
    (shop.folder / "with_plan.csv").write_text(text_of([*shop_rows(), *given]))
    again = shop("predict", "with_plan.csv", "--what-if", "sale.csv", "--level", 80)
    assert again.stdout == done.stdout


def test_a_hierarchy_is_refused_before_a_plan_is_asked_for(shop):
    refused = shop("predict", "--hierarchy", "shop")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "the model reads covariates, which totals have not: --sum-over adds up" in refused.stderr


def test_a_second_plan_is_checked_as_the_first(shop):
    plan = plan_of(shop)
    (shop.folder / "plan.csv").write_text(plan)
    (shop.folder / "short.csv").write_text("".join(plan.splitlines(keepends=True)[:-2]))
    short = shop("predict", "--future", "plan.csv", "--what-if", "short.csv")
    assert short.returncode == 65
    assert "missing for 2 rows: s 2024-05-04 to 2024-05-05. Add them to the file of --what-if" in short.stderr
    (shop.folder / "hole.csv").write_text(plan.replace("none,0.1", "none,", 1))
    hole = shop("predict", "--future", "plan.csv", "--what-if", "hole.csv")
    assert (hole.returncode, hole.stdout) == (65, "")
    assert "hole.csv:2:heat: the covariate is missing here" in hole.stderr
    alone = shop("predict", "--what-if", "plan.csv")
    assert alone.returncode == 65
    assert (
        "give them with --future FILE: --what-if compares its plan with that one; --make-future 5"
        in alone.stderr
    )
    (shop.folder / "gift.csv").write_text(plan_of(shop, promo="gift"))
    gift = shop("predict", "--future", "plan.csv", "--what-if", "gift.csv", "-o", "gift_out.csv")
    first, *rest = gift.stderr.splitlines()
    assert first.startswith("warning: --what-if: ")
    assert "gift" in first
    assert all(line.startswith("what if: ") for line in rest)
    both = shop("predict", "--future", "-", "--what-if", "-", text=plan)
    assert (both.returncode, both.stderr) == (
        2,
        "lstmcli: --what-if -: standard input is read for --future already\n",
    )


def test_missing_rows_are_named(shop):
    done = shop("predict")
    assert (done.returncode, done.stdout) == (65, "")
    assert done.stderr == (
        "lstmcli: Future values of heat, promo are missing for 10 rows: n 2024-05-01 to 2024-05-05; "
        "s 2024-05-01 to 2024-05-05. Add them with an empty target, or give them with --future FILE; "
        "--make-future 5 prints that file to fill in [missing-future]\n"
    )


def test_a_new_series_is_named_before_its_missing_rows(shop):
    (shop.folder / "new.csv").write_text(text_of([["x", *row[1:]] for row in shop_rows() if row[0] == "n"]))
    filled = shop("predict", "--make-future", 5).stdout
    done = shop("predict", "new.csv", "--future", "-", "--on-new-series", "error", text=filled)
    assert (done.returncode, done.stdout) == (65, "")
    assert done.stderr == "lstmcli: new.csv: 1 series not seen in training: x [new-series]\n"


def test_everything_that_forecasts_refuses_missing_rows(shop):
    path = shop.folder / "model.safetensors"
    model = read_model(path)
    checked = shop("check", "shop.csv", "-m", "model.safetensors")
    assert checked.returncode == 65
    said = " ".join(checked.stdout.split())  # it is wrapped
    assert "Future values of heat, promo are missing for 10 rows: n 2024-05-01 to" in said
    with pytest.raises(DataError, match="are missing for 10 rows") as caught:
        load(path).forecast(pd.read_csv(shop.folder / "shop.csv"))
    assert caught.value.kind == "missing-future"
    job = FileJob(model, model.contract.options, ForecastOptions(), "csv", several=False)
    facts = forecast_file(job, str(shop.folder / "shop.csv"), "shop.csv").facts
    assert "are missing for 10 rows" in str(facts.error)


def test_a_template_that_is_not_filled_in_names_its_first_cell(shop):
    done = shop("predict", "--future", "-", text=shop("predict", "--make-future", 5).stdout)
    assert done.stderr == (
        "lstmcli: standard input:2:promo: the covariate is missing here (10 of 10 rows) [missing-covariate]\n"
    )


def test_a_category_that_the_model_has_not_seen_is_told_and_forecast(shop):
    rows = [[s, f"2024-05-0{d}", p, 1] for s in "ns" for d, p in zip(range(1, 6), "xxyzw", strict=True)]
    text = text_of(rows, ["shop", "time", "promo", "heat"])
    done = shop("predict", "--future", "-", text=text)
    assert done.returncode == 0
    assert done.stderr == (
        "warning: 10 rows have a promo that the model has not seen: 'w', 'x', 'y' and 1 more; "
        "they are forecast as an unknown one [unseen-category]\n"
    )
    other = shop("predict", "--future", "-", "-q", text=text.replace(",x,", ",w,").replace(",z,", ",v,"))
    assert (other.stdout, other.stderr) == (done.stdout, "")  # all that is unseen is the same


def test_what_is_unseen_has_a_trained_row_of_its_own(shop):
    model = read_model(shop.folder / "model.safetensors")
    assert model.network.scaling.categories == (("east", "west"), ("rain", "sun"), ("none", "sale"))
    for name in ("static.0", "past.0", "future.0"):
        table = model.network.weights[f"members.0.tables.{name}"]
        assert table.shape == (3, 2)
        assert (table != 0).any(axis=1).all()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--future", "x.csv", "--make-future", 3], "--make-future prints the rows that --future reads"),
        (["-", "--future", "-"], "--future -: standard input is read for the data already"),
        (["--make-future", 0], "--make-future"),
    ],
    ids=["both", "twice standard input", "none"],
)
def test_a_wrong_use_of_future_rows_gives_2(shop, arguments, said):
    done = shop("predict", *arguments, text="")
    assert done.returncode == 2
    assert said in done.stderr


def test_a_model_without_covariates_known_ahead_needs_no_rows(shop, trained):
    done = shop("predict", "-m", trained.model, "--make-future", 3)
    assert done.returncode == 2
    assert "has no covariates that are known ahead" in done.stderr


def test_the_gates_of_a_model_with_covariates_are_shown(shop):
    done = shop("inspect-gates", "--format", "json", "--trace", "trace.csv")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["gates"]) == 4


def test_an_unknown_country_is_a_wrong_setting(shop):
    done = shop(
        "train", "shop.csv", "-m", "other.safetensors", "--set", "holidays=US-NYC", "--set", "target=y"
    )
    assert done.returncode == 78
    assert "US has no part 'NYC'. Did you mean 'NY'?" in done.stderr
