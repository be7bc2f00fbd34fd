"""What the methods of a forecaster give: tables in the kind of frame that came in, texts, pictures, pages."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic

import pandas as pd

from lstmcli.files.checked import check_outputs, picture_output
from lstmcli.files.write import write_atomically
from lstmcli.jobs.backtest.job import BacktestRun
from lstmcli.jobs.check import CheckReport
from lstmcli.jobs.check.text import check_document, check_text
from lstmcli.jobs.inspect import GateInspection
from lstmcli.jobs.python.arguments import Levels, levels_of
from lstmcli.jobs.python.given import FrameT, Given
from lstmcli.jobs.python.page import Page, Target, kept_page
from lstmcli.jobs.python.words import in_python_words, python_words

if TYPE_CHECKING:
    from lstmcli.jobs.tune.study import SearchTask
    from lstmcli.jobs.tune.trials import Trial


@dataclass(frozen=True, repr=False)
class Picture:
    """A picture that a notebook shows. drawn: its bytes in a form, "png", "svg" or "pdf"."""

    drawn: Callable[[str], bytes]

    def __repr__(self) -> str:
        return "Picture: .save(path) writes it as .png, .svg or .pdf"

    @in_python_words
    def save(self, path: Target) -> None:
        """Writes it in the form of its ending. Raises UsageError, CannotCreate or WriteFailed."""
        self.kept(path)

    def kept(self, path: Target | None) -> "Picture":
        """The picture, which is also written where a path is given."""
        if path is not None:
            target = Path(path)
            found = picture_output(target)
            check_outputs([found])
            write_atomically(target, self.drawn(found.form))
        return self

    def _repr_png_(self) -> bytes:
        return self.drawn("png")


@dataclass(frozen=True, repr=False)
class Backtest(Generic[FrameT]):
    """Accuracy on past data. `print` shows the report that `lstmcli backtest` prints."""

    run: BacktestRun
    given: Given

    def __repr__(self) -> str:
        from lstmcli.reports.text.backtest import backtest_text

        return python_words(backtest_text(self.run.report)).rstrip("\n")

    @property
    def document(self) -> dict[str, Any]:
        """The whole report, as `--format json` writes it."""
        return asdict(self.run.report)

    @cached_property
    def scores(self) -> FrameT:
        """A row for each forecaster, the best first: `forecaster`, the metrics of `lstmcli backtest
        --explain`, and `skill`, the share of error below that of the reference."""
        rows = [
            {"forecaster": place.name, **asdict(place.scores), "skill": place.skill}
            for place in self.run.report.order
        ]
        made: FrameT = self.given.answer(_numbers(pd.DataFrame(rows), "forecaster"))
        return made

    @cached_property
    def forecasts(self) -> FrameT:
        """A row for each series, fold and step: fold, origin (the last known time), time, step, actual,
        forecast, quantiles, and every other forecaster."""
        from lstmcli.reports.text.backtest_json import forecast_columns
        from lstmcli.tables.write.tables import written_times

        source = self.run.source

        def written(typed: bool) -> pd.DataFrame:
            return pd.DataFrame(
                forecast_columns(
                    self.run.results, source.time, lambda times: written_times(times, source.pattern, typed)
                )
            )

        made: FrameT = self.given.table(written, source.roles, ("origin",))
        return made

    @in_python_words
    def cross_validation(self, name: str = "lstmcli", levels: Levels = ()) -> FrameT:
        """The forecasts as Nixtla's `cross_validation` gives them, for `utilsforecast.evaluation.evaluate`.

        name    column of the forecast; levels: central intervals in percent, whose bounds are
                `NAME-lo-80` and `NAME-hi-80`

        Columns: unique_id, ds, cutoff (the last known time), y, NAME. Raises UsageError for a level that the
        model does not give.
        """
        from lstmcli.jobs.python.nixtla import CrossValidation

        crossed = CrossValidation(self.run.results, self.run.source, name, levels_of(levels))
        made: FrameT = self.given.table(crossed.written, crossed.roles, ("cutoff",), crossed.names)
        return made

    @in_python_words
    def plot(self, path: Target | None = None, show_last: int | None = None) -> Picture:
        """At most three series with the forecasts of their last folds, and the error by step.

        path: also a file; show_last: values before the first forecast. Raises UsageError, CannotCreate or
        WriteFailed.
        """
        run = self.run

        def drawn(form: str) -> bytes:
            from lstmcli.reports.pictures.backtests import backtest_picture

            source = run.source
            return backtest_picture(run.results, run.report, source.targets, form, show_last, source.unit)

        return Picture(drawn).kept(path)

    @in_python_words
    def report(self, path: Target | None = None) -> Page:
        """The page of `lstmcli backtest --html`, as HTML. path: also a file."""
        from lstmcli.jobs.html_reports import backtest_html

        run = self.run
        return kept_page(
            backtest_html(run.results, run.report, run.source.targets, "model.backtest(data)"), path
        )


@dataclass(frozen=True, repr=False)
class Check:
    """Whether data is accepted by `train` or `predict`, and what stands out. `print` shows all of it.

    found: the report; command: "train" or "predict"
    """

    found: CheckReport
    given: Given
    command: str

    def __repr__(self) -> str:
        return python_words(check_text(self.found, self._verdict())).rstrip("\n")

    def __bool__(self) -> bool:
        return self.accepted

    @property
    def accepted(self) -> bool:
        """Whether the data is accepted as it is."""
        return self.found.accepted

    @property
    def settings(self) -> dict[str, Any] | None:
        """The settings with which the data is accepted, all that was found among them; None where there are
        none, and for a model, which has its own."""
        return None if self.found.settings is None else dict(self.found.settings)

    @property
    def document(self) -> dict[str, Any]:
        """The whole report, as `--format json` writes it."""
        return check_document(self.found)

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What stands out: severity ("error", "warning", "note"), kind, message, count, series, places."""
        return [{**asdict(f), "message": python_words(f.message)} for f in self.found.findings]

    def _verdict(self) -> list[str]:
        done = "train" if self.command == "train" else "forecast"
        if self.accepted:
            return ["", f"Ready to {done}."]
        if self.found.settings is None:
            return ["", f"{self.command} refuses this data."]
        return ["", f"{self.command} refuses this data; it would accept it with .settings"]


@dataclass(frozen=True, repr=False)
class Gates:
    """What was found in the gates of one network. `print` shows the report of `lstmcli inspect-gates`."""

    found: GateInspection
    given: Given

    def __repr__(self) -> str:
        from lstmcli.reports.text.explanation import explanation_text
        from lstmcli.reports.text.gates import bar_signs, gate_report_text

        inspection, signs = self.found.inspection, bar_signs("utf-8")
        if inspection.window:
            return python_words(explanation_text(inspection, inspection.window, signs)).rstrip("\n")
        return python_words(gate_report_text(inspection, signs)).rstrip("\n")

    @property
    def figures(self) -> dict[str, float | None]:
        """The main numbers by name; lengths in observations, shares from 0 to 1."""
        return dict(self.found.inspection.figures)

    @property
    def document(self) -> dict[str, Any]:
        """All but the trace, as `--format json` writes it."""
        from lstmcli.reports.text.gates_json import summary

        return summary(self.found.inspection)

    @cached_property
    def tables(self) -> dict[str, Any]:
        """Frames by name: `units`, `gradient_by_lag`, `contributions`, `ablation`."""
        from lstmcli.reports.text.gates_csv import tables

        made = tables(self.found.inspection.report)
        return {name.removesuffix(".csv"): self.given.answer(pd.DataFrame(made[name])) for name in made}

    @cached_property
    def trace(self) -> Any:
        """Every gate and state of each series' last window: a row per window, step, layer and unit."""
        from lstmcli.jobs.gate_files import trace_of

        roles = self.found.model.contract.roles
        return self.given.table(lambda typed: trace_of(self.found, typed), roles)

    @in_python_words
    def plot(self, path: Target | None = None) -> Picture:
        """The overview. path: also a file. Raises UsageError, CannotCreate or WriteFailed."""
        from lstmcli.reports.pictures.gates import overview

        found = self.found
        return Picture(lambda form: overview(found.inspection, *found.shown, form)).kept(path)

    @in_python_words
    def report(self, path: Target | None = None) -> Page:
        """The page of `lstmcli inspect-gates --html` with its explorer, as HTML. path: also a file."""
        from lstmcli.jobs.gate_files import gate_html

        return kept_page(gate_html(self.found), path)


@dataclass(frozen=True, repr=False)
class Tuned:
    """What a search found. `print` shows all trials, the best first."""

    task: "SearchTask"
    found: "tuple[Trial, ...]"
    given: Given

    def __repr__(self) -> str:
        from lstmcli.jobs.tune.outcome import trials_table

        return trials_table(self.found, self.task).rstrip("\n")

    @property
    def settings(self) -> dict[str, Any]:
        """The best settings and those that were fixed, for `lstmcli.train(data, **settings)`."""
        from lstmcli.jobs.tune.outcome import best_of

        best = best_of(self.found)
        fixed = self.task.base.model_dump(mode="json", exclude_unset=True)
        return fixed | (best.settings if best else {})

    @property
    def trials(self) -> list[dict[str, Any]]:
        """The best first: trial (0 has the defaults), state, error (by the metric of the search), errors of
        each fold, seconds, settings, reason."""
        from lstmcli.jobs.tune.outcome import trials_json

        found: list[dict[str, Any]] = json.loads(trials_json(self.found, self.task))["trials"]
        return found


def _numbers(table: pd.DataFrame, *texts: str) -> pd.DataFrame:
    """With columns of numbers, NaN where there is none."""
    return table.astype({name: float for name in table.columns if name not in texts})
