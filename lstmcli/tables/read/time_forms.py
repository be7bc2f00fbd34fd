"""What a column of times is made of, once all its cells have been looked at."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.series.calendar import Times
from lstmcli.series.steps import is_days
from lstmcli.tables.read.decimal_years import is_decimal_years, times_of_decimal_years
from lstmcli.tables.read.fields import FieldTimes
from lstmcli.tables.read.numeric_patterns import EXCEL, times_of_epoch, times_of_excel
from lstmcli.tables.read.patterns import parse_iso, read_stamps
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.zones import check_zone, in_zone


@dataclass(frozen=True)
class TimeForm:
    """How cells become times, and how these are written.

    parse    the pattern that cells are read by (see `patterns`); None for plain steps
    iso      whether texts differ in precision: `parse` reads only some, ISO 8601 the others
    to_local whether times with an offset are taken as the local times of `zone_of_offsets` ("" for those
             that are written)
    pattern  how they are written (see `patterns`)
    zone     the time zone that local times are to be located in; "" where there is nothing to do
    local    whether they are times of day without a zone, in which a change of the clock shows
    notes    what was taken for what
    """

    parse: str | None
    iso: bool = False
    to_local: bool = False
    zone_of_offsets: str = ""
    pattern: str | None = None
    zone: str = ""
    local: bool = False
    notes: tuple[str, ...] = ()

    @property
    def dated(self) -> bool:
        return self.pattern is not None

    def times(self, cells: "pd.Series[Any]") -> Times:
        """(rows,) times of texts or numbers, NaT where a text cannot be read."""
        if pd.api.types.is_numeric_dtype(cells):
            return times_from_numbers(cells.to_numpy(), self.parse)
        pattern = self.parse or ""
        return self.of_fields(parse_iso(cells, pattern)[0] if self.iso else read_stamps(cells, pattern))

    def of_fields(self, read: FieldTimes) -> Times:
        """The times of cells that have been read by `parse`."""
        if not self.to_local:
            return read.times
        return local_times(read, self.zone_of_offsets)

    def reads_like(self, other: "TimeForm") -> bool:
        """Whether both make the same times of cells."""
        ours, theirs = ((f.parse, f.iso, f.to_local, f.zone_of_offsets) for f in (self, other))
        return ours == theirs


def local_times(read: FieldTimes, zone: str) -> Times:
    """Times with offsets as those of a zone, or as they are written."""
    if zone:
        return in_zone(read.times, zone).astype("datetime64[us]")
    return read.times if read.offsets is None else read.times + read.offsets.astype("timedelta64[us]")


def form_in_zone(table: Table, parse: str, one_time_of_day: bool, pattern: str | None = None) -> TimeForm:
    """The form of times without offsets, which may be of a time zone; days are the same in all of them.

    pattern: how they are written, if that is not how they are read.
    """
    zone, written = check_zone(table.options.timezone), pattern or parse
    if not zone or resamples_to_days(table) or one_time_of_day:
        return TimeForm(parse, pattern=written, local=not zone and not one_time_of_day)
    return TimeForm(parse, pattern=f"{written}%z @{zone}", zone=zone)


def resamples_to_days(table: Table) -> bool:
    bins = table.options.resampling
    return bins is not None and is_days(bins.step)


def times_from_numbers(numbers: NDArray[Any], pattern: str | None) -> Times:
    """The times of numbers whose form is known. A number beyond all steps and years gives any time: the
    survey, which sees them all, refuses it."""
    if pattern is not None and pattern.startswith("epoch"):
        return times_of_epoch(numbers, pattern)
    if pattern is not None and pattern.startswith(EXCEL):
        return times_of_excel(numbers)
    if pattern is not None and is_decimal_years(pattern):
        return times_of_decimal_years(numbers)
    with np.errstate(invalid="ignore"):
        whole = numbers.astype(np.int64)
    if pattern is None:
        return whole
    if pattern == "%Y":
        return (whole - 1970).astype("datetime64[Y]").astype("datetime64[us]")
    return read_stamps(pd.Series(whole).astype(str), pattern).times
