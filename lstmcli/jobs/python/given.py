"""What a caller gives: a frame of any kind or paths; and answers in the same kind."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from lstmcli.series.roles import Roles
from lstmcli.tables.read.frame_source import FrameSource
from lstmcli.tables.read.frames import empty_forecast, restore_types, with_columns

if TYPE_CHECKING:
    import pandas as pd
    from narwhals.typing import IntoDataFrame

    Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
    PandasData = pd.DataFrame | pd.Series[Any] | Paths
    Data = PandasData | IntoDataFrame

_TEXTS = ("kind", "alarm")  # of the table of alarms; all else beside series and times are numbers
FrameT = TypeVar("FrameT", bound="IntoDataFrame")


@dataclass(frozen=True)
class Given:
    """sources  what reads files takes: a `FrameSource`, or paths
    frame    as pandas has it, with its index as columns; None for paths
    native   the frame of another library that it came as
    reading  options of reading instead of those of the forecaster
    """

    sources: list[str]
    frame: "pd.DataFrame | None" = None
    native: Any = None
    reading: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether it is a frame without rows, as a part of many may be."""
        return self.frame is not None and not len(self.frame)

    def answer(self, made: "pd.DataFrame", same: Mapping[str, str] = MappingProxyType({})) -> Any:
        """A table in the kind of frame that came in. same: columns, and those of the data whose types they
        have."""
        if self.native is None:
            return made
        from lstmcli.tables.read.native_frames import native_of

        return native_of(made, self.native, same)

    def table(
        self,
        written: "Callable[[bool], pd.DataFrame]",
        roles: Roles,
        times: Sequence[str] = (),
        names: Mapping[str, str] = MappingProxyType({}),
    ) -> Any:
        """The same of a table with series and times, which get their types in the data.

        written: makes the table, with times as such (True) or as they are written; times: further columns
        of times; names: other names of columns.
        """
        made = written(self.frame is None)
        if self.frame is not None:
            made = (
                restore_types(made, self.frame, roles, times)
                if len(made)
                else empty_forecast(self.frame, roles, list(made.columns), _TEXTS)
            )
        same = {names.get(time, time): roles.time for time in (roles.time, *times)}
        same |= {names.get(name, name): name for name in roles.series}
        return self.answer(made.rename(columns=names), same)


def given_data(data: "Data", time: str = "", reading: Mapping[str, Any] = MappingProxyType({})) -> Given:
    """time: what an index of times without a name is called. Raises UsageError for what is no table."""
    if isinstance(data, str | os.PathLike):
        return Given([os.fspath(data)], None, None, reading)
    if isinstance(data, list | tuple) and data and all(isinstance(p, str | os.PathLike) for p in data):
        return Given([os.fspath(path) for path in data], None, None, reading)
    import pandas as pd

    if isinstance(data, pd.DataFrame | pd.Series):
        frame = with_columns(data, time)
        return Given([FrameSource(frame)], frame, None, reading)
    from lstmcli.tables.read.native_frames import pandas_of

    frame = with_columns(pandas_of(data), time)
    return Given([FrameSource(frame)], frame, data, reading)
