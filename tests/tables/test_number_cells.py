"""One cell as a number: marks, signs, units, and what is no number in any form."""

import numpy as np
import pytest

from lstmcli.settings.table_reading import NumberForm
from lstmcli.tables.read.flags import split_flag
from lstmcli.tables.read.numbers import Shape, number_in, shape_of, written_number
from lstmcli.tables.read.plain_cells import plain_cells, plain_values

CELLS = [  # cell, form, number
    ("12", NumberForm(), 12.0),
    (" 12.50 ", NumberForm(), 12.5),
    ("+5", NumberForm(), 5.0),
    (".5", NumberForm(), 0.5),
    ("5.", NumberForm(), 5.0),
    ("1.5e3", NumberForm(), 1500.0),
    ("-1E-2", NumberForm(), -0.01),
    ("−12,5", NumberForm(","), -12.5),
    ("1.224,98", NumberForm(",", "."), 1224.98),
    ("1.234.567", NumberForm(",", "."), 1234567.0),
    ("1,224.98", NumberForm(".", ","), 1224.98),
    ("1,23,456", NumberForm(".", ","), 123456.0),
    ("12,34,567.5", NumberForm(".", ","), 1234567.5),
    ("1'224.98", NumberForm(".", "'"), 1224.98),
    ("1’224’000", NumberForm(".", "'"), 1224000.0),
    ("1 224,98", NumberForm(",", "space"), 1224.98),
    ("1\u00a0224\u00a0000", NumberForm(".", "space"), 1224000.0),
    ("1\u202f224,5", NumberForm(",", "space"), 1224.5),
    ("$5,012.34", NumberForm(".", ",", "$"), 5012.34),
    ("-$5.00", NumberForm(".", "", "$"), -5.0),
    ("$-5.00", NumberForm(".", "", "$"), -5.0),
    ("$(5.25)", NumberForm(".", "", "$"), -5.25),
    ("($5.25)", NumberForm(".", "", "$"), -5.25),
    ("CHF 1224.98", NumberForm(unit="CHF"), 1224.98),
    ("R$ 1.224,98", NumberForm(",", ".", "R$"), 1224.98),
    ("€ 12", NumberForm(unit="€"), 12.0),
    ("1.224,98 €", NumberForm(",", ".", "€"), 1224.98),
    ("12,5 %", NumberForm(",", unit="%"), 12.5),
    ("-0.22%", NumberForm(unit="%"), -0.22),
    ("3.4 kWh", NumberForm(unit="kWh"), 3.4),
    ("5 °C", NumberForm(unit="°C"), 5.0),
    ("17 µg/m³", NumberForm(unit="µg/m³"), 17.0),
    ("0", NumberForm(unit="kWh"), 0.0),
    ("160.3M", NumberForm(scaled=True), 160300000.0),
    ("1.1K", NumberForm(scaled=True), 1100.0),
    ("2.1 B", NumberForm(scaled=True), 2100000000.0),
    ("532", NumberForm(scaled=True), 532.0),
    (" $ -   ", NumberForm(unit="$"), 0.0),  # how Excel writes 0 among amounts
    ("\\1,500", NumberForm(".", ",", "\\"), 1500.0),  # the sign of the yen in Shift-JIS
    ("CHF 1'500.—", NumberForm(".", "'", "CHF"), 1500.0),
    ("- €", NumberForm(",", ".", "€"), 0.0),
    ("1200万人", NumberForm(unit="人", scaled=True), 12000000.0),
    ("3.5億円", NumberForm(unit="円", scaled=True), 350000000.0),
    ("12千瓦", NumberForm(unit="千瓦"), 12.0),
    ("1,2 Mio. €", NumberForm(",", unit="€", scaled=True), 1200000.0),
    ("$1.2M", NumberForm(unit="$", scaled=True), 1200000.0),
    ("293.15 K", NumberForm(unit="K"), 293.15),
    ("(123.45)", NumberForm(), -123.45),
    ("12-", NumberForm(), -12.0),
    # What is no number in the form
    ("1.224,9", NumberForm(".", ","), None),
    ("1,22", NumberForm(".", ","), None),
    ("1,2345", NumberForm(".", ","), None),
    ("0,123", NumberForm(".", ","), None),
    ("1234,567", NumberForm(".", ","), None),
    ("1.5", NumberForm(",", "."), None),
    ("12 kWh", NumberForm(), None),
    ("12", NumberForm(unit="$"), None),
    ("€12", NumberForm(unit="$"), None),
    ("1.2K", NumberForm(), None),
    ("-(5)", NumberForm(), None),
    ("5.-", NumberForm(), 5.0),
    ("5,-", NumberForm(","), 5.0),
    ("-5,-", NumberForm(","), -5.0),
    ("(5", NumberForm(), None),
    ("--5", NumberForm(), None),
    ("-5-", NumberForm(), None),
    ("", NumberForm(), None),
    ("kWh", NumberForm(unit="kWh"), None),
]
NO_NUMBERS = [
    *("2024-01-01", "01.02.2024", "12:30", "0x10", "1_000", "1e", "e5", "<1", ">5", "~5", "1/2", "3 5/8"),
    *(
        "12 AM",
        "5 Jan",
        "1 May",
        "1st",
        "Week 5",
        "Q1",
        "2020M01",
        "W05",
        "3,4 5",
        "1 23",
        "1''000",
        "½",
    ),
    *(
        "on",
        "inf",
        "nan",
        "5 6",
        "12 34 56",
        "1.2.3",
        "1,2,3",
        "N/A",
        "12;5",
        "#5",
        "5#",
        "Store 1",
        "1.000,0,0",
    ),
]


@pytest.mark.parametrize(("cell", "form", "number"), CELLS)
def test_a_cell_in_a_form(cell, form, number):
    assert number_in(cell, form) == number


@pytest.mark.parametrize("cell", NO_NUMBERS)
def test_what_is_a_number_in_no_form(cell):
    marks = (".", ","), ("", ".", ",", "'", "space")
    forms = [NumberForm(d, t, scaled=s) for d in marks[0] for t in marks[1] if t != d for s in (False, True)]
    assert [number_in(cell, form) for form in forms] == [None] * len(forms)


def test_a_sign_of_a_currency_or_a_unit():
    assert written_number("US$5").unit == "US$"
    assert written_number("5 Stück").unit == "Stück"
    assert written_number("Lager 5") is None


def test_digits_with_a_dash_a_colon_or_a_slash_between_them_are_no_number():
    """On this dates and times are told from numbers without a look at each."""
    random = np.random.default_rng(0)
    signs = [*"0123456789-:/.,' ()+$€%", "kWh", "e", "m", "S", "Q", '"', "<", "*", "[1]", "CHF", "Mio. "]
    for _ in range(3000):
        before, behind = ("".join(random.choice(signs, random.integers(4))) for _ in range(2))
        cell = f"{before}{random.integers(10)}{random.choice([*'-:/'])}{random.integers(10)}{behind}"
        assert written_number(cell) is None, cell
        assert written_number(split_flag(cell)[0]) is None, cell


def test_plain_cells_all_at_once_are_what_each_is():
    random = np.random.default_rng(0)
    texts = [
        *dict.fromkeys("".join(random.choice([*"0019.,-+"], random.integers(1, 8))) for _ in range(3000))
    ]
    marks = {"-999", *texts[:40]}
    found = plain_cells(texts, marks)
    for cells in found:
        for place, size, length in zip(cells.places, cells.sizes, cells.lengths, strict=True):
            parts = written_number(texts[place])
            body, shape = parts.body, shape_of(parts.body)
            assert (parts.unit, parts.scale, parts.negative in ("", "-")) == ("", "", True)
            assert shape._replace(small=False) == cells.shape
            assert shape.small == (cells.shape == Shape() and length <= 3)
            assert size == float(body.replace(",", "."))
        first = [written_number(texts[place]).body for place in cells.places]
        assert cells.padded == (cells.shape == Shape() and any(b[0] == "0" and len(b) > 1 for b in first))
    assert all(len(cells.places) for cells in found)
    assert not marks & {texts[place] for cells in found for place in cells.places}


@pytest.mark.parametrize("form", [NumberForm(), NumberForm(","), NumberForm(",", "."), NumberForm(unit="kg")])
def test_plain_values_all_at_once_are_those_of_each(form):
    random = np.random.default_rng(0)
    texts = ["".join(random.choice([*"0019.,-+"], random.integers(1, 8))) for _ in range(3000)]
    plain, values = plain_values(texts, form)
    chosen = [text for text, fits in zip(texts, plain, strict=True) if fits]
    assert [repr(number_in(text, form)) for text in chosen] == [*map(repr, values.tolist())]
    assert bool(chosen) == (not form.unit)
