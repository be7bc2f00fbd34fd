"""train, predict, backtest and inspect-gates with --html: what they say, and how a browser takes them."""

import html
import json
import math
import re
import shutil
import subprocess
from datetime import date, timedelta
from itertools import pairwise

import pandas as pd
import pytest
from builders import Page
from markupsafe import Markup
from warm_program import warm_program

from lstmcli.model_file import read_model
from lstmcli.reports.html.markup import html_page

NASTY = '<script>alert("1")</script>'
NAMES = (NASTY, "b & c", "$x^2$ Zürich")
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--enable-logging=stderr", "--virtual-time-budget=4000",
)  # fmt: skip
WIDTHS = (375, 1280)
# The page within another, which measures it at each width: the page itself has no scripts.
HARNESS = """<!DOCTYPE html><meta charset="utf-8"><pre id="result"></pre>{frames}<script>
onload = () => document.getElementById("result").textContent = JSON.stringify(
  [...document.querySelectorAll("iframe")].map(({{contentWindow: frame}}) => {{
    const page = frame.document, select = page.querySelector("select");
    const shown = () => [...page.querySelectorAll(".choice")].map(c => frame.getComputedStyle(c).display);
    const first = shown();
    if (select) select.selectedIndex = 1;
    return {{
      inside: frame.innerWidth, wide: page.documentElement.scrollWidth, first: first, second: shown(),
      charts: [...page.querySelectorAll(".plot svg")].map(s => s.clientWidth).filter(w => w),
      text: page.body.innerText.length,
    }};
  }}));
</script>"""
FRAME = '<iframe style="border:0;width:{width}px;height:900px" srcdoc="{page}"></iframe>'


def run(environment, folder, *arguments):
    done = subprocess.run(
        [warm_program(), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def reports(tmp_path_factory, environment):
    """A folder with a model of three series, and the pages of all commands that write one."""
    folder = tmp_path_factory.mktemp("reports")
    rows = ["shop,day,sales"]
    for k, name in enumerate(NAMES):
        quoted = '"' + name.replace('"', '""') + '"'
        for day in range(90):
            value = (k + 1) * (100 + 20 * math.sin(2 * math.pi * day / 7) + day % 5)
            text = "" if day == 50 else f"{value:.2f}"
            rows.append(f"{quoted},{date(2024, 1, 1) + timedelta(day)},{text}")
    (folder / "sales.csv").write_text("\n".join([*rows, ""]), encoding="utf-8")
    settings = [part for setting in ("steps=20", "hidden=8", "processes=1") for part in ("--set", setting)]
    run(environment, folder, "train", "sales.csv", "-q", "--html", "train.html", *settings)
    run(environment, folder, "predict", "-q", "--html", "predict.html", "-o", "forecast.csv")
    run(environment, folder, "backtest", "-m", "model.safetensors", "-q", "--html", "backtest.html")
    run(environment, folder, "inspect-gates", "--html", "gates.html", "-o", "gates.txt")
    return folder


def text_of(folder, name):
    return (folder / f"{name}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["train", "predict"])
def test_a_report_tells_what_the_model_file_holds(reports, name):
    page = Page(text_of(reports, name))
    text, model = page.all_text(), read_model(reports / "model.safetensors")
    scores = model.report["validation"]
    for errors in scores["errors"].values():
        assert f"{errors['mae']:.4g}{errors['smape']:.2f} %{errors['mase']:.3f}" in text
    for level, share in scores["coverage"].items():
        assert f"{level} %{share:.1%}" in text
    for setting in model.settings:
        assert setting in text
    assert f"lstmcli {name} " in text
    assert "3 missing" in text
    assert str(reports) not in text


def test_the_report_of_training_shows_the_course_of_each_member(reports):
    page, model = Page(text_of(reports, "train")), read_model(reports / "model.safetensors")
    text = page.all_text()
    for number, member in enumerate(model.report["members"], 1):
        assert f"Member {number}" in text
        assert f"{member['steps']} steps, kept {member['best_step']}." in text
    pictures = [a["aria-label"] for tag, a in page.tags if tag == "svg" and "width" in a]
    assert pictures == ["memory gates over time", "half lives"]


def test_the_report_of_a_forecast_holds_its_numbers(reports):
    text = Page(text_of(reports, "predict")).all_text()
    rows = (reports / "forecast.csv").read_text(encoding="utf-8").splitlines()
    for row in rows[1:]:
        time, median = row.split(",")[-11:-9] if '"' in row else row.split(",")[1:3]
        assert time in text
        # Six digits of the largest number; smaller ones have as many decimals.
        assert any(f"{float(median):,.{decimals}f}" in text for decimals in range(2, 6))


@pytest.mark.parametrize("name", ["train", "predict", "backtest"])
def test_names_stay_text_and_nothing_is_loaded(reports, name):
    page = Page(text_of(reports, name))
    assert NASTY in page.all_text()
    for tag, attributes in page.tags:
        assert tag not in {"script", "link", "iframe", "object", "base", "form", "a"}
        assert not any(key.startswith("on") for key in attributes)
        assert attributes.get("src", "data:").startswith("data:image/png;base64,") or "src" not in attributes
        assert tag != "svg" or (attributes["role"] == "img" and attributes["aria-label"])
        assert tag != "th" or attributes["scope"] in ("row", "col")
    assert not re.search(r"https?:|url\(|@import", "".join(page.scripts))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_report_is_the_same_every_time(reports, environment, tmp_path):
    for name in ("sales.csv", "model.safetensors"):
        shutil.copy(reports / name, tmp_path)
    run(environment, tmp_path, "predict", "-q", "--html", "predict.html", "-o", "forecast.csv")
    assert text_of(tmp_path, "predict") == text_of(reports, "predict")


def browsed(text, folder):
    """What the harness measured of a page at each width, and what the browser wrote on its console."""
    harness = folder / "harness.html"
    frames = "".join(FRAME.format(width=width, page=html.escape(text)) for width in WIDTHS)
    harness.write_text(HARNESS.format(frames=frames), encoding="utf-8")
    done = subprocess.run(
        [BROWSER, *FLAGS, f"--user-data-dir={folder}/profile", "--window-size=1400,1000", "--dump-dom",
         harness.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip
    found = re.search(r'<pre id="result">(.+?)</pre>', done.stdout)
    assert found, done.stderr
    console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
    return json.loads(html.unescape(found.group(1))), console


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
@pytest.mark.parametrize("name", ["train", "predict", "backtest", "gates"])
def test_a_browser_shows_the_page_whole(reports, tmp_path, name):
    measured, console = browsed(text_of(reports, name), tmp_path)
    assert console == []  # a page that wanted to load or run anything would be told of its policy
    for seen, width in zip(measured, WIDTHS, strict=True):
        assert (seen["inside"], seen["wide"]) == (width, width)
        assert seen["text"] > 500
        assert all(200 < chart < width for chart in seen["charts"])
        if name != "gates":
            assert seen["charts"]
            assert seen["first"] == ["block", "none", "none"]
            assert seen["second"] == ["none", "block", "none"]


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
def test_the_browser_tells_what_is_wrong_with_a_page(tmp_path):
    wrong = '<p style="width:900px">wide</p><img src="none.png"><script>document.title = "x"</script>'
    measured, console = browsed(html_page("wrong", [Markup(wrong)]), tmp_path)
    assert measured[0]["wide"] > 375
    assert measured[1]["wide"] == 1280
    told = "\n".join(console)
    assert "none.png" in told
    assert "script" in told


def test_a_page_beside_a_parquet_file_is_that_beside_text(reports, tmp_path, environment):
    pytest.importorskip("pyarrow")
    for name in ("sales.csv", "model.safetensors"):
        shutil.copy(reports / name, tmp_path / name)
    more = ("-o", "forecast.parquet", "--format", "parquet")
    run(environment, tmp_path, "predict", "-q", "--html", "predict.html", *more)
    page = text_of(tmp_path, "predict").replace("forecast.parquet --format parquet", "forecast.csv")
    assert page == text_of(reports, "predict")
    wanted = pd.read_csv(reports / "forecast.csv", parse_dates=["day"])
    made = pd.read_parquet(tmp_path / "forecast.parquet")
    pd.testing.assert_frame_equal(made, wanted, check_dtype=False)
