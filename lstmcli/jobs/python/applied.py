"""What a model and the built-in network have in common: forecasts and alarms of any data."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack, overload

import pandas as pd

from lstmcli.errors import UsageError
from lstmcli.errors.findings import Finding
from lstmcli.forecasting.intervals import interval_quantiles
from lstmcli.jobs.forecast import ForecastResult, ForecastSource, forecast, told_once
from lstmcli.jobs.forecast_options import ForecastOptions, check_steps
from lstmcli.jobs.python.arguments import Levels, Moment, check_whole, levels_of, texts_of, time_text
from lstmcli.jobs.python.given import FrameT, Given, given_data
from lstmcli.jobs.python.reading import ReadingKeywords, reading_options
from lstmcli.jobs.python.words import in_python_words, note, tell
from lstmcli.model_file import Model
from lstmcli.series.roles import Roles
from lstmcli.tables.read import Table, read_table
from lstmcli.tables.read.for_contract import ModelData
from lstmcli.tables.write.tables import forecast_table, number_columns

if TYPE_CHECKING:
    from lstmcli.jobs.python.given import Data, PandasData

_WATCHED: Mapping[str, Any] = {"on_gap": "mask", "on_duplicate": "last"}


class Applied(ABC):
    """A forecaster that data is given to. `data` is, in all methods, a DataFrame or Series of pandas, a
    DataFrame of Polars, a Table of Arrow, a path, or a list of paths: columns as in training, times in a
    column or, in pandas, the index.

    Tables come back as the kind of frame that came in, for paths as DataFrames of pandas; series and times
    keep their types, numbers are in the units of the data. `reading`, in all methods, are settings of reading
    in the place of those of the forecaster, as `on_gap="mask"`. Raises DataError for data it cannot use,
    InputMissing for files that are not there, UsageError for arguments it cannot follow.
    """

    @property
    @abstractmethod
    def _roles(self) -> Roles:
        """Of the columns, as far as they are known before data is read."""

    @abstractmethod
    def _open(self, given: Given, policies: Mapping[str, Any]) -> tuple[Model, ModelData]:
        """The model, and the data read for it. policies: options of reading instead of its own."""

    @overload
    def predict(
        self,
        data: "PandasData",
        horizon: int | None = None,
        levels: Levels = (),
        future: "Data | None" = None,
        *,
        samples: int | None = None,
        seed: int | None = None,
        sum_over: str | Sequence[str] = (),
        hierarchy: str | Sequence[str] = (),
        why: bool = False,
        what_if: "Data | None" = None,
        **reading: Unpack[ReadingKeywords],
    ) -> pd.DataFrame: ...

    @overload
    def predict(
        self,
        data: FrameT,
        horizon: int | None = None,
        levels: Levels = (),
        future: "Data | None" = None,
        *,
        samples: int | None = None,
        seed: int | None = None,
        sum_over: str | Sequence[str] = (),
        hierarchy: str | Sequence[str] = (),
        why: bool = False,
        what_if: "Data | None" = None,
        **reading: Unpack[ReadingKeywords],
    ) -> FrameT: ...

    @in_python_words
    def predict(
        self,
        data: Any,
        horizon: int | None = None,
        levels: Levels = (),
        future: "Data | None" = None,
        *,
        samples: int | None = None,
        seed: int | None = None,
        sum_over: str | Sequence[str] = (),
        hierarchy: str | Sequence[str] = (),
        why: bool = False,
        what_if: "Data | None" = None,
        **reading: Unpack[ReadingKeywords],
    ) -> Any:
        """Continues every series: the table that `lstmcli predict` writes.

        data     see the class; without rows there are no forecasts
        horizon  steps to forecast; None for the model's
        levels   central intervals in percent, as [80, 95] or 80; none for every quantile of the model
        future   covariates known ahead: a frame or path, one row per series and step; or rows of data
                 without a target
        samples  paths of each series in place of the forecast, columns `sample` and `value`; at most 10,000
        seed     of the paths; None for 0
        sum_over  series columns of totals, as "shop" or ["shop", "region,shop"], whose rows follow, with
                 "(total)" in these columns, which are texts then
        hierarchy  all series columns from the top, as ["region", "shop"]: totals of each level that add up
        why      what moves each forecast beside it, in the units of the data: columns `why_level`,
                 `why_season`, `why_last` and one for each covariate, which add up to `forecast`
        what_if  as `future`, another plan: columns `forecast_what_if`, `difference` and quantiles

        Columns: series, time, `forecast` (the median) and quantiles, as `q0.1`, below which one value in
        ten is expected; series x horizon rows. Warns where the data is unlike that of training.
        """
        given = self._given(data, reading, self.predict)
        check_whole(horizon=horizon, samples=samples or None)
        self._check_plans(future, what_if, bool(hierarchy))
        if given.is_empty and (empty := self._nothing(levels_of(levels))) is not None:
            return given.table(lambda _: pd.DataFrame(columns=empty), self._roles)
        found = told_once(tell)
        _, read, result = self._forecast(given, horizon, levels, future, found)
        roles = result.model.contract.roles
        if samples is not None or seed is not None or sum_over or hierarchy or why or what_if is not None:
            from lstmcli.jobs.python.paths import PathTable

            other = self._scenario(result, read, levels, what_if, found)
            totals = texts_of(sum_over), ",".join(texts_of(hierarchy)) or None
            table = PathTable(result, read.pattern, levels_of(levels), samples, seed, *totals, why, other)
            return given.table(table.written, table.kept_roles)
        made = result.whole()
        return given.table(
            lambda typed: forecast_table(
                made, roles.time or "step", read.pattern, result.quantiles, typed=typed
            ),
            roles,
        )

    forecast = predict  # as it was called first

    @overload
    def make_future(
        self, data: "PandasData", horizon: int | None = None, **reading: Unpack[ReadingKeywords]
    ) -> pd.DataFrame: ...

    @overload
    def make_future(
        self, data: FrameT, horizon: int | None = None, **reading: Unpack[ReadingKeywords]
    ) -> FrameT: ...

    @in_python_words
    def make_future(self, data: Any, horizon: int | None = None, **reading: Unpack[ReadingKeywords]) -> Any:
        """The rows that `future` needs, with empty cells to fill in. horizon: steps; None for the model's."""
        from lstmcli.jobs.future_rows import future_rows

        given = self._given(data, reading, self.make_future)
        check_whole(horizon=horizon)
        check_steps(horizon)
        if not self._roles.future:
            raise UsageError("--make-future: this model has no covariates that are known ahead")
        model, read = self._open(given, {})
        rows = horizon or model.horizon
        return given.table(lambda typed: future_rows(model, read, rows, typed), model.contract.roles)

    @overload
    def watch(
        self,
        data: "PandasData",
        alarms: str | None = None,
        since: Moment | None = None,
        last: int | None = None,
        every: bool = False,
        **reading: Unpack[ReadingKeywords],
    ) -> pd.DataFrame: ...

    @overload
    def watch(
        self,
        data: FrameT,
        alarms: str | None = None,
        since: Moment | None = None,
        last: int | None = None,
        every: bool = False,
        **reading: Unpack[ReadingKeywords],
    ) -> FrameT: ...

    @in_python_words
    def watch(
        self,
        data: Any,
        alarms: str | None = None,
        since: Moment | None = None,
        last: int | None = None,
        every: bool = False,
        **reading: Unpack[ReadingKeywords],
    ) -> Any:
        """Rows that are not what was expected of them one step before: the table that `lstmcli watch` writes.

        alarms   budget of false alarms, as "1/week"; None for the usual one of the step
        since, last   the first time, or how many rows of each series, that are judged; neither: those newer
                 than the training; with the built-in network those of the last season
        every    all rows that were judged, not only those where an alarm begins or ends

        Columns: series and time, value, expected, lower, upper, p, kind, alarm ("begins", "goes on", "ends").
        """
        from lstmcli.jobs.watch.frames import watch_rows
        from lstmcli.tables.write.alarms import alarm_table

        check_whole(last=last)
        given = self._given(data, reading, self.watch)
        model, read = self._open(given, _WATCHED)
        budget = None if alarms is None else str(alarms)  # a number is no budget, which reading it says
        rows, names = watch_rows(model, read, budget, time_text(since), last, every)
        return given.table(lambda typed: alarm_table(rows, names, typed), model.contract.roles)

    def _given(self, data: "Data", reading: ReadingKeywords, method: Callable[..., Any]) -> Given:
        """Raises UsageError for what is no table or no keyword of the method, SettingsError."""
        return given_data(data, self._roles.time, reading_options(dict(reading), method))

    def _forecast(
        self,
        given: Given,
        horizon: int | None,
        levels: Levels,
        future: "Data | None",
        tell: Callable[[Finding], None] = tell,
    ) -> tuple[Model, ModelData, ForecastResult]:
        model, read = self._open(given, {})
        for text in read.notes:
            note(text)
        ahead = None if future is None else self._plan(read, future)
        source = ForecastSource(read.panel, read.source, future=ahead)
        return model, read, forecast(model, source, ForecastOptions(horizon, levels_of(levels)), tell)

    def _check_plans(
        self, future: "Data | None", what_if: "Data | None" = None, hierarchy: bool = False
    ) -> None:
        """Raises UsageError for plans that the model does not read; a hierarchy takes none."""
        if hierarchy:
            from lstmcli.jobs.hierarchy import check_no_covariates

            check_no_covariates(self._roles)
        for flag, plan in (("--future", future), ("--what-if", what_if)):
            if plan is not None and not self._roles.future:
                raise UsageError(f"{flag}: this model has no covariates that are known ahead")

    def _plan(self, read: ModelData, rows: "Data") -> Table:
        """Covariates known ahead."""
        assert read.table is not None  # a model with covariates is never read as plain
        return read_table(given_data(rows, self._roles.time).sources, read.table.options, keys_known=True)

    def _scenario(
        self,
        result: ForecastResult,
        read: ModelData,
        levels: Levels,
        what_if: "Data | None",
        tell: Callable[..., None],
    ) -> ForecastResult | None:
        """The forecast by another plan."""
        if what_if is None:
            return None
        from lstmcli.jobs.scenario import scenario_result

        options = ForecastOptions(result.horizon, levels_of(levels))
        return scenario_result(
            result, ForecastSource(read.panel, read.source), self._plan(read, what_if), options, tell
        )

    def _nothing(self, levels: Sequence[float]) -> list[str] | None:
        """The columns of a forecast of no rows; None where it cannot be said."""
        return None


def columns_of_forecast(model: Model, levels: Sequence[float]) -> list[str]:
    """Names of the columns of a forecast. Raises UsageError for a level that the model cannot give."""
    roles, wanted = model.contract.roles, interval_quantiles(model.network.arch.quantiles, levels)
    return [*roles.series, roles.time or "step", *number_columns(wanted)]
