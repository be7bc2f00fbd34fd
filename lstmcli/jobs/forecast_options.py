"""The options of a forecast, and those of `lstmcli predict`."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmcli.files.checked import Output, page_output, picture_output
from lstmcli.tables.write.dialects import AS_IN_DATA, AskedDialect

_MOST_STEPS = 1_000_000

if TYPE_CHECKING:  # pydantic is loaded only for the built-in network
    from lstmcli.settings.model import Settings


@dataclass(frozen=True)
class ForecastOptions:
    """horizon  steps to forecast; None for the model's
    levels   central intervals in percent; none for every quantile of the model
    refused  kinds of findings that are errors

    Raises UsageError for a horizon that no memory holds.
    """

    horizon: int | None = None
    levels: tuple[float, ...] = ()
    refused: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        check_steps(self.horizon)


def check_steps(steps: int | None, flag: str = "--horizon") -> None:
    """Raises UsageError for more steps than the setting `horizon` may have."""
    if steps is not None and steps > _MOST_STEPS:
        from lstmcli.errors import UsageError

        raise UsageError(f"{flag} {steps}: at most {_MOST_STEPS:,} steps can be forecast")


@dataclass(frozen=True)
class PredictOptions:
    """data      files; none for those of training
    policies  options of reading that differ from those of training
    form      of the output, as of `files.endings.TABLE_ENDINGS`
    dialect   what is asked of CSV
    settings  of the data, for the built-in network; None for the usual ones
    fail_on   a condition on the forecast
    cross     a value, as of `settings.conditions.threshold`
    watch     whether rows of a stream are judged
    samples   paths of each series to write in place of its forecast; None for none
    seed      of the paths
    why       whether the parts of the forecast are written beside it
    what_if   a second file of the kind of `future`, whose forecast is written beside the first
    sum_over  columns of totals, as of `forecasting.totals.total_levels`
    hierarchy  columns from the top, as of `jobs.hierarchy.coherent_result`
    alarms    the budget for it, as of `settings.budgets`; None for the usual one
    The other fields are the options of their names.
    """

    data: tuple[str, ...]
    model: Path
    forecast: ForecastOptions = field(default_factory=ForecastOptions)
    output: str = "-"
    form: str = "csv"
    dialect: AskedDialect = AS_IN_DATA
    policies: dict[str, Any] = field(default_factory=dict)
    future: str | None = None
    make_future: int | None = None
    plot: Path | None = None
    show_last: int | None = None
    html: str | None = None
    preview: bool = False
    max_age: str | None = None
    history: Path | None = None
    on_bad_row: str | None = None
    scheduler: str | None = None
    cache: Path | None = None
    settings: "Settings | None" = None
    fail_on: str | None = None
    cross: str | None = None
    watch: bool = False
    alarms: str | None = None
    state: Path | None = None
    samples: int | None = None
    seed: int | None = None
    sum_over: tuple[str, ...] = ()
    hierarchy: str | None = None
    config: Path | None = None
    why: bool = False
    what_if: str | None = None

    @property
    def outputs(self) -> list[Output]:
        """Raises UsageError for the ending of a picture or a page."""
        return [Output("-o", self.output, self.form), picture_output(self.plot), page_output(self.html)]

    @property
    def inputs(self) -> list[str]:
        """The files that are named to be read."""
        named = (self.future, self.what_if, self.history, self.config)
        return [*self.data, str(self.model), *(str(path) for path in named if path is not None)]


def options_needing_all_data(options: PredictOptions) -> dict[str, bool]:
    """Options that need all the data at once, and whether they are given."""
    return {
        "--future": options.future is not None,
        "--make-future": options.make_future is not None,
        "--plot": options.plot is not None,
        "--show-last": options.show_last is not None,
        "--html": options.html is not None,
        "--preview": options.preview,
        "--max-age": options.max_age is not None,
        "--cache": options.cache is not None,
        "--samples": options.samples is not None,
        "--sum-over": bool(options.sum_over),
        "--hierarchy": options.hierarchy is not None,
        "--why": options.why,
        "--what-if": options.what_if is not None,
    }


def check_paths(options: PredictOptions) -> None:
    """Raises UsageError for what `--samples`, `--sum-over`, `--hierarchy`, `--why` and `--what-if` cannot be
    combined with, and wrong numbers."""
    from lstmcli.errors import UsageError

    if options.seed is not None and options.samples is None:
        raise UsageError("--seed belongs to --samples")
    _check_beside(options)
    asked = {"--samples": options.samples is not None, "--sum-over": bool(options.sum_over)}
    if options.hierarchy is not None and any(asked.values()):
        flag = "--samples" if asked["--samples"] else "--sum-over"
        raise UsageError(f"--hierarchy adds totals that add up: leave {flag} to a run of its own")
    if options.hierarchy is not None and options.make_future is not None:
        raise UsageError("--make-future forecasts nothing: leave --hierarchy to the run that does")
    for flag in (flag for flag, given in asked.items() if given):
        if options.make_future is not None:
            raise UsageError(f"--make-future forecasts nothing: leave {flag} to the run with --future")
        if options.cross is not None:
            raise UsageError(f"--cross writes when series cross a value: leave {flag} to a run of its own")
    if options.samples is None:
        return
    if options.forecast.levels:
        raise UsageError("--level is of intervals: --samples writes paths, and no intervals")
    from lstmcli.forecasting.paths import check_samples

    check_samples(options.samples, options.seed or 0)


def _check_beside(options: PredictOptions) -> None:
    """Raises UsageError for what `--why` and `--what-if`, which write beside the forecast, cannot be
    combined with."""
    from lstmcli.errors import UsageError

    asked = {"--why": options.why, "--what-if": options.what_if is not None}
    others = {
        "--make-future": options.make_future is not None,
        "--samples": options.samples is not None,
        "--cross": options.cross is not None,
        "--sum-over": bool(options.sum_over),
        "--hierarchy": options.hierarchy is not None,
    }
    for flag in (flag for flag, given in asked.items() if given):
        for other in (other for other, given in others.items() if given):
            raise UsageError(f"{flag} is of the forecast of each series: leave {other} to a run of its own")
    if all(asked.values()):
        raise UsageError("--why tells of one forecast: leave --what-if to a run of its own")


def check_no_follow(options: PredictOptions) -> None:
    """Raises UsageError for options of `--follow` without it."""
    from lstmcli.errors import UsageError

    if options.watch:
        raise UsageError("--watch judges rows that arrive: add --follow; lstmcli watch DATA judges a file")
    check_alarms_watched(options)
    for flag, given in (("--history", options.history), ("--on-bad-row", options.on_bad_row)):
        if given is not None:
            raise UsageError(f"{flag} belongs to --follow")


def check_alarms_watched(options: PredictOptions) -> None:
    """Raises UsageError for a budget or a state of alarms where there are none."""
    from lstmcli.errors import UsageError

    for flag, given in (("--alarms", options.alarms), ("--state", options.state)):
        if given is not None:
            raise UsageError(f"{flag} belongs to --follow --watch; lstmcli watch DATA judges a file")
