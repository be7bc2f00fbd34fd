"""What a model and the built-in network tell of themselves on data: accuracy, problems, gates, pictures."""

import os
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, overload

from lstmcli.errors.findings import Finding
from lstmcli.jobs.forecast import told_once
from lstmcli.jobs.python.applied import Applied
from lstmcli.jobs.python.arguments import (
    Levels,
    Moment,
    check_choice,
    check_whole,
    levels_of,
    texts_of,
    time_text,
)
from lstmcli.jobs.python.given import FrameT, Given
from lstmcli.jobs.python.page import Page, kept_page
from lstmcli.jobs.python.reading import ReadingKeywords
from lstmcli.jobs.python.results import Backtest, Check, Gates, Picture
from lstmcli.jobs.python.words import in_python_words, tell
from lstmcli.jobs.train.reporter import SilentReporter

if TYPE_CHECKING:
    import pandas as pd

    from lstmcli.jobs.backtest.source import BacktestSource
    from lstmcli.jobs.check import CheckReport
    from lstmcli.jobs.python.given import Data, PandasData
    from lstmcli.settings.choices import Alignment


class Judged(Applied):
    """`data` in all methods: see `Applied`."""

    @property
    @abstractmethod
    def _file(self) -> Path:
        """What reports call it."""

    @abstractmethod
    def _backtested(self, given: Given, horizon: int | None, refit: bool) -> "BacktestSource":
        """The source of a backtest."""

    @abstractmethod
    def _checked(self, given: Given, horizon: int | None) -> "CheckReport":
        """What `lstmcli check -m` finds."""

    @overload
    def backtest(
        self,
        data: "PandasData",
        horizon: int | None = None,
        folds: int | None = None,
        stride: int | None = None,
        align: "Alignment | None" = None,
        baselines: str | Sequence[str] = (),
        refit: bool = False,
        **reading: Unpack[ReadingKeywords],
    ) -> "Backtest[pd.DataFrame]": ...

    @overload
    def backtest(
        self,
        data: FrameT,
        horizon: int | None = None,
        folds: int | None = None,
        stride: int | None = None,
        align: "Alignment | None" = None,
        baselines: str | Sequence[str] = (),
        refit: bool = False,
        **reading: Unpack[ReadingKeywords],
    ) -> Backtest[FrameT]: ...

    @in_python_words
    def backtest(
        self,
        data: Any,
        horizon: int | None = None,
        folds: int | None = None,
        stride: int | None = None,
        align: "Alignment | None" = None,
        baselines: str | Sequence[str] = (),
        refit: bool = False,
        **reading: Unpack[ReadingKeywords],
    ) -> Any:
        """Accuracy on past data beside simple forecasts, as `lstmcli backtest` finds it.

        horizon    steps to forecast; None for the model's
        folds      origins to forecast from; None: up to 5, by the data. stride: steps from one to the next;
                   None for the horizon
        align      "time": origins at one time in all series, "end": counted from the end of each; None for
                   "end", with refit "time"
        baselines  statistical models beside it, as ["AutoETS"]
        refit      train a model for each fold on what is known by then, with the settings of this one
        """
        from lstmcli.evaluation.statistical import check_names
        from lstmcli.jobs.backtest.job import backtest_of
        from lstmcli.jobs.backtest.options import BacktestOptions

        check_whole(horizon=horizon, folds=folds, stride=stride)
        check_choice("align", align, ("time", "end"))
        check_names(asked := texts_of(baselines))
        given = self._given(data, reading, self.backtest)
        source = self._backtested(given, horizon, refit)
        options = BacktestOptions(
            given.sources,
            None if refit else self._file,
            folds=folds,
            stride=stride,
            align=align,
            baselines=asked,
        )
        return Backtest(backtest_of(source, options, SilentReporter()), given)

    @in_python_words
    def check(self, data: "Data", horizon: int | None = None, **reading: Unpack[ReadingKeywords]) -> Check:
        """Whether `predict` accepts the data, and what stands out in it. Nothing is changed.

        horizon: steps to forecast; None for the model's. Raises InputMissing alone: what is wrong with
        data is in the result.
        """
        check_whole(horizon=horizon)
        given = self._given(data, reading, self.check)
        return Check(self._checked(given, horizon), given, "predict")

    @in_python_words
    def gates(
        self,
        data: "Data",
        windows: int = 500,
        member: int = 1,
        at: Moment | None = None,
        series: str | Sequence[str] = (),
        **reading: Unpack[ReadingKeywords],
    ) -> Gates:
        """How open the gates are, how long the memory lasts and what the forecast uses: `inspect-gates`.

        windows  how many windows of the data are replayed; member: of the ensemble, from 1
        at       a time, whose forecast is explained; series: whose, or with `at=None` those of the page
        """
        from lstmcli.jobs.inspect import InspectOptions, inspect_opened

        check_whole(windows=windows, member=member)
        given = self._given(data, reading, self.gates)
        model, read = self._open(given, {})
        several = not isinstance(series, str) and isinstance(series, Iterable)
        chosen = tuple(map(str, series if several else (series,)))
        options = InspectOptions(windows, member, time_text(at), chosen, page=True)
        options.check()
        return Gates(inspect_opened(model, read, options), given)

    @in_python_words
    def plot(
        self,
        data: "Data",
        path: str | os.PathLike[str] | None = None,
        *,
        horizon: int | None = None,
        levels: Levels = (),
        future: "Data | None" = None,
        show_last: int | None = None,
        **reading: Unpack[ReadingKeywords],
    ) -> Picture:
        """History and forecast of at most twelve series, shown by a notebook.

        path: also a file, .png, .svg or .pdf; show_last: how many values of the history are drawn; the other
        arguments as of `predict`. Raises CannotCreate or WriteFailed, too.
        """
        check_whole(horizon=horizon, show_last=show_last)
        self._check_plans(future)
        given = self._given(data, reading, self.plot)
        model, _, result = self._forecast(given, horizon, levels, future)
        made, targets = result.whole(), model.contract.roles.targets
        unit = model.contract.options.known.unit_of(targets)

        def drawn(form: str) -> bytes:
            from lstmcli.reports.pictures.forecasts import forecast_picture

            return forecast_picture(result.panel, made, targets, form, show_last, unit)

        return Picture(drawn).kept(path)

    @in_python_words
    def report(
        self,
        data: "Data",
        path: str | os.PathLike[str] | None = None,
        *,
        horizon: int | None = None,
        levels: Levels = (),
        future: "Data | None" = None,
        why: bool = False,
        what_if: "Data | None" = None,
        **reading: Unpack[ReadingKeywords],
    ) -> Page:
        """The page of `lstmcli predict --html`: forecasts, skill and data, as HTML.

        path: also a file. Arguments as of `predict`. Raises CannotCreate or WriteFailed, too.
        """
        from lstmcli.files.checked import check_outputs, page_output
        from lstmcli.jobs.python.paths import PathTable
        from lstmcli.reports.html.forecast_page import forecast_page

        if path is not None:
            check_outputs([page_output(os.fspath(path))])
        given = self._given(data, reading, self.report)
        check_whole(horizon=horizon)
        self._check_plans(future, what_if)
        findings: list[Finding] = []

        def keep(finding: Finding) -> None:
            findings.append(finding)
            tell(finding)

        found = told_once(keep)
        model, read, result = self._forecast(given, horizon, levels, future, found)
        other = self._scenario(result, read, levels, what_if, found)
        notes = (*read.notes, *(f"{finding.message} [{finding.kind}]" for finding in findings))
        beside = PathTable(result, read.pattern, levels_of(levels), why=why, scenario=other).beside()
        command, made = f"{type(self).__name__}.report()", result.whole()
        page = forecast_page(model, result.panel, made, read.source, notes, command, beside)
        return kept_page(page, path)
