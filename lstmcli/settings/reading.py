"""How a file is read, apart from what its columns are for."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lstmcli.series.calendar import Step
from lstmcli.series.steps import parse_resample, parse_step
from lstmcli.settings.choices import (
    Auto,
    DecimalChoice,
    OnDuplicate,
    OnFlag,
    OnGap,
    OpenTimes,
    ThousandsChoice,
    Totals,
)
from lstmcli.settings.table_reading import TableReading


@dataclass(frozen=True)
class Resampling:
    """Bins of one step, and how the values in each become one; text: both as they are written."""

    text: str
    step: Step
    how: str


@dataclass(frozen=True)
class ReadOptions:
    """Stored in the model, so that `predict` reads as `train` did; "auto" is decided for each file.

    separator     between cells, or "auto"
    decimal       mark of decimals, "." or ","; "auto" finds it in each column
    thousands     mark of thousands, "none" where there is none; "auto" finds it in each column
    missing       further texts and numbers that stand for a missing value
    on_flag       numbers with a mark beside them, as 441.8 e: read without it, missing, or refused
    encoding      a name that Python knows
    sheet         name of the sheet of a workbook; "" for the first with a table
    skip_rows     lines above the header that are left out; "auto" finds them
    comment       what lines begin with that are left out; "auto" looks at the first lines; "none"
    header        whether the first row names the columns; without one they are called 1, 2, ...
    day_first     whether 01/02 is the first of February; "auto" where only one order fits
    timezone      time zone of stamps without an offset, as "Europe/Berlin"; "" for none
    step          distance of rows, as "1h", or "auto"; needed where there is no time column
    holidays      country or part of one; open times without rows on its public holidays are left missing
    open          whether times that are closed week by week are left out, as nights and Sundays, or "always"
    totals        whether series that are called a total and are the sum of others are kept, or left out
    on_gap        where a series leaves out times: refuse, leave the values missing, or interpolate
    on_duplicate  where a series has several rows of one time: refuse, or take one or their mean
    resample      step and aggregate, as "1h=mean", or "" for none
    known         how cells are written as far as a model remembers it; tried first
    as_written    columns of times, names and categories, whose cells are no numbers
    names         of the columns by their place, as a model remembers them: of files without a header
    time          the setting `time`: a column, several that are joined ("Date,Time"), "none", "auto"

    Raises SettingsError for a step or a resampling that cannot be parsed.
    """

    separator: str = "auto"
    decimal: DecimalChoice = "auto"
    encoding: str = "utf-8"
    sheet: str = ""
    skip_rows: int | Auto = "auto"
    comment: str = "auto"
    header: bool = True
    day_first: bool | Auto = "auto"
    timezone: str = ""
    step: str = "auto"
    holidays: str = ""
    open: OpenTimes = "auto"
    totals: Totals = "keep"
    on_gap: OnGap = "error"
    on_duplicate: OnDuplicate = "error"
    resample: str = ""
    thousands: ThousandsChoice = "auto"
    missing: tuple[str, ...] = ()
    on_flag: OnFlag = "read"
    known: TableReading = field(default_factory=TableReading)
    as_written: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    time: str = "auto"

    def __post_init__(self) -> None:
        """Parses once. What is parsed is no field: the model file holds the texts."""
        step = None if self.step == "auto" else parse_step(self.step)
        bins = Resampling(self.resample, *parse_resample(self.resample)) if self.resample else None
        object.__setattr__(self, "_step", step)
        object.__setattr__(self, "_resampling", bins)

    def changed(self, typed: Mapping[str, Any]) -> "ReadOptions":
        """With other options; how numbers were written counts no longer where that is among them."""
        known = (
            TableReading() if {"decimal", "thousands", "missing", "on_flag"} & typed.keys() else self.known
        )
        return replace(self, known=known, **typed)

    @property
    def times(self) -> frozenset[str]:
        """The columns of times that are named."""
        joined = self.known.joined.columns if self.known.joined else ()
        return frozenset((self.time, *(part.strip() for part in self.time.split(",")), *joined))

    @property
    def parsed_step(self) -> Step | None:
        """None for "auto"."""
        found: Step | None = self.__dict__["_step"]
        return found

    @property
    def resampling(self) -> Resampling | None:
        """None where rows are not resampled."""
        found: Resampling | None = self.__dict__["_resampling"]
        return found


def is_separator(text: str) -> bool:
    """Whether a text separates cells: "auto", one character, or \\s+ for blanks."""
    return text in ("auto", r"\s+") or (len(text) == 1 and text not in '\r\n"\0')


def is_encoding(name: str) -> bool:
    """Whether Python knows a name as that of an encoding of texts."""
    try:
        "".encode(name)  # refuses codecs that are not of texts
        codecs.lookup(name)
    except (LookupError, ValueError):
        return False
    return True
