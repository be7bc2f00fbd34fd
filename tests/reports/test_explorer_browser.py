"""The explorer in a browser: its numbers are those of the trace, whatever is picked and however."""

import csv
import re
from dataclasses import replace

import numpy as np
import pytest
from browser import needs_driver
from builders import ARCH, network_of, panel_of, wave

from lstmcli.cli.commands.inspect_gates import inspect_gates
from lstmcli.gates.explorer import explorer_windows
from lstmcli.gates.inspection import inspect_member
from lstmcli.network.builtin_file import named_model
from lstmcli.network.cells import LETTERS
from lstmcli.reports.html.gate_page import gate_page
from lstmcli.tables.write.tables import trace_table

pytestmark = needs_driver
BUILTIN = named_model("builtin")
NASTY = '<img src=x onerror="document.title=1">'
RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
SHOWN = (
    "return Object.fromEntries([...document.querySelectorAll('#{} [data-of]')]"
    ".map(one => [one.dataset.of, one.textContent]))"
)
POINTED = "return document.getElementById('pointed').textContent"
BACKGROUND = "return getComputedStyle(document.body).backgroundColor"
COLUMNS = {
    "f": "forget",
    "i": "input",
    "g": "candidate",
    "o": "output",
    "c": "cell_state",
    "h": "hidden_state",
}


def number(text):
    """A number as the page writes it."""
    figure, _, power = text.replace("−", "-").partition("·10")
    return float(figure) * 10.0 ** int(power.translate(RAISED) or 0)


@pytest.fixture(scope="module")
def explored(tmp_path_factory):
    """A page of the built-in network on two short series of months, and the rows of its trace."""
    folder = tmp_path_factory.mktemp("explored")
    rows = ["name,time,value"]
    for k, name in enumerate((NASTY, "b")):
        quoted = '"' + name.replace('"', '""') + '"'
        for month in range(60):
            value = 100 + 30 * k + month / 3 + 20 * ((month * (5 + k)) % 12 > 5)
            rows.append(f"{quoted},{1990 + month // 12}-{month % 12 + 1:02d}-01,{value}")
    (folder / "data.csv").write_text("\n".join([*rows, ""]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENBLAS_NUM_THREADS", "1")
        page = folder / "gates.html"
        inspect_gates(
            [str(folder / "data.csv")],
            BUILTIN,
            output=str(folder / "g.txt"),
            out=folder,
            html=str(page),
            windows=20,
        )
    with open(folder / "explorer.csv") as file:
        trace = {}
        for row in csv.DictReader(file):
            trace.setdefault((row["name"], row["origin"]), {})[int(row["step"]), int(row["unit"])] = row
    return page, trace


@pytest.fixture
def show(browser, explored):
    """Opens the page at a choice."""

    def make(address="", width=1280, scheme="light"):
        browser.look(width, scheme)
        browser.open(explored[0], address)
        browser.wait("document.getElementById('explorer').dataset.ready")
        return browser

    return make


def row_of(trace, name, origin, step, unit):
    """The row of a choice, counted as in the address."""
    return [rows for (series, _), rows in trace.items() if series == name][origin - 1][step, unit]


def four_digits(text):
    return float(f"{float(text):.3e}")


@pytest.mark.parametrize(("series", "origin", "unit", "step"), [(1, 3, 5, 2), (2, 20, 256, 5), (2, 1, 77, 1)])
def test_the_numbers_shown_are_those_of_the_trace_and_add_up(show, explored, series, origin, unit, step):
    browser = show(f"#series={series}&origin={origin}&unit={unit}&step={step}")
    name = (NASTY, "b")[series - 1]
    row = row_of(explored[1], name, origin, step, unit)
    expected = {letter: four_digits(row[column]) for letter, column in COLUMNS.items()}
    for place in ("equations", "strips", "cell"):
        told = {key: number(text) for key, text in browser.run(SHOWN.format(place)).items()}
        assert {key: told[key] for key in expected} == expected, place
    before = row_of(explored[1], name, origin, step - 1, unit) if step > 1 else {"cell_state": "0"}
    assert told["c_prev"] == four_digits(before["cell_state"])
    v = expected
    assert told["kept"] == pytest.approx(v["f"] * told["c_prev"], rel=6e-4)
    assert told["added"] == pytest.approx(v["i"] * v["g"], rel=6e-4)
    size = abs(told["kept"]) + abs(told["added"])
    assert v["c"] == pytest.approx(told["kept"] + told["added"], abs=3e-4 * size)


def test_the_equation_is_filled_in(show, explored):
    browser = show("#series=2&origin=2&unit=9&step=3")
    filled = browser.run("return document.querySelectorAll('#equations .filled')[4].textContent")
    left, result = filled.replace("−", "-").split(" = ")
    factors = [float(x.strip("()")) for x in re.findall(r"\(?-?[\d.]+\)?", left)]
    row = row_of(explored[1], "b", 2, 3, 9)
    wanted = [four_digits(row[k]) for k in ("forget", "input", "candidate", "cell_state")]
    assert [factors[0], factors[2], factors[3], number(result)] == wanted
    assert factors[0] * factors[1] + factors[2] * factors[3] == pytest.approx(wanted[3], rel=2e-3)


INSIDE = {"f": "forget", "i": "input", "g": "candidate", "o": "output"}


@pytest.mark.parametrize(("origin", "unit", "step"), [(2, 9, 3), (1, 77, 1)])
def test_what_stands_inside_a_gate_adds_up_and_gives_it(show, explored, origin, unit, step):
    browser = show(f"#series=2&origin={origin}&unit={unit}&step={step}")
    told = {key: number(text) for key, text in browser.run(SHOWN.format("equations")).items()}
    row = row_of(explored[1], "b", origin, step, unit)
    for letter, column in INSIDE.items():
        x, h, bias, total = (told[f"{letter}_{term}"] for term in ("x", "h", "b", "sum"))
        assert x + h + bias == pytest.approx(total, abs=1e-9)
        gate = np.tanh(total) if letter == "g" else 1 / (1 + np.exp(-total))
        assert gate == pytest.approx(float(row[column]), rel=7e-4, abs=1e-9)
        assert step > 1 or abs(h) <= 0.0015  # no hidden state before the first step; all are rounded


def test_what_is_left_of_the_state_is_the_product_of_the_forget_gates(show, explored):
    browser = show("#series=2&origin=20&unit=9&step=2")
    said = browser.run("return document.getElementById('said').textContent")
    kept = [float(row_of(explored[1], "b", 20, step, 9)["forget"]) for step in (2, 3, 4, 5)]
    shares = [float(share) / 100 for share in re.findall(r"([\d.]+) %", said)]
    assert shares[0] == pytest.approx(kept[0], abs=0.006)
    assert shares[3] == pytest.approx(kept[1] * kept[2] * kept[3], abs=0.006)


def chosen(browser):
    pairs = browser.run("return Object.fromEntries(new URLSearchParams(location.hash.slice(1)))")
    return {key: value if "-" in value else int(value) for key, value in pairs.items()}


def test_keys_move_through_steps_and_units(show):
    browser = show("#series=2&origin=20&unit=9&step=3")
    browser.press("ArrowRight")
    browser.wait("location.hash.includes('step=4')")
    browser.press("ArrowLeft")
    browser.press("ArrowLeft")
    browser.wait("location.hash.includes('step=2')")
    order = browser.run("return [...document.getElementById('unit').options].map(o => Number(o.value) + 1)")
    browser.run("document.getElementById('explorer-body').focus()")
    browser.press("ArrowDown")
    browser.wait(f"location.hash.includes('unit={order[order.index(9) + 1]}&')")
    browser.press("ArrowRight", shift=True)
    browser.wait("location.hash.includes('range=2-3')")
    assert browser.complaints() == []


def place_of(browser, step, steps=5):
    """The middle of a step on the strip of the forget gate, in pixels of the window."""
    browser.run("document.getElementById('strips').scrollIntoView()")
    box = browser.run("return document.querySelector('#strips .back').getBoundingClientRect().toJSON()")
    return box["x"] + box["width"] * (step - 0.5) / steps, box["y"] + 10


def test_a_pull_over_steps_picks_a_range_and_shows_what_behaves_alike(show):
    browser = show("#series=2&origin=20&unit=9&step=1")
    browser.drag(place_of(browser, 2), place_of(browser, 4))
    browser.wait("location.hash.includes('range=2-4')")
    browser.run(
        "const bound = document.getElementById('threshold'); bound.value = 0; "
        "bound.dispatchEvent(new Event('input'))"
    )
    browser.wait("document.querySelectorAll('#alike-units button').length > 0")
    browser.wait("document.querySelector('#alike-windows .match')")
    before = browser.run("return location.hash")
    browser.run("document.querySelector('#alike-windows .match').click()")
    browser.wait(f"location.hash !== '{before}'")
    assert browser.complaints() == []


def test_a_touch_picks_a_step_and_one_on_a_map_a_unit(show):
    browser = show("#series=2&origin=20&unit=9&step=1", width=390)
    browser.touch(*place_of(browser, 3))
    browser.wait("location.hash.includes('step=3')")
    browser.run("document.querySelector('#maps canvas').scrollIntoView()")
    box = browser.run("return document.querySelector('#maps canvas').getBoundingClientRect().toJSON()")
    browser.touch(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.502)
    order = browser.run("return [...document.getElementById('unit').options].map(o => Number(o.value) + 1)")
    browser.wait(f"/unit={order[128]}&step=5/.test(location.hash)")


def test_play_goes_through_the_steps(show):
    browser = show("#series=2&origin=20&unit=9&step=5")
    browser.run("document.getElementById('play').click()")
    browser.wait("location.hash.includes('step=1')")
    browser.wait("location.hash.includes('step=2')")
    browser.run("document.getElementById('play').click()")
    assert browser.run("return document.getElementById('play').textContent") == "Play"


def test_a_value_is_read_where_the_pointer_is(show):
    browser = show("#series=2&origin=20&unit=9&step=5")
    x, _ = place_of(browser, 1)
    browser.tell("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=40)
    assert re.match(r"199\d-\d\d-01: 1\d\d\.?\d*\. Unit 9, ", browser.run(POINTED))


@pytest.mark.parametrize(
    ("cell", "names"),
    [("gru", {"r": "reset", "z": "update", "n": "candidate"}), ("rnn", {}), ("lstm", {"f": "forget"})],
)
def test_every_cell_has_its_numbers(browser, tmp_path, cell, names):
    network, panel = network_of(replace(ARCH, cell=cell, layers=2)), panel_of(wave(100))
    held = explorer_windows(network, panel, np.array([0]), 3)
    page = tmp_path / "page.html"
    page.write_text(gate_page(inspect_member(network, panel, 20), {}, "load", held), encoding="utf-8")
    browser.look(390)
    browser.open(page, "#origin=2&layer=2&unit=4&step=3")
    browser.wait("document.getElementById('explorer').dataset.ready")
    layer = held.traced.layers[1]
    expected = {letter: layer.gates[gate][1, 2, 3] for letter, gate in names.items()} | {
        "h": layer.h[1, 2, 3]
    }
    for place in ("equations", "cell"):
        told = browser.run(SHOWN.format(place))
        assert {letter: number(told[letter]) for letter in expected if letter in told} == {
            letter: four_digits(value) for letter, value in expected.items() if letter in told
        }
    assert number(told["h_prev"]) == four_digits(layer.h[1, 1, 3])
    told, inside = browser.run(SHOWN.format("equations")), held.parts[1]
    for k, letter in enumerate("a" if cell == "rnn" else LETTERS[cell]):
        terms = (inside.of_input[k, 1, 2, 3], inside.of_hidden[k, 1, 2, 3], inside.bias[k, 3])
        for name, term in zip("xhb", terms, strict=True):
            assert number(told[f"{letter}_{name}"]) == pytest.approx(term, abs=0.0016)
    assert browser.complaints() == []


def test_padding_of_a_short_series_is_seen_and_step_1_is_the_first_that_reads_a_value(browser, tmp_path):
    network, panel = network_of(ARCH), panel_of(wave(100), wave(6))  # steps of 4 values, 3 of them
    held = explorer_windows(network, panel, np.array([0, 1]), 2)
    table = trace_table(held.traced, panel, network.arch, "time", None, origin="origin")
    last = table[table["id"] == "b"].iloc[-3 * 6 :]
    page = tmp_path / "page.html"
    page.write_text(gate_page(inspect_member(network, panel, 20), {}, "load", held), encoding="utf-8")
    browser.look(390)
    for step, where in ((0, "Step 0 reads padding: the series begins at step 1."), (1, "Step 1 of 2 reads ")):
        browser.open(page, f"#series=2&origin=3&unit=5&step={step}")
        browser.wait("document.getElementById('explorer').dataset.ready")
        row = last[(last["step"] == step) & (last["unit"] == 5)].iloc[0]
        told = browser.run(SHOWN.format("equations"))
        assert number(told["c"]) == four_digits(row["cell_state"])
        assert where in browser.run("return document.getElementById('where').textContent")
        assert chosen(browser)["step"] == step
        assert ("padding" in browser.run("return document.getElementById('cell').textContent")) == (step < 1)
    assert browser.run("return document.getElementById('step').min") == "0"
    assert "padding" in browser.run("return document.getElementById('strips').textContent")
    assert browser.complaints() == []


def test_paper_is_light(show):
    browser = show("#step=2", scheme="dark")
    dark = browser.run(BACKGROUND)
    browser.tell(
        "Emulation.setEmulatedMedia",
        media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}],
    )  # fmt: skip
    assert (dark, browser.run(BACKGROUND)) == ("rgb(21, 23, 26)", "rgb(255, 255, 255)")


INK_OF_PICTURES = """
const one = part => getComputedStyle(document.querySelector(`.picture svg ${part}`)).fill;
return [one('text'), one('g > path')];
"""


def test_pictures_are_dark_where_the_page_is_and_light_on_paper(show):
    browser = show("#step=2")
    ink, paper = "rgb(28, 28, 28)", "rgb(255, 255, 255)"
    assert browser.run(INK_OF_PICTURES) == [ink, paper]
    browser.look(390, "dark")
    assert browser.run(INK_OF_PICTURES) == ["rgb(232, 232, 232)", "rgb(21, 23, 26)"]
    browser.look(390, "dark", "print")
    assert browser.run(INK_OF_PICTURES) == [ink, paper]


PAINTED = "return [...document.querySelectorAll('#maps canvas')].map(c => c.toDataURL())"


def test_maps_have_light_colours_on_paper(show):
    light = show("#series=2&origin=20&unit=9&step=1").run(PAINTED)
    browser = show("#series=2&origin=20&unit=9&step=1", scheme="dark")
    dark = browser.run(PAINTED)
    browser.run("window.dispatchEvent(new Event('beforeprint'))")
    assert browser.run(PAINTED) == light
    browser.run("window.dispatchEvent(new Event('afterprint'))")
    assert browser.run(PAINTED) == dark != light


def test_tables_and_equations_are_whole_on_a_phone_and_on_paper(show):
    browser = show("", width=390)
    browser.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    wide = "return [...document.querySelectorAll('{}')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    assert browser.run(wide.format(".wide, pre")) == 0
    browser.run("document.querySelectorAll('details').forEach(one => { one.open = false; })")
    browser.look(700, medium="print")
    assert browser.run(wide.format(".wide, pre, .picture")) == 0
    seen = "return [...document.querySelectorAll('details table, details svg')].map(e => e.checkVisibility())"
    assert set(browser.run(seen)) == {True}


def test_units_that_behave_alike_are_beyond_the_bound_at_every_step(show, explored):
    browser = show("#series=2&origin=20&unit=9&step=4&range=2-4")
    found = browser.run(
        "return [...document.querySelectorAll('#alike-units button')].map(b => Number(b.textContent))"
    )
    bound = float(browser.run("return document.getElementById('threshold').value"))
    counted = int(browser.run("return document.getElementById('alike-count').textContent").split()[0])
    rows = [row_of(explored[1], "b", 20, step, unit) for unit in range(1, 257) for step in (2, 3, 4)]
    cells = [[four_digits(r["cell_state"]) for r in rows[k : k + 3]] for k in range(0, len(rows), 3)]
    expected = {unit for unit, values in enumerate(cells, 1) if min(values) >= bound}
    assert counted == len(expected)
    assert set(found) <= expected


ROOM = """
const [one, pen] = [document.getElementById('origin'), document.createElement('canvas').getContext('2d')];
const look = getComputedStyle(one);
pen.font = `${look.fontSize} ${look.fontFamily}`;
return one.clientWidth - pen.measureText('2013-07-30 23:00:00').width;
"""


def test_a_time_of_seconds_is_not_cut_on_a_phone(show):
    browser = show("#series=2", width=390)
    browser.run("document.getElementById('origin').selectedOptions[0].textContent = '2013-07-30 23:00:00'")
    assert browser.run(ROOM) >= 16  # of the arrow


def test_no_request_leaves_the_page_and_names_stay_text(show, explored):
    browser = show("#series=1&origin=2&unit=3&step=1")
    asked = browser.requests()
    assert [url for url in asked if not url.startswith(("file:", "data:", "about:", "blob:"))] == []
    assert browser.run("return document.querySelector('#series').options[0].textContent") == NASTY
    assert browser.run("return document.querySelectorAll('#explorer img').length") == 0
    assert browser.run("return document.title") != "1"
    assert browser.complaints() == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_and_maps_are_painted(show, width, scheme):
    browser = show("", width, scheme)
    assert browser.run("return document.documentElement.scrollWidth") <= width
    colours = browser.run(
        "return [...document.querySelectorAll('#maps canvas')].map(c => new Set("
        "new Uint32Array(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)).size)"
    )
    assert len(colours) == 6 and min(colours) > 20


def test_without_scripts_the_page_says_so_and_has_the_rest(browser, explored):
    browser.look(390, scripts=False)
    browser.open(explored[0])
    html = browser.html()
    browser.look(390)
    assert "This part needs scripts" in html
    assert 'id="explorer-body" tabindex="0" hidden' in html
    assert html.count('<div class="picture"><svg') >= 6


def test_a_choice_that_there_is_not_is_the_nearest(show):
    browser = show("#series=9&origin=99&unit=900&step=99")
    told = chosen(browser)
    assert (told["series"], told["unit"]) == (2, 256)
