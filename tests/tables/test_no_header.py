"""Files that name no columns are refused, whatever their first row holds; none of their rows is lost."""

from datetime import date, timedelta

import pytest

from lstmcli.errors import DataError
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table

COUNT = 40
DAYS = [date(2024, 1, 1) + timedelta(days=k) for k in range(COUNT)]
VALUES = [100 + 13 * k % 29 for k in range(COUNT)]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def rows(text):
    """text: a row with {d} for the day, {v} for the value, {m} for a month, {q} for a quarter, {s} for
    seconds since 1970."""
    return [
        text.format(
            d=day,
            v=value,
            m=f"{MONTHS[k % 12]}-{10 + k // 12}",
            q=f"{2010 + k // 4}Q{k % 4 + 1}",
            s=1704067200 + 86400 * k,
        )
        for k, (day, value) in enumerate(zip(DAYS, VALUES, strict=True))
    ]


CASES = {
    "a symbol before the date": ("EURUSD,{d:%Y%m%d},{v}.5,{v}.25", {}, 2),
    "a name behind the date": ("{d},kitchen,{v}", {}, 1),
    "texts and days of eight digits": ("USW1,{d:%Y%m%d},TMAX,{v},,,W", {}, 1),
    "minutes of twelve digits": ("a,{d:%Y%m%d}0930,{v},,", {}, 1),
    "a note that differs": ("{d:%d.%m.%Y};n{v} {d};{v}", {}, 1),
    "names of months": ("{m},{v}", {}, 1),
    "quarters": ("{q},{v}", {}, 1),
    "seconds": ("{s},{v}", {"time": "1"}, 1),
    "a comma for decimals beside a unit": ("{d:%d.%m.%Y};{v},5 kWh", {}, 1),
}


@pytest.mark.parametrize(("text", "more", "targets"), CASES.values(), ids=CASES)
def test_a_first_row_like_those_below_it_is_no_header(tmp_path, text, more, targets):
    path = tmp_path / "data.csv"
    path.write_text("\n".join([*rows(text), ""]))
    with pytest.raises(DataError, match=r"the first row looks like data.*--no-header") as caught:
        read_table(str(path))
    assert (caught.value.kind, caught.value.row) == ("no-header", 1)
    chosen = Settings(header=False, **more)
    panel, roles = panel_of(read_table(str(path), chosen.options), chosen)
    assert (len(roles.targets), panel.lengths.tolist()) == (targets, [COUNT] * targets)
    assert round(panel.history(0).sum()) in (sum(VALUES), sum(VALUES) + COUNT // 2)


@pytest.mark.parametrize(
    "header", ["station,2024-01-01,2024-01-02,2024-01-03", "store,1,2,3,4,5", "id,10,20"]
)
def test_names_that_are_numbers_or_dates_stay_a_header(tmp_path, header):
    width = header.count(",")
    path = tmp_path / "data.csv"
    lines = [f"{day}," + ",".join(f"{k + n}.5" for n in range(width)) for k, day in enumerate(DAYS)]
    named = header if header[:7] == "station" else header.replace(header.split(",")[0], "date")
    body = [f"S{k}," + ",".join(f"{k + n}.5" for n in range(width)) for k in range(6)]
    path.write_text("\n".join([named, *(body if named == header else lines), ""]))
    assert len(read_table(str(path)).frame) == (width * 6 if named == header else COUNT)


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_a_comma_in_a_name_and_for_decimals_separates_no_cells(tmp_path, sign):
    path = tmp_path / "data.csv"
    lines = [f"{day:%d.%m.%Y}{sign}{value},5" for day, value in zip(DAYS, VALUES, strict=True)]
    path.write_text("\n".join([f"Datum{sign}Menge, kWh", *lines, ""]))
    panel, roles = panel_of(read_table(str(path)), Settings())
    assert (roles.targets, panel.history(0).sum()) == (("Menge, kWh",), sum(VALUES) + COUNT / 2)
