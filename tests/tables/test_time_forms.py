"""Times as people write them: read, and the next ones written as those before stand there."""

from datetime import date

import numpy as np
import pytest

from lstmcli.errors import DataError
from lstmcli.model_file.document import _contract_fields
from lstmcli.model_file.fields import DamagedDocument
from lstmcli.series.calendar import DAY, HOUR, MINUTE, Step, advance, format_time
from lstmcli.settings.model import Settings
from lstmcli.tables.read import panel_of, read_table, time_pattern
from lstmcli.tables.read.shapes import date_patterns
from lstmcli.tables.write.times import format_stamps

HOURLY, DAILY, WEEKLY = Step("fixed", HOUR), Step("fixed", DAY), Step("fixed", 7 * DAY)
MONTHLY, QUARTERLY = Step("month", 1, 1), Step("month", 3, 1)


def write(path, cells, name="time"):
    rows = [f'"{cell}";{n % 7 + 1}' for n, cell in enumerate(cells)]
    path.write_text("\n".join([f"{name};y", *rows]))


def read(path, **settings):
    chosen = Settings(separator=";", **settings)
    table = read_table(str(path), chosen.options)
    panel, roles = panel_of(table, chosen)
    return panel, time_pattern(table, roles.time), roles


def ahead(panel, pattern, count=2):
    last = advance(panel.starts[0], panel.step, int(panel.lengths[0]) - 1)
    times = advance(last, panel.step, np.arange(1, count + 1))
    return times, list(map(str, np.asarray(format_stamps(times, pattern)).tolist()))


# Cells of a file; its step and first time; and what stands in the two rows after.
FORMS = {
    "12-hour clock": (
        ["1/30/2024 10:00 PM", "1/30/2024 11:00 PM", "1/31/2024 12:00 AM", "1/31/2024 1:00 AM"],
        (HOURLY, "2024-01-30 22:00:00"),
        ["1/31/2024 2:00 AM", "1/31/2024 3:00 AM"],
    ),
    "a clock behind a comma": (
        ["2024-01-31,22:10", "2024-01-31,23:10"],
        (HOURLY, "2024-01-31 22:10:00"),
        ["2024-02-01,00:10", "2024-02-01,01:10"],
    ),
    "a clock behind a colon": (
        ["20240131:2210", "20240131:2310"],
        (HOURLY, "2024-01-31 22:10:00"),
        ["20240201:0010", "20240201:0110"],
    ),
    "noon": (
        ["2024-01-31 10:00:00 AM", "2024-01-31 11:00:00 AM"],
        (HOURLY, "2024-01-31 10:00:00"),
        ["2024-01-31 12:00:00 PM", "2024-01-31 01:00:00 PM"],
    ),
    "hours alone": (
        ["1/31/2024 10 am", "1/31/2024 11 am"],
        (HOURLY, "2024-01-31 10:00:00"),
        ["1/31/2024 12 pm", "1/31/2024 1 pm"],
    ),
    "dots in a.m.": (
        ["31/1/2024 10:00 a.m.", "31/1/2024 11:00 a.m."],
        (HOURLY, "2024-01-31 10:00:00"),
        ["31/1/2024 12:00 p.m.", "31/1/2024 1:00 p.m."],
    ),
    "a comma and a narrow blank": (
        ["1/31/2024, 10:00:00\u202fPM", "1/31/2024, 11:00:00\u202fPM"],
        (HOURLY, "2024-01-31 22:00:00"),
        ["2/1/2024, 12:00:00\u202fAM", "2/1/2024, 1:00:00\u202fAM"],
    ),
    "Korean half of the day": (
        ["2024. 1. 31. 오전 10:00:00", "2024. 1. 31. 오전 11:00:00"],
        (HOURLY, "2024-01-31 10:00:00"),
        ["2024. 1. 31. 오후 12:00:00", "2024. 1. 31. 오후 1:00:00"],
    ),
    "two-digit year, day first": (
        ["30.12.23", "31.12.23"],
        (DAILY, "2023-12-30"),
        ["01.01.24", "02.01.24"],
    ),
    "no zeros, day first": (["30.7.23", "31.7.23"], (DAILY, "2023-07-30"), ["1.8.23", "2.8.23"]),
    "two-digit year, month first": (
        ["1/31/24 22:00", "1/31/24 23:00", "2/1/24 0:00"],
        (HOURLY, "2024-01-31 22:00:00"),
        ["2/1/24 1:00", "2/1/24 2:00"],
    ),
    "two-digit year first": (
        ["23-01-30", "23-01-31", "23-02-01", "23-02-02"],
        (DAILY, "2023-01-30"),
        ["23-02-03", "23-02-04"],
    ),
    "some days of two digits": (
        ["10/9/2024", "10/10/2024", "10/11/2024", "10/12/2024", "10/13/2024"],
        (DAILY, "2024-10-09"),
        ["10/14/2024", "10/15/2024"],
    ),
    "ISO without zeros": (
        ["2024-9-29", "2024-9-30", "2024-10-1"],
        (DAILY, "2024-09-29"),
        ["2024-10-2", "2024-10-3"],
    ),
    "ISO without zeros from October on": (
        ["2024-12-30", "2024-12-31", "2025-1-1"],
        (DAILY, "2024-12-30"),
        ["2025-1-2", "2025-1-3"],
    ),
    "day, name, year": (["30-Dec-23", "31-Dec-23"], (DAILY, "2023-12-30"), ["1-Jan-24", "2-Jan-24"]),
    "a file that begins in May": (
        ["31-May-2025 22:00", "31-May-2025 23:00"],
        (HOURLY, "2025-05-31 22:00:00"),
        ["01-Jun-2025 00:00", "01-Jun-2025 01:00"],
    ),
    "May among long names": (
        ["April 2024", "May 2024"],
        (MONTHLY, "2024-04-01"),
        ["June 2024", "July 2024"],
    ),
    "May among short names": (["May-2024", "Jun-2024"], (MONTHLY, "2024-05-01"), ["Jul-2024", "Aug-2024"]),
    "year before month": (["2023 Nov", "2023 Dec"], (MONTHLY, "2023-11-01"), ["2024 Jan", "2024 Feb"]),
    "month and two digits": (["Nov-23", "Dec-23"], (MONTHLY, "2023-11-01"), ["Jan-24", "Feb-24"]),
    "capitals": (["01NOV2023", "01DEC2023"], (MONTHLY, "2023-11-01"), ["01JAN2024", "01FEB2024"]),
    "dots behind short names": (
        ["Jan. 2024", "Feb. 2024", "March 2024", "April 2024"],
        (MONTHLY, "2024-01-01"),
        ["May 2024", "June 2024"],
    ),
    "month, day, year": (
        ["December 30, 2023", "December 31, 2023"],
        (DAILY, "2023-12-30"),
        ["January 1, 2024", "January 2, 2024"],
    ),
    "endings of numbers": (
        ["December 30th, 2023", "December 31st, 2023"],
        (DAILY, "2023-12-30"),
        ["January 1st, 2024", "January 2nd, 2024"],
    ),
    "day of the week": (
        ["Saturday, December 30, 2023", "Sunday, December 31, 2023"],
        (DAILY, "2023-12-30"),
        ["Monday, January 1, 2024", "Tuesday, January 2, 2024"],
    ),
    "German months": (
        ["November 2023", "Dezember 2023"],
        (MONTHLY, "2023-11-01"),
        ["Januar 2024", "Februar 2024"],
    ),
    "German dates": (
        ["30. April 2024", "1. Mai 2024"],
        (DAILY, "2024-04-30"),
        ["2. Mai 2024", "3. Mai 2024"],
    ),
    "German days of the week": (
        ["Sa., 30. Dez. 2023", "So., 31. Dez. 2023"],
        (DAILY, "2023-12-30"),
        ["Mo., 1. Jan. 2024", "Di., 2. Jan. 2024"],
    ),
    "short German months of Excel": (
        ["Mrz 23", "Apr 23", "Mai 23"],
        (MONTHLY, "2023-03-01"),
        ["Jun 23", "Jul 23"],
    ),
    "French dates": (
        ["30 janvier 2020", "31 janvier 2020", "1 février 2020"],
        (DAILY, "2020-01-30"),
        ["2 février 2020", "3 février 2020"],
    ),
    "the first in French": (
        ["31 janvier 2020", "1er février 2020", "2 février 2020"],
        (DAILY, "2020-01-31"),
        ["3 février 2020", "4 février 2020"],
    ),
    "short French months": (
        ["janv. 2020", "févr. 2020"],
        (MONTHLY, "2020-01-01"),
        ["mars 2020", "avr. 2020"],
    ),
    "Spanish dates": (
        ["30 de enero de 2020", "31 de enero de 2020"],
        (DAILY, "2020-01-30"),
        ["1 de febrero de 2020", "2 de febrero de 2020"],
    ),
    "Italian months": (
        ["novembre 2023", "dicembre 2023"],
        (MONTHLY, "2023-11-01"),
        ["gennaio 2024", "febbraio 2024"],
    ),
    "short Portuguese months": (["nov/2023", "dez/2023"], (MONTHLY, "2023-11-01"), ["jan/2024", "fev/2024"]),
    "Korean months": (["2023년 11월", "2023년 12월"], (MONTHLY, "2023-11-01"), ["2024년 1월", "2024년 2월"]),
    "Korean dates": (
        ["2023년 12월 30일", "2023년 12월 31일"],
        (DAILY, "2023-12-30"),
        ["2024년 1월 1일", "2024년 1월 2일"],
    ),
    "quarter before year": (["Q3-2023", "Q4-2023"], (QUARTERLY, "2023-07-01"), ["Q1-2024", "Q2-2024"]),
    "quarter, blank, year": (["Q3 2023", "Q4 2023"], (QUARTERLY, "2023-07-01"), ["Q1 2024", "Q2 2024"]),
    "3Q23": (["3Q23", "4Q23"], (QUARTERLY, "2023-07-01"), ["1Q24", "2Q24"]),
    "Q4'23": (["Q3'23", "Q4'23"], (QUARTERLY, "2023-07-01"), ["Q1'24", "Q2'24"]),
    "Q4/2023": (["Q3/2023", "Q4/2023"], (QUARTERLY, "2023-07-01"), ["Q1/2024", "Q2/2024"]),
    "German quarters": (
        ["3. Quartal 2023", "4. Quartal 2023"],
        (QUARTERLY, "2023-07-01"),
        ["1. Quartal 2024", "2. Quartal 2024"],
    ),
    "short German quarters": (
        ["3. Vj 2023", "4. Vj 2023"],
        (QUARTERLY, "2023-07-01"),
        ["1. Vj 2024", "2. Vj 2024"],
    ),
    "T4 2023": (["T3 2023", "T4 2023"], (QUARTERLY, "2023-07-01"), ["T1 2024", "T2 2024"]),
    "French quarters": (
        ["3e trimestre 2023", "4e trimestre 2023"],
        (QUARTERLY, "2023-07-01"),
        ["1er trimestre 2024", "2e trimestre 2024"],
    ),
    "Korean quarters": (
        ["2023년 3분기", "2023년 4분기"],
        (QUARTERLY, "2023-07-01"),
        ["2024년 1분기", "2024년 2분기"],
    ),
    "1st Quarter": (
        ["2023-3rd Quarter", "2023-4th Quarter"],
        (QUARTERLY, "2023-07-01"),
        ["2024-1st Quarter", "2024-2nd Quarter"],
    ),
    "Spanish quarters": (
        ["3º trimestre de 2023", "4º trimestre de 2023"],
        (QUARTERLY, "2023-07-01"),
        ["1º trimestre de 2024", "2º trimestre de 2024"],
    ),
    "fiscal years before quarters": (
        ["FY2023 Q3", "FY2023 Q4"],
        (QUARTERLY, "2023-07-01"),
        ["FY2024 Q1", "FY2024 Q2"],
    ),
    "months behind a point and a blank": (
        ["2023. 11", "2023. 12"],
        (MONTHLY, "2023-11-01"),
        ["2024. 01", "2024. 02"],
    ),
    "years with their sign": (
        ["2021年", "2022年"],
        (Step("month", 12, 1), "2021-01-01"),
        ["2023年", "2024年"],
    ),
    "Turkish months": (["Kasım 2023", "Aralık 2023"], (MONTHLY, "2023-11-01"), ["Ocak 2024", "Şubat 2024"]),
    "short Russian months": (["ноя.23", "дек.23"], (MONTHLY, "2023-11-01"), ["янв.24", "фев.24"]),
    "days without signs": (
        [f"{day:02}012024" for day in range(8, 14)],
        (DAILY, "2024-01-08"),
        ["14012024", "15012024"],
    ),
    "eras": (["平成31年4月", "令和元年5月"], (MONTHLY, "2019-04-01"), ["令和元年6月", "令和元年7月"]),
    "eras by letters": (["H31.04", "R01.05"], (MONTHLY, "2019-04-01"), ["R01.06", "R01.07"]),
    "years since 1912": (["112年11月", "112年12月"], (MONTHLY, "2023-11-01"), ["113年01月", "113年02月"]),
    "days of years since 1912": (
        ["112/12/30", "112/12/31"],
        (DAILY, "2023-12-30"),
        ["113/01/01", "113/01/02"],
    ),
    "Russian days": (
        ["30 декабря 2023", "31 декабря 2023"],
        (DAILY, "2023-12-30"),
        ["1 января 2024", "2 января 2024"],
    ),
    "fiscal years": (["Q3 FY2023", "Q4 FY2023"], (QUARTERLY, "2023-07-01"), ["Q1 FY2024", "Q2 FY2024"]),
    "S1 for a half-year": (
        ["S1 2023", "S2 2023"],
        (Step("month", 6, 1), "2023-01-01"),
        ["S1 2024", "S2 2024"],
    ),
    "Spanish months": (
        ["noviembre de 2023", "diciembre de 2023"],
        (MONTHLY, "2023-11-01"),
        ["enero de 2024", "febrero de 2024"],
    ),
    "dots behind all names": (
        ["Mar. 2024", "Apr. 2024", "May. 2024"],
        (MONTHLY, "2024-03-01"),
        ["Jun. 2024", "Jul. 2024"],
    ),
    "months with a point": (["11.2023", "12.2023"], (MONTHLY, "2023-11-01"), ["01.2024", "02.2024"]),
    "a hyphen before the time": (
        ["2023-12-31-22:00", "2023-12-31-23:00"],
        (HOURLY, "2023-12-31 22:00:00"),
        ["2024-01-01-00:00", "2024-01-01-01:00"],
    ),
    "Korean dates with zeros": (
        ["2024년 01월 08일", "2024년 01월 09일"],
        (DAILY, "2024-01-08"),
        ["2024년 01월 10일", "2024년 01월 11일"],
    ),
    "halves of years": (["H1 2023", "H2 2023"], (Step("month", 6, 1), "2023-01-01"), ["H1 2024", "H2 2024"]),
    "2023M12": (["2023M11", "2023M12"], (MONTHLY, "2023-11-01"), ["2024M01", "2024M02"]),
    "2023-9": (["2023-9", "2023-10"], (MONTHLY, "2023-09-01"), ["2023-11", "2023-12"]),
    "9/2023": (["9/2023", "10/2023"], (MONTHLY, "2023-09-01"), ["11/2023", "12/2023"]),
    "weeks": (["2020W52", "2020W53"], (WEEKLY, "2020-12-21"), ["2021W01", "2021W02"]),
    "words of weeks": (
        ["Week 52 2020", "Week 53 2020"],
        (WEEKLY, "2020-12-21"),
        ["Week 1 2021", "Week 2 2021"],
    ),
    "W05-2020": (["W52-2020", "W53-2020", "W01-2021"], (WEEKLY, "2020-12-21"), ["W02-2021", "W03-2021"]),
    "German weeks": (
        ["KW 52/2020", "KW 53/2020", "KW 1/2021"],
        (WEEKLY, "2020-12-21"),
        ["KW 2/2021", "KW 3/2021"],
    ),
    "French weeks": (
        ["Semaine 5 2020", "Semaine 6 2020"],
        (WEEKLY, "2020-01-27"),
        ["Semaine 7 2020", "Semaine 8 2020"],
    ),
    "Korean weeks": (["2020년 5주", "2020년 6주"], (WEEKLY, "2020-01-27"), ["2020년 7주", "2020년 8주"]),
    "24:00": (
        ["12/31/2023 22:00", "12/31/2023 23:00", "12/31/2023 24:00", "01/01/2024 01:00"],
        (HOURLY, "2023-12-31 22:00:00"),
        ["01/01/2024 02:00", "01/01/2024 03:00"],
    ),
    "24:00 in ISO stamps": (
        [*(f"2024-01-01 {h:02}:00" for h in range(1, 25)), *(f"2024-01-02 {h:02}:00" for h in range(1, 24))],
        (HOURLY, "2024-01-01 01:00:00"),
        ["2024-01-02 24:00", "2024-01-03 01:00"],
    ),
    "points in times": (
        ["31.12.2023 22.00.00", "31.12.2023 23.00.00"],
        (HOURLY, "2023-12-31 22:00:00"),
        ["01.01.2024 00.00.00", "01.01.2024 01.00.00"],
    ),
    "18h30": (
        ["31/12/2023 22h30", "31/12/2023 23h00"],
        (Step("fixed", 30 * MINUTE), "2023-12-31 22:30:00"),
        ["31/12/2023 23h30", "01/01/2024 00h00"],
    ),
    "Uhr": (
        ["31.12.2023 22:00 Uhr", "31.12.2023 23:00 Uhr"],
        (HOURLY, "2023-12-31 22:00:00"),
        ["01.01.2024 00:00 Uhr", "01.01.2024 01:00 Uhr"],
    ),
    "intervals": (
        ["31.12.2023 22:00 - 31.12.2023 23:00", "31.12.2023 23:00 - 01.01.2024 00:00"],
        (HOURLY, "2023-12-31 22:00:00"),
        ["01.01.2024 00:00 - 01.01.2024 01:00", "01.01.2024 01:00 - 01.01.2024 02:00"],
    ),
    "intervals of ISO stamps": (
        ["2023-12-31T23:00Z/2024-01-01T00:00Z", "2024-01-01T00:00Z/2024-01-01T01:00Z"],
        (HOURLY, "2023-12-31 23:00:00"),
        ["2024-01-01T01:00Z/2024-01-01T02:00Z", "2024-01-01T02:00Z/2024-01-01T03:00Z"],
    ),
    "intervals in a day": (
        ["2023-12-31 22:00-23:00", "2023-12-31 23:00-00:00"],
        (HOURLY, "2023-12-31 22:00:00"),
        ["2024-01-01 00:00-01:00", "2024-01-01 01:00-02:00"],
    ),
    "offset without a colon": (
        ["2023-12-31 22:00 +0200", "2023-12-31 23:00 +0200"],
        (HOURLY, "2023-12-31 20:00:00"),
        ["2024-01-01 00:00 +0200", "2024-01-01 01:00 +0200"],
    ),
    "offset of nothing": (
        ["2023-12-31T22:00:00.123456+00:00", "2023-12-31T23:00:00.123456+00:00"],
        (HOURLY, "2023-12-31 22:00:00"),
        ["2024-01-01T00:00:00.123456+00:00", "2024-01-01T01:00:00.123456+00:00"],
    ),
    "GMT": (
        ["2023-12-31 22:00:00 GMT", "2023-12-31 23:00:00 GMT"],
        (HOURLY, "2023-12-31 22:00:00"),
        ["2024-01-01 00:00:00 GMT", "2024-01-01 01:00:00 GMT"],
    ),
    "EST": (
        ["12/31/2023 10:00 PM EST", "12/31/2023 11:00 PM EST"],
        (HOURLY, "2024-01-01 03:00:00"),
        ["1/1/2024 12:00 AM EST", "1/1/2024 1:00 AM EST"],
    ),
    "CET and CEST": (
        ["2024-03-31 00:00 CET", "2024-03-31 01:00 CET", "2024-03-31 03:00 CEST"],
        (HOURLY, "2024-03-30 23:00:00"),
        ["2024-03-31 04:00 CEST", "2024-03-31 05:00 CEST"],
    ),
    "mail": (
        ["Sun, 31 Dec 2023 22:00:00 +0000", "Sun, 31 Dec 2023 23:00:00 +0000"],
        (HOURLY, "2023-12-31 22:00:00"),
        ["Mon, 01 Jan 2024 00:00:00 +0000", "Mon, 01 Jan 2024 01:00:00 +0000"],
    ),
    "Unix": (
        ["Sun Dec 31 23:00:00 2023", "Mon Jan  1 00:00:00 2024"],
        (HOURLY, "2023-12-31 23:00:00"),
        ["Mon Jan  1 01:00:00 2024", "Mon Jan  1 02:00:00 2024"],
    ),
    "milliseconds with Z": (
        ["2023-12-31T22:00:00.250Z", "2023-12-31T23:00:00.250Z"],
        (HOURLY, "2023-12-31 22:00:00"),
        ["2024-01-01T00:00:00.250Z", "2024-01-01T01:00:00.250Z"],
    ),
    "nanoseconds with Z": (
        ["2023-12-31T22:00:00.000000000Z", "2023-12-31T23:00:00.000000000Z"],
        (HOURLY, "2023-12-31 22:00:00"),
        ["2024-01-01T00:00:00.000000000Z", "2024-01-01T01:00:00.000000000Z"],
    ),
    "blanks around": (
        [" 2023-12-31 22:00 ", " 2023-12-31 23:00 "],
        (HOURLY, "2023-12-31 22:00:00"),
        ["2024-01-01 00:00", "2024-01-01 01:00"],
    ),
    "compact with T": (
        ["20231231T220000Z", "20231231T230000Z"],
        (HOURLY, "2023-12-31 22:00:00"),
        ["20240101T000000Z", "20240101T010000Z"],
    ),
    "day of the year": (["2023-364", "2023-365"], (DAILY, "2023-12-30"), ["2024-001", "2024-002"]),
    "nanoseconds since 1970": (
        ["1704060000000000000", "1704063600000000000"],
        (HOURLY, "2023-12-31 22:00:00"),
        ["1704067200000000000", "1704070800000000000"],
    ),
    "epoch with fractions": (
        ["1704060000.5", "1704063600.5"],
        (HOURLY, "2023-12-31 22:00:00"),
        ["1704067200.5", "1704070800.5"],
    ),
    "days of Excel": (["45290", "45291", "45292"], (DAILY, "2023-12-30"), ["45293", "45294"]),
    "hours of Excel": (
        ["45291.9166667", "45291.9583333", "45292.0", "45292.0416667"],
        (HOURLY, "2023-12-31 22:00:00"),
        ["45292.0833333", "45292.125"],
    ),
}


@pytest.mark.parametrize(("cells", "found", "after"), FORMS.values(), ids=FORMS)
def test_what_is_written_continues_what_was_read(tmp_path, cells, found, after):
    write(tmp_path / "data.csv", cells)
    panel, pattern, _ = read(tmp_path / "data.csv")
    times, texts = ahead(panel, pattern)
    assert (panel.step, format_time(panel.starts[0]), texts) == (*found, after)
    write(tmp_path / "longer.csv", [*cells, *texts])
    longer, same, _ = read(tmp_path / "longer.csv")
    assert same == pattern
    assert longer.times(0, len(cells), 2).tolist() == times.tolist()
    assert longer.step == panel.step


@pytest.mark.parametrize(("cells", "found", "after"), FORMS.values(), ids=FORMS)
def test_a_model_keeps_every_pattern(tmp_path, cells, found, after):
    write(tmp_path / "data.csv", cells)
    pattern = read(tmp_path / "data.csv")[1]
    with pytest.raises(DamagedDocument) as caught:  # of the fields that are missing here
        _contract_fields({"time_pattern": pattern}, "contract")
    assert "time_pattern" not in str(caught.value)


def refused(path, cells, name="time", **settings):
    write(path, cells, name)
    with pytest.raises(DataError) as caught:
        read(path, **settings)
    return caught.value


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["1-01", "1-02", "1-03"], "'1-01' is not a time stamp: it has no year of four digits"),
        (["Jan 30", "Jan 31"], "'Jan 30' is not a time stamp: it has no year"),
        (["18:00", "19:00"], "'18:00' is not a time stamp: it has no date"),
        (["Mar  4 00:00:09", "Mar  4 00:01:09"], "'Mar  4 00:00:09' is not a time stamp: it has no year"),
        (["Mar-04 00:00:00", "Mar-04 00:01:00"], "'Mar-04 00:00:00' is not a time stamp: it has no year"),
        (["04 Mar 10:30:00", "04 Mar 10:31:00"], "'04 Mar 10:30:00' is not a time stamp"),
        (["12:30:15 Mar 04", "12:30:16 Mar 04"], "'12:30:15 Mar 04' is not a time stamp"),
        (["2024-03 10:30:00", "2024-03 10:31:00"], "'2024-03 10:30:00' is not a time stamp"),
        (["30-Jan", "31-Jan"], "'30-Jan' is not a time stamp: it has no year"),
        (["soon", "later"], "'soon' is not a time stamp that is known; read are dates as 2024-12-31"),
    ],
)
@pytest.mark.parametrize("name", ["Month", "Datum", "Fecha", "TimeStamp_UTC"])
def test_a_time_column_that_is_not_read_is_named_with_its_first_cell(tmp_path, cells, said, name):
    error = refused(tmp_path / "data.csv", cells, name)
    assert (error.kind, error.row, error.column) == ("not-a-time", 2, name)
    assert said in str(error)
    assert "count rows, without times: " in str(error)


def test_what_a_refusal_of_stamps_offers_is_taken(tmp_path):
    write(tmp_path / "data.csv", ["1-01", "1-02", "1-03"], "Month")
    panel, _, _ = read(tmp_path / "data.csv", time="none", step="1mo")
    assert panel.step == Step("month", 1, 1, dated=False)


def test_rounded_epochs_are_refused(tmp_path):
    cells = ["1.70407E+12", "1.70407E+12", "1.70408E+12", "1.70408E+12"]
    assert "is rounded: milliseconds since 1970" in str(refused(tmp_path / "data.csv", cells))


def test_whole_epochs_with_a_point_are_not_rounded(tmp_path):
    write(tmp_path / "data.csv", [f"{1704067200 + 86400 * n}.0" for n in range(9)])
    assert ahead(*read(tmp_path / "data.csv")[:2])[1] == ["1704844800.0", "1704931200.0"]


def test_week_numbers_behind_the_year(tmp_path):
    cells = [*(f"2020{w:02}" for w in range(40, 54)), "202101"]
    write(tmp_path / "data.csv", cells)
    panel, pattern, roles = read(tmp_path / "data.csv")
    assert (panel.step, ahead(panel, pattern)[1]) == (WEEKLY, ["202102", "202103"])
    assert "time stamps taken as weeks: 202040 begins on 2020-09-28" in roles.notes


def test_the_name_of_a_column_tells_weeks_from_months(tmp_path):
    cells = [f"2020{w:02}" for w in range(1, 7)]
    for name, step in (("Week", WEEKLY), ("Month", MONTHLY)):
        write(tmp_path / "data.csv", cells, name)
        assert read(tmp_path / "data.csv", time=name)[0].step == step


def test_quarters_and_months_of_plain_numbers(tmp_path):
    cells = [f"{q}-{year}" for year in (2021, 2022, 2023) for q in (1, 2, 3, 4)]
    write(tmp_path / "data.csv", cells, "Quarter")
    panel, pattern, roles = read(tmp_path / "data.csv")
    assert (panel.step, ahead(panel, pattern)[1]) == (QUARTERLY, ["1-2024", "2-2024"])
    assert "time stamps taken as quarters: 1-2021 begins on 2021-01-01" in roles.notes
    error = refused(tmp_path / "data.csv", cells, "time")
    assert error.kind == "ambiguous-date"
    assert "may be a month or a quarter; write 2021-Q1 or 2021-01, or call the column Quarter" in str(error)


def test_a_wrong_day_of_the_week_is_no_stamp(tmp_path):
    cells = ["Monday, January 1, 2024", "Tuesday, January 2, 2024", "Monday, January 3, 2024"]
    error = refused(tmp_path / "data.csv", cells)
    assert (error.kind, error.row) == ("not-a-time", 4)


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        (["30.12.23", "31.12.23"], "years of two digits taken as 1940 to 2039: 30.12.23 is 2023-12-30"),
        (["1/31/2024 23:00", "1/31/2024 24:00"], "24:00 taken as the midnight that ends the day"),
        (
            ["5/30/2024 22:00-23:00", "5/30/2024 23:00-00:00"],
            "time stamps are intervals of 1 hour: taken by their start",
        ),
        (
            ["30-May-2024", "31-May-2024"],
            "all months are May, which may be short or not: June is written Jun",
        ),
        (["45290", "45291"], "time stamps taken as the days that Excel counts: 45290 is 2023-12-30"),
        (
            ["2024-03-31T01:00:00+01:00", "2024-03-31T03:00:00+02:00"],
            "offsets from UTC differ: times taken to UTC",
        ),
    ],
)
def test_what_is_assumed_is_said(tmp_path, cells, note):
    write(tmp_path / "data.csv", cells)
    assert note in read(tmp_path / "data.csv")[2].notes


def test_intervals_of_different_lengths_are_written_by_their_start(tmp_path):
    cells = ["2024-01-01 - 2024-01-31", "2024-02-01 - 2024-02-29"]
    write(tmp_path / "data.csv", cells)
    panel, pattern, roles = read(tmp_path / "data.csv")
    assert ahead(panel, pattern)[1] == ["2024-03-01", "2024-04-01"]
    assert "time stamps are intervals: taken by their start, and written without their end" in roles.notes


@pytest.mark.parametrize(
    "cell", ["12.5 kWh", "Store 12", "CO2-2020", "10.0.0.1", "T1", "abc", "12:00", "1.5"]
)
def test_what_is_no_date_has_no_pattern(cell):
    assert date_patterns(cell) == []


# Which column


def columns(path, header, rows, **settings):
    path.write_text("\n".join([header, *rows]))
    return read(path, **settings)


def test_the_column_that_varies_is_the_time(tmp_path):
    rows = [f"2024-01-01;2024-02-01;2024-01-0{n};{n}" for n in range(1, 5)]
    _, _, roles = columns(tmp_path / "data.csv", "_start;_stop;_time;y", rows)
    assert roles.time == "_time"


def test_the_start_goes_before_the_end(tmp_path):
    rows = [f"{n};2024-01-0{n + 1};2024-01-0{n}" for n in range(1, 5)]
    _, _, roles = columns(tmp_path / "data.csv", "y;End;Start", rows)
    assert roles.time == "Start"


@pytest.mark.parametrize("pattern", ["%d.%m.%y", "%d-%b-%y", "%y-%m-%d", "%y-%b-%d"])
def test_months_of_years_with_two_digits_are_no_days_of_one_year(tmp_path, pattern):
    months = [date(1955 + k // 12, k % 12 + 1, 28) for k in range(130)]
    write(tmp_path / "data.csv", [day.strftime(pattern) for day in months])
    panel, written, _ = read(tmp_path / "data.csv")
    assert (panel.step.describe(), str(panel.starts[0])[:10]) == ("one month", "1955-01-28")
    assert ahead(panel, written)[1][0] == date(1965, 11, 28).strftime(pattern)


def test_years_of_two_digits_begin_with_1940(tmp_path):
    cells = [f"{name}-{year:02}" for year in range(38, 40) for name in ("Jan", "Jul")]
    write(tmp_path / "data.csv", cells)
    assert str(read(tmp_path / "data.csv")[0].starts[0])[:4] == "2038"
    write(tmp_path / "data.csv", [f"Jan-{year}" for year in range(49, 61)])
    panel, written, _ = read(tmp_path / "data.csv")
    assert (str(panel.starts[0])[:7], ahead(panel, written)[1][0]) == ("1949-01", "Jan-61")


def test_rows_are_counted_by_the_step_that_the_name_of_a_column_tells(tmp_path):
    for name, step in (("Quarter", "1q"), ("week", "1w"), ("Monat", "1mo")):
        error = refused(tmp_path / "data.csv", [f"{k}.Teil {2020 + k // 4}" for k in range(9)], name)
        assert str(error).endswith(f"--set time=none --step {step}")


def test_seconds_of_whole_minutes_are_times_under_any_name(tmp_path):
    for step, found in ((60, "dt"), (61, "")):
        write(tmp_path / "data.csv", [str(1704067200 + step * n) for n in range(30)], "dt")
        roles = panel_of(read_table(str(tmp_path / "data.csv")), Settings(step="auto" if found else "1min"))[
            1
        ]
        assert roles.time == found
