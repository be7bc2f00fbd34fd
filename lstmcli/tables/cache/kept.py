"""What a cache keeps of a table beside its rows, as JSON."""

from dataclasses import asdict
from typing import Any

import pandas as pd

from lstmcli.settings.reading import ReadOptions
from lstmcli.settings.table_reading import reading_from
from lstmcli.tables.read.reading import FoundReading
from lstmcli.tables.read.sources import TableSource
from lstmcli.tables.read.table import Table, TablePart
from lstmcli.tables.read.text import Dialect


def describe_table(table: Table, pattern: str | None) -> dict[str, Any]:
    """pattern: how its time stamps are written."""
    return {
        "notes": table.notes,
        "reading": asdict(table.reading.reading),
        "pattern": pattern,
        "dialects": _dialects(table),
    }


def table_from(content: dict[str, Any], time: str, source: str, options: ReadOptions) -> Table:
    """The table without its rows. time: the column of time stamps; source: its name."""
    reading = FoundReading(reading_from(content["reading"]))
    parts = tuple(TablePart(TableSource(""), 0, one and Dialect(**one)) for one in content["dialects"])
    table = Table(pd.DataFrame(), source, parts, options, tuple(content["notes"]), reading=reading)
    table.patterns[time] = content["pattern"]
    return table


def _dialects(table: Table) -> list[dict[str, Any] | None]:
    """Those of the files, each once: what is written follows them."""
    found: list[dict[str, Any] | None] = []
    for part in table.parts:
        known: dict[str, Any] | None = None
        if one := part.dialect:
            known = {"separator": one.separator, "decimal": one.decimal, "mark": one.mark}
            known |= {"names": (), "header": True, "before": 0}
        found += [known] if known not in found else []
    return found


def answers(content: dict[str, Any], identity: dict[str, Any]) -> bool:
    """Whether a cache holds what is wanted; one of training also answers a model with its roles."""
    own = content.get("identity")
    if not isinstance(own, dict):
        return False
    if own == identity:
        return True
    resolved = {"roles": content.get("roles"), "step": content.get("panel", {}).get("step")}
    options = (own.get("options"), content.get("learned"))
    return any(own | {"asked": resolved, "options": how} == identity for how in options)
