"""Tables in JSON of every shape, some absurd, some damaged: each is read or refused, in time, and as it is.

    python tests/robustness/mutated_json.py --count 5000

What becomes text is compared with a slow and obvious reading by Python's own decoder of whole texts. Tells
how many ended how, how long it took and the most memory; ends with 1 where one did not end well.
"""

import csv
import io
import json
import random
import sys
import tempfile
import warnings
from pathlib import Path

from fuzzing import arguments, check_refusal, count_outcomes, no_longer_than

from lstmcli.errors import LstmcliError
from lstmcli.settings.model import Settings
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read import panel_of, read_table
from lstmcli.tables.read.json_tables import json_text
from lstmcli.tables.read.made_text import number_text
from lstmcli.tables.read.sources import TableSource

sys.path += [str(Path(__file__).parents[1] / folder) for folder in (".", "tables")]
from builders import made_model
from test_mutated_files import damage_bytes, start_table

SECONDS = 10
MODEL = made_model()  # loads what is large before memory is limited
FORMS = "objects", "lines", "columns", "named", "sparse", "deep"
NUMBERS = "1e400", "-0", "1" * 5000, "1.234", "0.1e-999", "NaN", "-Infinity", "1E5", "12345678901234567890"
TEXTS = (
    "\ud800",
    "\ue000",
    "a\rb",
    "a\nb",
    "\0",
    "\x1b[31m",
    "\u202e",
    '"',
    "\\",
    ",",
    "]},{",
    "é",
    "",
    " ",
    "1,5",
)
NAMES = "time", " time", "y ", "y.y", "", "\x1b[2J", "\ud83d", "c" * 300, "1", "None"


class Number(float):
    """Written as it was drawn."""

    def __new__(cls, text):
        made = super().__new__(cls, 0.0)
        made.text = text
        return made


class Twice(dict):
    """An object whose last name stands in it twice."""


def written(value, rng, depth=0):
    """As JSON, with other blanks and escapes each time."""
    blank = rng.choice(["", "", " ", "\n"]) if depth < 3 else ""
    if isinstance(value, Number):
        return value.text
    if isinstance(value, dict):
        pairs = [*value.items(), *(list(value.items())[-1:] if isinstance(value, Twice) else [])]
        inner = [f"{json.dumps(k)}:{blank}{written(v, rng, depth + 1)}" for k, v in pairs]
        return "{" + f",{blank}".join(inner) + "}"
    if isinstance(value, list):
        return "[" + f",{blank}".join(written(v, rng, depth + 1) for v in value) + blank + "]"
    try:
        return json.dumps(value, ensure_ascii=rng.random() < 0.5)
    except UnicodeError:
        return json.dumps(value)


def odd(rng, depth=0):
    """A value that a table does not usually hold."""
    kind = rng.randrange(7 if depth < 3 else 4)
    if kind == 0:
        return Number(rng.choice(NUMBERS))
    if kind == 1:
        return rng.choice([None, True, False])
    if kind in (2, 3):
        return rng.choice(TEXTS)
    if kind == 4:
        return [odd(rng, depth + 1) for _ in range(rng.randrange(3))]
    made = {rng.choice(NAMES): odd(rng, depth + 1) for _ in range(rng.randrange(1, 4))}
    return Twice(made) if rng.random() < 0.3 else made


def records(rng):
    header, *rows = start_table(rng)
    numbers = rng.random() < 0.7
    found = [dict(zip(header, row, strict=False)) for row in rows]
    for row in found:
        for name in [name for name in row if numbers and row[name].replace(".", "", 1).isdigit()]:
            row[name] = Number(row[name]) if not row[name].startswith("0") or "." in row[name] else row[name]
    return found


def damaged_records(rng, rows):
    for _ in range(rng.choice([0, 0, 1, 2, 3])):
        objects = [row for row in rows if isinstance(row, dict)] or [{}]
        row = rng.choice(objects)
        match rng.randrange(6):
            case 0:
                row[rng.choice(list(row) or ["x"])] = odd(rng)
            case 1:
                row[rng.choice(NAMES)] = odd(rng)
            case 2:
                row.pop(rng.choice(list(row) or ["x"]), None)
            case 3:
                items = list(row.items())
                rng.shuffle(items)
                row.clear()
                row.update(items)
            case 4:
                name = rng.choice(list(row) or ["x"])
                for other in objects:
                    other[f"{name}{rng.choice(['', ' ', '.z'])}"] = odd(rng)
            case _:
                rows[rng.randrange(len(rows))] = odd(rng)
                rows[:] = [each if isinstance(each, dict) or rng.random() < 0.1 else {} for each in rows]
    return rows


def sparse(rng):
    """Many rows, each with a name of its own."""
    rows, names = rng.choice([(300, 300), (3000, 50), (9000, 9000), (9000, 4000)])
    return [{"time": f"{1800 + n // 12}-{n % 12 + 1:02}", "y": n, f"c{n % names}": 1} for n in range(rows)]


def deep(rng):
    depth, made = rng.choice([10, 300, 900, 3000, 9000]), '"x"'
    opened, closed = rng.choice([("[", "]"), ('{"a":', "}"), ('{"b":1,"a":', "}")])
    made = opened * depth + made + closed * depth
    rows = rng.choice([1, 3])
    return "[" + ",".join(f'{{"time":"2024-01-0{n + 1}","y":{n},"z":{made}}}' for n in range(rows)) + "]"


def content_of(seed):
    """The bytes of a file, the same for the same seed."""
    rng, form = random.Random(seed), FORMS[seed % len(FORMS)]
    if form == "deep":
        text = deep(rng)
    elif form == "sparse":
        text = json.dumps(sparse(rng)) if rng.random() < 0.5 else "\n".join(map(json.dumps, sparse(rng)))
    else:
        rows = damaged_records(rng, records(rng)) if form != "columns" else records(rng)
        if form == "lines":
            ends = rng.choice(["\n", "\r\n", "\n\n"])
            text = ends.join(written(row, rng, 3) for row in rows) + rng.choice(["", "\n"])
        elif form == "columns":
            columns = {name: [row.get(name) for row in rows] for name in rows[0]}
            for _ in range(rng.choice([0, 1, 2])):
                column = rng.choice(list(columns.values()))
                column[rng.randrange(len(column))] = odd(rng)
            text = written(columns, rng)
        else:
            extra = {"unit": "kWh", "more": [1, 2], "data": rows}
            text = written(extra if form == "named" else rows, rng)
    raw = text.encode("utf-8", "surrogatepass" if rng.random() < 0.3 else "replace")
    for _ in range(rng.choice([0, 0, 0, 1, 2])):
        raw = damage_bytes(rng, raw)
    return raw


def decoded(text):
    return json.loads(text, parse_float=number_text, parse_int=str, parse_constant=str)


def obvious_rows(text):
    """The objects of a table in JSON by Python's decoder."""
    try:
        whole = decoded(text)
    except ValueError:
        return [decoded(line) if line.strip() else {} for line in io.StringIO(text, newline="")]
    if isinstance(whole, list):
        return whole
    lists = [part for part in whole.values() if isinstance(part, list) and part and isinstance(part[0], dict)]
    if len(lists) == 1:
        return lists[0]
    return [dict(zip(whole, row, strict=True)) for row in zip(*whole.values(), strict=True)]


def flat(row, before=""):
    made = {}
    for key, value in row.items():
        name = before + key.strip()
        if isinstance(value, dict):
            made |= flat(value, f"{name}.")
        else:
            made[name] = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    return made


def compare(raw, source):
    """What became text holds the rows that are there."""
    wide = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    encoding = "utf-32" if raw[:4].endswith(b"\0\0") else "utf-16" if wide else "utf-8-sig"
    rows = list(map(flat, obvious_rows(raw.decode(encoding).removeprefix("\ufeff"))))
    assert {*source.names} == {name for row in rows for name in row}
    lines = source.content.decode().split("\n")[:-1]
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        cells = [row.get(name, "") for name in source.names]
        cells = [cell.replace("\r\n", " ").replace("\n", " ").replace("\r", " ") for cell in cells]
        cells = [cell.replace("\0", "").encode("utf-8", "replace").decode() for cell in cells]
        assert next(csv.reader([line]), []) == (cells if any(row.values()) else [])


def tried(seed, folder):
    """The outcome for one seed."""
    raw, form = content_of(seed), FORMS[seed % len(FORMS)]
    path = folder / "data.json"
    path.write_bytes(raw)
    with no_longer_than(SECONDS), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            source = TableSource(str(path))
            made = json_text(source, ReadOptions())
            if made is not source:
                compare(raw, made)
            panel_of(read_table(str(path)), Settings())
        except LstmcliError as error:
            check_refusal(error)
            return f"{form}: refused"
    return f"{form}: read"


def main():
    with tempfile.TemporaryDirectory() as name:
        count_outcomes(lambda seed: tried(seed, Path(name)), arguments(__doc__))


if __name__ == "__main__":
    main()
