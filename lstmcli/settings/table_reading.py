"""How the cells of a table are written: what reading finds out once, and a model remembers."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class NumberForm:
    """How the numbers of one column are written.

    decimal    mark of decimals
    thousands  mark between groups of digits, "space" for blanks of any kind, "" for none
    unit       sign or unit that is taken off, as "$", "%", "kWh"
    scaled     whether K, M, B and the like behind a number multiply it
    flags      what becomes of numbers with a mark beside them: "read" without it, "missing", "" for refused
    """

    decimal: str = "."
    thousands: str = ""
    unit: str = ""
    scaled: bool = False
    flags: str = ""


@dataclass(frozen=True)
class JoinedTime:
    """Times whose parts stand in several columns. kinds: what each holds, see `tables.read.time_parts`;
    labels: those of months or quarters that no list knows, in their order; days: how days are written whose
    hours or periods are counted through a change of clocks, "" elsewhere."""

    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    labels: tuple[str, ...] = ()
    days: str = ""

    @property
    def name(self) -> str:
        """That of the column of the joined times."""
        return " ".join(self.columns)


@dataclass(frozen=True)
class TableReading:
    """How the cells of a table are written, where that is not plain.

    numbers  by column; also of a column of plain numbers, where decimals were seen in it
    time     how time stamps are written (`tables.read.patterns`), which decides where several readings fit
    joined   the columns whose cells together are the time
    """

    numbers: Mapping[str, NumberForm] = field(default_factory=dict, hash=False)
    time: str | None = None
    joined: JoinedTime | None = None

    def of(self, columns: Collection[str]) -> "TableReading":
        """What concerns some columns."""
        numbers = {name: form for name, form in self.numbers.items() if name in columns}
        return TableReading(numbers, self.time, self.joined)

    def unit_of(self, columns: Collection[str]) -> str:
        """The one unit beside the numbers of all of these columns; "" where there is none, or several."""
        units = {self.numbers.get(name, NumberForm()).unit for name in columns}
        return units.pop() if len(units) == 1 else ""


def reading_from(document: Mapping[str, Any]) -> TableReading:
    """A reading from the plain fields of its dataclasses."""
    numbers = {name: NumberForm(**form) for name, form in document["numbers"].items()}
    joined = document["joined"]
    return TableReading(numbers, document["time"], _joined_from(joined) if joined else None)


def _joined_from(document: Mapping[str, Any]) -> JoinedTime:
    columns, kinds, labels = (tuple(document.get(name, ())) for name in ("columns", "kinds", "labels"))
    return JoinedTime(columns, kinds, labels, document.get("days", ""))
