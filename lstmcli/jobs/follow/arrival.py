"""A row of a stream as it is judged, and rows that tell what times show."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from lstmcli.evaluation.alarms.told import ToldRows
from lstmcli.series.roles import Roles
from lstmcli.tables.read.grid import Grid
from lstmcli.tables.read.stream import NAME


@dataclass(frozen=True)
class Arrival:
    """A row of one series.

    number  of the series
    time    of its step
    steps   from the newest row of the series before; 0 where it starts, or starts anew
    value   NaN where it is missing
    told    what times show
    closed  whether the time is closed: the row is told, and not judged
    """

    number: int
    time: Any
    steps: int
    value: float
    told: tuple[ToldRows, ...] = ()
    closed: bool = False


def late_since(time: Any, word: str) -> ToldRows:
    """No row in time, from a time on or until it."""
    return bare_row(-1, time, "late", word)


def bare_row(number: int, time: Any, kind: str, word: str) -> ToldRows:
    """Of a series by its number, without a value."""
    return ToldRows.bare(np.array([number]), np.asarray(time).reshape(1), kind, word)


def place_of(row: Grid, roles: Roles) -> str:
    """Of a row in its stream, as messages name it."""
    return f"{NAME}:{int(row.rows[0]) + 1}:{roles.time}".removesuffix(":")
