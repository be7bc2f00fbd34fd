"""Tables of days and of numbers as they are written."""

import csv
import io
from datetime import date, timedelta

GERMAN = "%d.%m.%Y"


def days(count, form="%Y-%m-%d"):
    return [(date(2023, 1, 13) + timedelta(day)).strftime(form) for day in range(count)]


def table_text(columns, separator=",", form="%Y-%m-%d"):
    made, rows = io.StringIO(), zip(*columns.values(), strict=True)
    writer = csv.writer(made, delimiter=separator, lineterminator="\n")
    writer.writerow(["date", *columns])
    count = len(next(iter(columns.values())))
    writer.writerows([day, *row] for day, row in zip(days(count, form), rows, strict=True))
    return made.getvalue()
