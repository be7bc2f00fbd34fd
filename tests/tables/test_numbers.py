"""How numbers are written is found in all rows: the same from a file, in pieces and from a DataFrame."""

import numpy as np
import pandas as pd
import pytest
from number_tables import GERMAN, days, table_text

from lstmcli.errors import DataError
from lstmcli.settings.load import load_settings
from lstmcli.settings.model import Settings
from lstmcli.tables.cache import Cache, panel_for_training
from lstmcli.tables.cache.arrays import Sizes
from lstmcli.tables.read import panel_of, read_table
from lstmcli.tables.read.frames import table_from_frame

NAN = float("nan")


def sizes(text):
    """So that tables have several pieces."""
    return Sizes(piece=len(text) // 50 + 4, block=32, bucket=40, small=-1)


@pytest.fixture
def read(tmp_path):
    """Numbers by target, and notes, of a text read whole and in pieces."""

    def make(text, **given):
        path = tmp_path / "data.csv"
        path.write_text(text, encoding="utf-8")
        settings = load_settings(None, {}, tuple(f"{name}={value}" for name, value in given.items()))
        table = read_table(str(path), settings.options)
        panel, roles = panel_of(table, settings)
        cache = Cache(tmp_path / "cache", lambda *_: None, sizes=sizes(text))
        kept, pieces, other = panel_for_training([str(path)], settings, cache)
        np.testing.assert_array_equal(pieces.values, panel.values)
        assert (other, kept.notes) == (roles, table.notes)
        assert kept.reading.reading == table.reading.reading
        bounds = zip(roles.targets, panel.offsets, panel.offsets[1:], strict=False)
        return {name: panel.values[a:b].tolist() for name, a, b in bounds}, (*table.notes, *roles.notes)

    return make


@pytest.fixture
def refusal(tmp_path):
    """The refusal of a text, the same read whole and in pieces, without the path."""

    def make(text, **given):
        path = tmp_path / "data.csv"
        path.write_text(text, encoding="utf-8")
        settings = load_settings(None, {}, tuple(f"{name}={value}" for name, value in given.items()))
        with pytest.raises(DataError) as whole:
            panel_of(read_table(str(path), settings.options), settings)
        with pytest.raises(DataError) as pieces:
            cache = Cache(tmp_path / "cache", lambda *_: None, sizes=sizes(text))
            panel_for_training([str(path)], settings, cache)
        assert str(pieces.value) == str(whole.value)
        return str(whole.value).removeprefix(str(path))

    return make


WHOLE = [868.0, 1003.0, 1237.0, 987.0, 1129.0]
MANY = [1003.25, 12.5, 987.0, 1234567.0, -45.75]
UNIT = "is a unit and is taken off (write the numbers in full where it multiplies)"
TAKEN = {  # text, numbers of the only target, what the first note says
    "quoted thousands": (
        table_text({"v": ["868", "1,003", "1,237", "987", "1,129"]}),
        WHOLE,
        "v: a comma marks thousands ('1,003' is 1003; where it is 1.003: --set decimal=,)",
    ),
    "quoted thousands beside plain ones": (
        table_text({"v": ["6,305", "3471", "7468"]}),
        [6305.0, 3471.0, 7468.0],
        "v: a comma marks thousands ('6,305' is 6305; where it is 6.305: --set decimal=,)",
    ),
    "thousands with a comma beside plain ones, between semicolons": (
        table_text({"v": ["2199", "5,717", "9387"]}, ";"),
        [2199.0, 5717.0, 9387.0],
        "v: a comma marks thousands ('5,717' is 5717; where it is 5.717: --set decimal=,)",
    ),
    "a point in numbers as small as the whole ones": (
        table_text({"kg": ["2", "1.250", "3"]}),
        [2.0, 1.25, 3.0],
        "kg: the point in cells such as '1.250' marks decimals (--set decimal=, --set thousands=. where it "
        "does not)",
    ),
    "a letter behind a blank": (
        table_text({"len": ["551 M", "488 M", "504 M"]}),
        [551.0, 488.0, 504.0],
        f"len: M {UNIT} ('551 M' is 551)",
    ),
    "bytes": (table_text({"size": ["212B", "69B"]}), [212.0, 69.0], f"size: B {UNIT} ('212B' is 212)"),
    "quoted thousands alone": (
        table_text({"v": ["5,026", "5,654", "5,781"]}),
        [5026.0, 5654.0, 5781.0],
        "v: a comma marks thousands ('5,026' is 5026; where it is 5.026: --set decimal=,)",
    ),
    "thousands with a comma between semicolons": (
        table_text({"v": ["868", "1,003", "1,237", "987", "1,129"]}, ";"),
        WHOLE,
        "v: a comma marks thousands ('1,003' is 1003; where it is 1.003: --set decimal=,)",
    ),
    "thousands with a comma between tabs, beside dates of the United States": (
        table_text({"v": ["5,026", "5,654", "5,781"]}, "\t", "%m/%d/%Y"),
        [5026.0, 5654.0, 5781.0],
        "v: a comma marks thousands ('5,026' is 5026; where it is 5.026: --set decimal=,)",
    ),
    "thousands with a comma between bars, beside months in English": (
        "month|v\nJanuary 2024|5,026\nFebruary 2024|5,654\nMarch 2024|5,781\n",
        [5026.0, 5654.0, 5781.0],
        "v: a comma marks thousands ('5,026' is 5026; where it is 5.026: --set decimal=,)",
    ),
    "thousands with a point": (
        table_text({"v": ["868", "1.003", "1.237", "987", "1.129"]}, ";", GERMAN),
        WHOLE,
        "v: a point marks thousands, a comma marks decimals ('1.003' is 1003; where it is 1.003: --set "
        "decimal=.)",
    ),
    "thousands with a point, no semicolon": (
        table_text({"v": ["868", "1.003", "1.237", "987", "1.129"]}),
        WHOLE,
        "v: a point marks thousands, a comma marks decimals ('1.003' is 1003; where it is 1.003: --set "
        "decimal=.)",
    ),
    "thousands with a point and German dates alone": (
        table_text({"v": ["1.003", "1.237", "1.129"]}, ";", GERMAN),
        [1003.0, 1237.0, 1129.0],
        "v: a point marks thousands, a comma marks decimals ('1.003' is 1003; where it is 1.003: --set "
        "decimal=.)",
    ),
    "decimals with a point": (
        table_text({"v": ["1.003", "1.237", "0.987"]}),
        [1.003, 1.237, 0.987],
        None,
    ),
    "decimals beside larger numbers": (
        table_text({"v": ["1.003", "12345.678", "10"]}),
        [1.003, 12345.678, 10.0],
        None,
    ),
    "quoted thousands in some rows": (
        table_text({"v": [*(str(4000 + n) for n in range(3200)), "1,203", "5,781"]}),
        [*(4000.0 + n for n in range(3200)), 1203.0, 5781.0],
        "v: a comma marks thousands ('1,203' is 1203; where it is 1.203: --set decimal=,)",
    ),
    "thousands of a German file in some rows": (
        table_text({"v": ["4631", "1.203", "5.781"]}, ";", GERMAN),
        [4631.0, 1203.0, 5781.0],
        "v: a point marks thousands, a comma marks decimals ('1.203' is 1203; where it is 1.203: --set "
        "decimal=.)",
    ),
    "a point beside M": (
        table_text({"v": ["1.203M", "5.781M"]}),
        [1203000.0, 5781000.0],
        "v: K, M, B and the like multiply (write the numbers in full where they do not) "
        "('1.203M' is 1203000)",
    ),
    "a point without evidence": (
        table_text({"v": ["1.003", "1.237", "1.129"]}),
        [1.003, 1.237, 1.129],
        "v: the point in cells such as '1.003' marks decimals (--set decimal=, --set thousands=. where it "
        "does not)",
    ),
    "a comma and German dates": (
        table_text({"v": ["1,003", "1,237", "1,129"]}, ";", GERMAN),
        [1.003, 1.237, 1.129],
        "a comma marks decimals (--set decimal=. where it does not)",
    ),
    "two marks": (
        table_text({"v": ["1.003,25", "12,5", "987", "1.234.567", "-45,75"]}, ";"),
        MANY,
        "v: a point marks thousands, a comma marks decimals ('1.003,25' is 1003.25)",
    ),
    "Swiss": (
        table_text({"v": ["1'003.25", "12.5", "987", "1'234'567", "-45.75"]}),
        MANY,
        'v: an apostrophe marks thousands ("1\'003.25" is 1003.25)',
    ),
    "blanks": (
        table_text({"v": ["1 003,25", "12,5", "987", "1\u00a0234\u202f567", "−45,75"]}, ";"),
        MANY,
        "v: a blank marks thousands, a comma marks decimals ('1 003,25' is 1003.25)",
    ),
    "a currency": (
        table_text({"v": ["$1,003.25", "$12.50", "$987", "$1,234,567", "-$45.75"]}),
        MANY,
        "v: $ is taken off, a comma marks thousands ('$1,003.25' is 1003.25)",
    ),
    "accounting": (
        table_text({"v": ["1,003.25", "12.50", "987.00", "1,234,567.00", "(45.75)"]}),
        MANY,
        "v: a comma marks thousands, numbers in brackets are negative ('1,003.25' is 1003.25)",
    ),
    "percent": (
        table_text({"v": ["12.5 %", "0.25 %", "100 %"]}),
        [12.5, 0.25, 100.0],
        "v: % is taken off ('12.5 %' is 12.5)",
    ),
    "thousands and millions": (
        table_text({"v": ["160.3M", "1.1K", "2.5B", "7"]}),
        [160300000.0, 1100.0, 2500000000.0, 7.0],
        "v: K, M, B and the like multiply (write the numbers in full where they do not) "
        "('160.3M' is 160300000)",
    ),
    "lakhs and crores": (
        table_text({"v": ["6.61 lakh", "1.2 crore", "3.5 lakh"]}),
        [661000.0, 12000000.0, 350000.0],
        "v: K, M, B and the like multiply (write the numbers in full where they do not) "
        "('6.61 lakh' is 661000)",
    ),
    "tens of thousands": (
        table_text({"v": ["71.7万", "5.3万", "1.2億"]}),
        [717000.0, 53000.0, 120000000.0],
        "v: K, M, B and the like multiply (write the numbers in full where they do not) ('71.7万' is 717000)",
    ),
    "prices without cents": (
        table_text({"v": ["17.085,-", "365,-", "1.234.891,-"]}, ";", GERMAN),
        [17085.0, 365.0, 1234891.0],
        "v: a point marks thousands, a comma marks decimals ('17.085,-' is 17085)",
    ),
    "Swiss prices without cents": (
        table_text({"v": ["33'802.-", "365.-", "99.-"]}, ";", GERMAN),
        [33802.0, 365.0, 99.0],
        'v: an apostrophe marks thousands ("33\'802.-" is 33802)',
    ),
    "rupiah": (
        table_text({"v": ["Rp 5.659.452", "Rp 7.958.538", "Rp 603.804"]}, ";", GERMAN),
        [5659452.0, 7958538.0, 603804.0],
        "v: Rp is taken off, a point marks thousands, a comma marks decimals ('Rp 5.659.452' is 5659452)",
    ),
    "kelvin": (
        table_text({"temp": ["293.15 K", "280.5 K"]}),
        [293.15, 280.5],
        f"temp: K {UNIT} ('293.15 K' is 293.15)",
    ),
    "marks of missing": (
        table_text({"v": ["1.5", "NA", "--", "#VALUE!", "NA", "2.5"]}),
        [1.5, NAN, NAN, NAN, NAN, 2.5],
        "taken as missing: 2 NA, 1 --, 1 #VALUE! in v",
    ),
    "a late mark of thousands": (
        table_text({"v": [*map(str, range(1, 3500)), "1,000,000"]}),
        [*map(float, range(1, 3500)), 1000000.0],
        "v: a comma marks thousands ('1,000,000' is 1000000)",
    ),
    "late points": (
        table_text({"v": [*(str(n % 900 + 1) for n in range(3500)), "1.003", "2.500"]}),
        [*(float(n % 900 + 1) for n in range(3500)), 1003.0, 2500.0],
        "v: a point marks thousands, a comma marks decimals ('1.003' is 1003; where it is 1.003: --set "
        "decimal=.)",
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_numbers_are_taken_as_they_are_meant(read, name):
    text, numbers, note = TAKEN[name]
    found, notes = read(text)
    (values,) = found.values()
    np.testing.assert_array_equal(values, numbers)
    assert (notes[0] if notes else None) == note


REFUSED = {  # text, settings, complaint, and settings with which it is taken
    "a comma without evidence": (
        table_text({"v": ["1,003", "1,237"]}, ";"),
        ":2:v: '1,003' may have a comma for decimals or for thousands; say which: --set decimal=. --set "
        "thousands=, or --set decimal=, --set thousands=.",
        [({"decimal": ","}, [1.003, 1.237]), ({"decimal": ".", "thousands": ","}, [1003.0, 1237.0])],
    ),
    "a comma between quotes beside dates with points": (
        table_text({"v": ["1,842 €", "1,859 €"]}, ",", GERMAN),
        ":2:v: '1,842 €' may have a comma for decimals or for thousands; say which: --set decimal=, --set "
        "thousands=. or --set decimal=. --set thousands=,",
        [({"decimal": ","}, [1.842, 1.859]), ({"decimal": ".", "thousands": ","}, [1842.0, 1859.0])],
    ),
    "evidence for both": (
        table_text({"v": ["987", "1.003"], "w": ["12.5", "0.5"]}),
        ":3:v: '1.003' may have a point for decimals or for thousands; say which: --set decimal=. --set "
        "thousands=, or --set decimal=, --set thousands=.",
        [
            ({"decimal": ".", "target": "v"}, [987.0, 1.003]),
            ({"decimal": ",", "thousands": ".", "target": "v"}, [987.0, 1003.0]),
        ],
    ),
    "a point beside larger whole numbers": (
        table_text({"v": ["1.003", "2000", "10"]}),
        ":2:v: '1.003' may have a point for decimals or for thousands; say which: --set decimal=. --set "
        "thousands=, or --set decimal=, --set thousands=.",
        [({"decimal": "."}, [1.003, 2000.0, 10.0]), ({"thousands": "."}, [1003.0, 2000.0, 10.0])],
    ),
    "a point with German dates beside whole numbers without marks": (
        table_text({"v": ["12.345", "8.271"], "meter": ["104882", "104893"]}, ";", GERMAN),
        ":2:v: '12.345' may have a point for decimals or for thousands; say which: --set decimal=. --set "
        "thousands=, or --set decimal=, --set thousands=.",
        [
            ({"decimal": ".", "target": "v"}, [12.345, 8.271]),
            ({"decimal": ",", "thousands": ".", "target": "v"}, [12345.0, 8271.0]),
        ],
    ),
    "numbers that end in a few digits behind a comma": (
        table_text({"v": [f"{200 + n},{n % 3}" for n in range(40)]}),
        ":2:v: '200,0' has a comma in a file with commas, and every cell of the column ends in ,0 or ,1 or "
        ",2: it may be a code; write it in a column of its own, or, where the comma marks decimals: --set "
        "decimal=,",
        [({"decimal": ","}, [200 + n + n % 3 / 10 for n in range(40)])],
    ),
    "two forms": (
        table_text({"v": ["1.5", "2,5"]}, ";"),
        ":3:v: '2,5' and '1.5' cannot both be numbers of one form",
        [],
    ),
    "two currencies": (
        table_text({"v": ["$5", "€6", "$7"]}),
        ":3:v: '€6' beside '$5': several units; write the column in one",
        [],
    ),
    "a unit that is missing": (
        table_text({"v": ["5 kWh", "6", "7 kWh"]}),
        ":3:v: '6' beside '5 kWh': some cells have 'kWh' and some have not; write it in all of them or in "
        "none",
        [],
    ),
    "less than a text": (
        table_text({"v": ["5", "<LOD", "7"]}),
        ":3:v: '<LOD' is not a number; where it stands for a missing value: --set 'missing=[\"<LOD\"]'",
        [({"missing": "<LOD"}, [5.0, NAN, 7.0])],
    ),
    "a word": (
        table_text({"v": [*map(str, range(4000)), "unavailable", "3"]}),
        ":4002:v: 'unavailable' is not a number; where it stands for a missing value: --set "
        "missing=unavailable",
        [({"missing": "unavailable"}, [*map(float, range(4000)), NAN, 3.0])],
    ),
    "words alone": (
        table_text({"state": ["on", "off", "on"]}),
        ":2:state: 'on' is no number: no column of numbers to forecast; name it with --set target=COLUMN; "
        "write 1 and 0 for yes and no",
        [],
    ),
    "an ambiguous target beside a flag": (
        table_text({"promo": ["0", "1", "0"], "sales": ["1,003", "1,237", "1,129"]}, ";"),
        ":2:sales: '1,003' may have a comma for decimals or for thousands; say which: --set decimal=. --set "
        "thousands=, or --set decimal=, --set thousands=.",
        [({"decimal": ","}, [1.003, 1.237, 1.129])],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_known_is_refused_with_a_mend_that_works(read, refusal, name):
    text, complaint, mends = REFUSED[name]
    assert refusal(text) == complaint
    for settings, numbers in mends:
        (values,) = read(text, **settings)[0].values()
        np.testing.assert_array_equal(values, numbers)


def test_a_column_of_words_called_like_a_target_is_told(read):
    found, notes = read(table_text({"price": ["low", "high", "low"], "q": ["1", "3", "2"]}))
    assert [*found] == ["q"]
    assert notes == ("left out: price (row 2: 'low' is not a number)",)


def test_columns_of_one_file_may_differ(read):
    found, _ = read(table_text({"a": ["1.5", "2.25"], "b": ["1,5", "2,25"], "c": ["7 %", "8 %"]}, ";"))
    assert found == {"a": [1.5, 2.25], "b": [1.5, 2.25], "c": [7.0, 8.0]}


def test_another_column_shows_what_a_mark_means(read):
    found, _ = read(table_text({"a": ["1.003", "2.004"], "b": ["1,5", "2,25"]}, ";"))
    assert found == {"a": [1003.0, 2004.0], "b": [1.5, 2.25]}
    found, _ = read(table_text({"a": ["1.003", "2.004"], "b": ["1.5", "2.25"]}, ";", GERMAN))
    assert found == {"a": [1.003, 2.004], "b": [1.5, 2.25]}


def test_names_stay_names(read):
    """Neither 007 nor the sizes of a product are numbers."""
    rows = [(size, day) for day in range(12) for size in ("10 kg", "500 g")]
    text = "date,size,y\n" + "".join(f"{days(12)[day]},{size},{day}.5\n" for size, day in rows)
    found, notes = read(text)
    assert not notes and len(found) == 1
    assert read("date,shop,y\n2024-01-01,007,1\n2024-01-02,007,2\n")[1] == (
        "left out: shop (one value only)",
    )


def test_numbers_that_mean_missing(read):
    text = table_text({"v": ["1.5", "-9999", "2.5", "-9999", "3.5"]})
    found, notes = read(text)
    said = "2 values of -9999 in v lie far outside all others (1.5 to 3.5); if missing is meant: --set "
    assert notes == (f"{said}missing=-9999",)
    assert found["v"][1] == -9999
    found, notes = read(text, missing=-9999)
    np.testing.assert_array_equal(found["v"], [1.5, NAN, 2.5, NAN, 3.5])
    assert notes == ("left missing: 2 cells in v",)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["5", "6", "-200", "9", "-200"], True),
        (["5", "6", "-200", "9", "7"], False),  # one may be a value
        (["5", "6", "1e20", "9", "7"], True),
        (["900", "999", "100", "999", "1100"], False),  # inside the others
        (["900", "999", "100", "999", "800"], False),  # near to them
        (["0", "-999", "-999", "-300", "-800"], False),
    ],
)
def test_sentinels_stand_far_outside(read, cells, told):
    assert any("far outside" in note for note in read(table_text({"v": cells}))[1]) == told


LIKE_VALUES = {  # numbers of 60 rows, and single ones that may and that may not be of them
    "above zero": (
        [10 + n * 7 % 25 for n in range(60)],
        ["-999", "-99.9", "9999", "1e20"],
        ["85", "99", "-9"],
    ),
    "around zero": ([n * 7 % 25 - 9 for n in range(60)], ["-99", "-9999", "999"], ["-88", "99"]),
    "large": ([n * 997 % 10_000 for n in range(60)], ["-9999", "999999"], ["-99", "-999", "65535"]),
    "all the same": ([5] * 60, ["1e20"], ["9999", "-9999"]),
}


@pytest.mark.parametrize("case", LIKE_VALUES)
def test_one_sentinel_is_told_where_it_is_far_away(read, case):
    values, sentinels, others = LIKE_VALUES[case]
    cells = list(map(str, values))
    for mark in (*sentinels, *others):
        found, notes = read(table_text({"v": [*cells[:7], mark, *cells[7:]]}))
        told = [note for note in notes if note.endswith(f"--set missing={float(mark):.15g}")]
        assert len(told) == (mark in sentinels) and found["v"][7] == float(mark)
        assert all(note.startswith("1 value of ") and " lies far outside all others" in note for note in told)


RISING = [str(n * 7 % 400 / 4) for n in range(400)]  # 0 to 99.75, each a quarter apart


@pytest.mark.parametrize(
    ("cells", "mark", "told"),
    [
        ([str(60000 - n * 150) for n in range(100)], "65535", True),
        ([str(n - 50) for n in range(100)], "-99", True),
        ([str(90 - n % 90) for n in range(200)], "99", True),
        ([str(20 + n % 9) for n in range(60)], "85", True),
        ([str(2 * n + 800) for n in range(80)], "999", True),
        ([str(n % 99) for n in range(200)], "99", False),  # the next number
        ([str(60 + n % 25) for n in range(60)], "85", False),
        (RISING, "99.99", False),
        ([str(n**2) for n in range(99)], "9999", False),  # as far as the others from one another
    ],
)
@pytest.mark.parametrize("often", [True, False])
def test_a_usual_sentinel_that_comes_often_stands_apart(read, cells, mark, told, often):
    many = cells[:]
    for at in (3, 9, 14, 22, 40, 41) if often else (3,):
        many.insert(at, mark)
    notes = [note for note in read(table_text({"v": many}))[1] if f"--set missing={mark}" in note]
    assert bool(notes) == (told and often)


WRITERS = {  # how a number is written, and the separator and form of dates of such files
    "plain": (lambda v: f"{v}", ",", "%Y-%m-%d"),
    "English": (lambda v: f"{v:,.2f}", ",", "%Y-%m-%d"),
    "English, whole": (lambda v: f"{v:,.0f}", ",", "%m/%d/%Y"),
    "German": (lambda v: german(v, 2), ";", GERMAN),
    "German, whole": (lambda v: german(v, 0), ";", GERMAN),
    "French": (lambda v: f"{v:,.2f}".replace(",", "\u202f").replace(".", ","), ";", "%d/%m/%Y"),
    "Swiss": (lambda v: f"{v:,.2f}".replace(",", "'"), ";", GERMAN),
    "dollars": (lambda v: f"${v:,.2f}" if v >= 0 else f"-${-v:,.2f}", ",", "%Y-%m-%d"),
    "euros": (lambda v: f"{german(v, 2)} €", ";", GERMAN),
    "accounting": (lambda v: f"{v:,.2f}" if v >= 0 else f"({-v:,.2f})", ",", "%Y-%m-%d"),
    "percent": (lambda v: f"{v:.2f}%", ",", "%Y-%m-%d"),
    "SAP": (lambda v: f"{abs(v):.2f}{'-' if v < 0 else ''}", "\t", "%Y-%m-%d"),
    "minus": (lambda v: f"{v:.2f}".replace("-", "−"), ",", "%Y-%m-%d"),
    "unit": (lambda v: f"{v:.1f} kWh", ",", "%Y-%m-%d"),
}


def german(value, digits):
    return f"{value:,.{digits}f}".replace(",", "_").replace(".", ",").replace("_", ".")


@pytest.mark.parametrize("seed", range(40))
def test_numbers_of_any_style_come_back(tmp_path, seed):
    """One style a column; cells of some tables are missing."""
    random = np.random.default_rng(seed)
    style = [*WRITERS][seed % len(WRITERS)]
    write, separator, form = WRITERS[style]
    digits = 0 if "whole" in style else 1 if style == "unit" else 2
    columns, texts, count = {}, {}, int(random.integers(20, 120))
    for name in ("a", "b")[: 1 + seed % 2]:
        values = random.normal(400 * random.integers(0, 3), 900, count).round(digits) + 0.0
        values[:3] = (987.0, 1234567.0, -12.0)  # evidence of every mark
        columns[name] = values
        texts[name] = [write(value) for value in values]
    for name in texts if seed % 3 == 0 else ():
        for row in random.integers(3, count, 4):
            columns[name][row], texts[name][row] = NAN, str(random.choice(["", "NA", "-", "#N/A"]))
    path = tmp_path / "data.csv"
    path.write_text(table_text(texts, separator, form), encoding="utf-8")
    settings = Settings(series=(), target=tuple(texts))
    cache = Cache(tmp_path / "cache", lambda *_: None, sizes=Sizes(int(random.integers(20, 200)), 32, 40, -1))
    frame = pd.DataFrame({"date": days(count), **texts})
    wanted = np.concatenate([[*columns.values()]], axis=None)
    for panel in (
        panel_of(read_table(str(path), settings.options), settings)[0],
        panel_for_training([str(path)], settings, cache)[1],
        panel_of(table_from_frame(frame, settings.options), settings)[0],
    ):
        np.testing.assert_array_equal(panel.values, wanted)


@pytest.mark.parametrize(
    "cells",
    [
        [f"{200 + n},0" for n in range(40)],  # the same number where 0 is a code
        [f"{200 + n},{n % 2 * 5}" for n in range(40)],
        [f"{200 + n},{n % 10}" for n in range(40)],
    ],
)
def test_a_comma_in_quoted_cells_is_told_with_its_setting(read, cells):
    found, notes = read(table_text({"v": cells}))
    assert found["v"] == [float(cell.replace(",", ".")) for cell in cells]
    said = "v: a comma in quoted cells marks decimals (--set decimal=. where it does not) ('200,0' is 200)"
    assert notes[0] == said


def test_a_point_is_one_of_thousands_where_a_comma_marks_decimals_elsewhere(read):
    text = table_text({"v": ["12.345", "8.271", "104.882"], "w": ["0,5", "12,5", "7,25"]}, ";", GERMAN)
    found, notes = read(text)
    assert found["v"] == [12345.0, 8271.0, 104882.0]
    assert "v: a point marks thousands, a comma marks decimals ('12.345' is 12345)" in notes


@pytest.mark.parametrize(
    "cells",
    [
        ['="12.5"', '="-3.25"', '="1003.5"'],
        ["'12.5'", "'-3.25'", "'1003.5'"],
        [' "12.5"', ' "-3.25"', ' "1003.5"'],
        ["\u0661\u0662\u066b\u0665", "-\u0663\u066b\u0662\u0665", "\u0661\u0660\u0660\u0663\u066b\u0665"],
        ["\uff11\uff12\uff0e\uff15", "\uff0d\uff13.\uff12\uff15", "\uff11\uff10\uff10\uff13.\uff15"],
        ["\u0967\u0968.\u096b", "-\u0969.\u0968\u096b", "\u0967\u0966\u0966\u0969.\u096b"],
    ],
)
def test_quotes_in_cells_and_digits_of_other_scripts_are_read(tmp_path, cells):
    path = tmp_path / "data.csv"
    rows = zip(days(3), cells, strict=True)
    path.write_text("date,v\n" + "".join(f"{day},{cell}\n" for day, cell in rows), encoding="utf-8")
    settings = load_settings(None, {}, ())
    assert panel_of(read_table(str(path), settings.options), settings)[0].values.tolist() == [
        12.5,
        -3.25,
        1003.5,
    ]


def test_a_bracket_behind_digits_is_no_minus(refusal):
    assert refusal(table_text({"v": ["94.5", "94.51)", "95.5"]})).startswith(":3:v: '94.51)' is not a number")


@pytest.mark.parametrize("cells", [["+0151,1", "+0161,1"], ["12,5", "007,1"]])
def test_zeros_before_a_comma_may_be_of_two_numbers(refusal, read, cells):
    text = table_text({"v": cells})
    first = next(cell for cell in cells if "0" in cell[:2])
    assert refusal(text) == (
        f":{2 + cells.index(first)}:v: {first!r} has zeros before the digits, and a comma in a file with "
        "commas: it may be two numbers; write them in two columns, or, where the comma marks decimals: "
        "--set decimal=,"
    )
    found, _ = read(text, decimal=",")
    assert found["v"] == [float(cell.replace(",", ".")) for cell in cells]


@pytest.mark.parametrize(
    ("given", "said"), [({"decimal": "."}, "decimal=."), ({"thousands": ","}, "thousands=,")]
)
def test_a_setting_is_not_overruled_by_cells(refusal, given, said):
    assert refusal(table_text({"v": ["97,43", "114,83"]}), **given) == (
        f":2:v: '97,43' is not written like --set {said}; correct the cell or the setting"
    )


def test_a_comma_in_numbers_as_small_as_the_whole_ones_is_not_clear(refusal):
    assert refusal(table_text({"v": ["2", "1,250", "3"]})).startswith(":3:v: '1,250' may have a comma")


@pytest.mark.parametrize(("one", "two"), [("Dr", "Cr"), ("S", "H"), ("D", "C")])
def test_letters_of_two_sides_of_an_account_are_not_mixed(refusal, one, two):
    assert refusal(table_text({"v": [f"5.50 {one}", f"7.25 {two}", f"1.75 {one}"]})) == (
        f":3:v: '7.25 {two}' beside '5.50 {one}': two sides of an account; write the amounts of one with a "
        "minus, and no letters"
    )


@pytest.mark.parametrize(
    ("cells", "row", "said"),
    [
        (
            ["5", "off", "7", "8", "sick", "off", "9", "6"],
            3,
            "'off' is not a number; write 1 and 0 for yes and no",
        ),
        (["5", "1:17", "7"], 3, "'1:17' is not a number; write durations as numbers, in seconds or minutes"),
        (
            ["5", "'3607", "7"],
            3,
            '"\'3607" is not a number; write it as a plain number, or leave the cell empty',
        ),
        (
            ["5", "closed", "7", "8", "sick", "closed", "9", "6"],
            3,
            "'closed' is not a number; where such texts stand for a missing value: --set missing=closed,sick",
        ),
    ],
)
def test_what_a_cell_that_is_no_number_is_told_to_be(refusal, cells, row, said):
    assert refusal(table_text({"v": cells})) == f":{row}:v: {said}"


def test_all_words_of_a_column_are_taken_as_missing_by_one_mend(read):
    text = table_text({"v": ["5", "closed", "7", "8", "sick", "closed", "9", "6"]})
    found, _ = read(text, missing='["closed","sick"]')
    np.testing.assert_array_equal(found["v"], [5.0, NAN, 7.0, 8.0, NAN, NAN, 9.0, 6.0])


@pytest.mark.parametrize(
    "names", [["Jan.", "Feb.", "März"], ["janv.", "févr.", "mars"], ["ene", "feb", "mar"]]
)
def test_months_of_other_languages_are_as_good_as_dates_with_the_day_first(tmp_path, names):
    path = tmp_path / "data.csv"
    rows = [f"{name} {year};{40 + k}.{21 + k:03}" for year in (21, 22, 23) for k, name in enumerate(names)]
    path.write_text("\n".join(["Monat;Umsatz", *rows, ""]))
    made = Settings(time="Monat", on_gap="mask")
    panel, _ = panel_of(read_table(str(path), made.options), made)
    assert panel.values[:3].tolist() == [40021, 41022, 42023]


def test_english_months_say_nothing_of_marks(tmp_path):
    path = tmp_path / "data.csv"
    rows = [
        f"{name} {year};4{k}.02{k}" for year in (21, 22, 23) for k, name in enumerate(["Jan", "Feb", "Mar"])
    ]
    path.write_text("\n".join(["month;sales", *rows, ""]))
    made = Settings(time="month", on_gap="mask")
    panel, _ = panel_of(read_table(str(path), made.options), made)
    assert panel.values[:3].tolist() == [40.02, 41.021, 42.022]


def monthly_text(day="01.{:02}.{}", value="{},5", separator=";"):
    times = [day.format(month, year) for year in (2021, 2022, 2023) for month in range(1, 13)]
    rows = [f"{time}{separator}{value.format(100 + k)}" for k, time in enumerate(times)]
    return "\n".join([f"Monat{separator}Umsatz", *rows, ""])


@pytest.mark.parametrize("value", ["{},5", "2.{},50", "€ {},25"])
def test_first_days_of_months_between_semicolons_beside_a_comma_for_decimals_are_day_first(read, value):
    values, notes = read(monthly_text(value=value))
    assert len(values["Umsatz"]) == 36
    assert any("read day first" in note and "--set day_first=false otherwise" in note for note in notes)


@pytest.mark.parametrize(
    "changes",
    [{"value": "{}"}, {"value": "{}.5"}, {"value": "1.{}"}, {"separator": ",", "value": "{}.5"}]
    + [{"day": day} for day in ("01/{:02}/{}", "{:02}.05.{}", "{:02}.01.{}")],
)
def test_dots_alone_do_not_say_that_the_day_comes_first(refusal, changes):
    assert "can be read month first or day first" in refusal(monthly_text(**changes))
