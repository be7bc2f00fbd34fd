"""Columns whose cells have several units."""

import re
import shlex

import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table

DAYS = [f"2024-01-{day:02}" for day in range(1, 29)]


def written(path, one, other, header="date,v", more=lambda k: ""):
    cells = [f"{10 + k * 7 % 13}.5 {other if k % 4 == 3 else one}" for k in range(len(DAYS))]
    path.write_text(
        "\n".join([header, *(f"{d},{c}{more(k)}" for k, (d, c) in enumerate(zip(DAYS, cells, strict=True)))])
    )
    return str(path)


def read(path, **settings):
    chosen = Settings(**settings)
    return panel_of(read_table(path, chosen.options), chosen)


@pytest.mark.parametrize(
    ("one", "other", "power"),
    [("km", "m", 3), ("m", "cm", 2), ("kg", "g", 3), ("t", "kg", 3), ("MWh", "kWh", 3), ("GB", "MB", 3),
     ("l", "ml", 3), ("s", "ms", 3), ("hPa", "Pa", 2)],
)  # fmt: skip
@pytest.mark.parametrize("turned", [False, True])
def test_the_command_that_is_named_makes_one_unit(tmp_path, one, other, power, turned):
    path = written(tmp_path / "t.csv", *((other, one) if turned else (one, other)))
    said = r":5:v: '18.5 \w+' beside '10.5 \w+': several units; write the column in one"
    with pytest.raises(DataError, match=said) as error:
        read(path)
    words = shlex.split(re.search(r"sed .* does", str(error.value))[0])
    assert words[:2] == ["sed", "-E"]
    found, new = re.fullmatch(r"s/(.*)/(.*)/g", words[2]).groups()
    text = (tmp_path / "t.csv").read_text()
    (tmp_path / "t.csv").write_text(re.sub(found, new, text))
    values = read(path)[0].values.tolist()
    assert values[0] == 10.5 * (1 if turned else 10**power)
    assert values[3] == 18.5 * (10**power if turned else 1)


@pytest.mark.parametrize(
    ("one", "other"),
    [("d", "h"), ("h", "min"), ("s", "min"), ("°C", "°F"), ("km", "mi"), ("EUR", "USD"), ("%", "°C"),
     ("D", "H"), ("c", "d")],
)  # fmt: skip
def test_other_units_are_to_be_written_in_one(tmp_path, one, other):
    with pytest.raises(DataError, match=r"several units; write the column in one$"):
        read(written(tmp_path / "t.csv", one, other))


def test_a_column_beside_others_can_be_left_out(tmp_path):
    path = written(tmp_path / "t.csv", "d", "h", "date,v,n", lambda k: f",{k * 5 % 17}")
    with pytest.raises(DataError, match=r"write the column in one; without it: --set target=n$"):
        read(path)
    assert read(path, target=["n"])[1].targets == ("n",)
