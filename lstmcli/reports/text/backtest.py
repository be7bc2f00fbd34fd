"""The report of a backtest as plain text."""

import textwrap
from collections.abc import Iterator, Sequence

import numpy as np

from lstmcli.evaluation.backtest import MODEL_NAME
from lstmcli.evaluation.backtest_report import BacktestReport, FoldScores, Ranking
from lstmcli.network.builtin_file import BUILTIN_NAME

_WIDTH = 80
_NAME = 16  # columns of the name of a row
_CELL = 9
_NARROW = 8  # cells of the table of folds
_STEPS_SHOWN = 8
_SHORT_NAMES = {"seasonal naive": "naive", "last value": "last"}  # above narrow columns
ERRORS = {"MASE": "mase", "MAE": "mae", "RMSE": "rmse", "sMAPE": "smape", "RMSSE": "rmsse"}
INTERVALS = {
    "wQL": "wql",
    "in 80 %": "inside_80",
    "in 95 %": "inside_95",
    "Winkler": "winkler",
    "MSIS": "msis",
}


def backtest_text(report: BacktestReport) -> str:
    """All sections."""
    sections = [_header(report), _folds(report), _model_by_fold(report), _errors(report), _intervals(report)]
    sections += [_steps(report), _worst(report), _verdict(report)]
    return "\n\n".join("\n".join(lines) for lines in map(list, sections) if lines) + "\n"


def _header(report: BacktestReport) -> Iterator[str]:
    design, many = report.design, len(report.folds)
    season = f"season {design.season}" if design.season > 1 else "no season"
    yield from _entry(
        "backtest",
        f"{design.data}: {report.series:,} series, {many} fold{'s' if many > 1 else ''} of {design.horizon} "
        f"steps ({design.step} each), {design.stride} apart; {season}",
    )
    made = _model_text(design.model)
    where = "" if design.align == "time" else "; origins are counted from the end of each series"
    yield from _entry("", f"{made}; it sees nothing after the origin{where}")
    if report.left_out:
        yield from _entry("", left_out_text(report))
    warning = warning_of(report)
    if warning:
        yield from _entry("warning", warning)


def _model_text(model: str) -> str:
    if not model:
        return "a model trained for each fold"
    return "the built-in network" if model == BUILTIN_NAME else f"the model of {model}"


def left_out_text(report: BacktestReport) -> str:
    """How many series are not scored, and the option that scores them."""
    few = "has" if report.left_out == 1 else "have"
    hint = "; --align end counts from the end of each" if report.design.align == "time" else ""
    return f"{report.left_out:,} of the series {few} no values around an origin and are left out{hint}"


def warning_of(report: BacktestReport) -> str:
    """That the model was trained on values that it is scored on; "" where it was not."""
    if report.seen is None:
        return "the model file does not say where its training data ended: the model may have seen all values"
    if report.seen == report.windows:
        return (
            "the model was trained on all values that it is scored on here: its error will be larger on "
            "new ones. Give newer data, or train for each fold with --refit"
        )
    if report.seen:
        return (
            f"{report.seen:,} of {report.windows:,} windows were seen in training; they are in the table "
            "of folds only"
        )
    return ""


def _folds(report: BacktestReport) -> Iterator[str]:
    names = [place.name for place in report.order]
    wide = max(19, *(len(fold.first) for fold in report.folds))
    shown = [_SHORT_NAMES.get(name, name) for name in names]
    widths = [max(_NARROW, len(name) + 1) for name in shown]
    yield (
        f"{report.metric.upper():<4} {'origin':<{wide}}{'values':>10}"
        + "".join(f"{name:>{width}}" for name, width in zip(shown, widths, strict=True))
    )
    for fold in report.folds:
        cells = [
            f"{format_number(getattr(fold.scores[name], report.metric)):>{width}}"
            for name, width in zip(names, widths, strict=True)
        ]
        origin = fold.first if fold.first == fold.last else "various"
        seen = f"  {is_trained_on(fold)}" if fold.seen else ""
        yield f"{fold.number:<4} {origin:<{wide}}{fold.values:>10,}{''.join(cells)}{seen}"


def is_trained_on(fold: FoldScores) -> str:
    """Whether the model was trained on the values of a fold."""
    if fold.seen is None:
        return "may be seen in training"
    if not fold.seen:
        return "not seen in training"
    part = "" if fold.seen == fold.windows else f"{fold.seen:,} of {fold.windows:,} "
    return f"{part}seen in training"


def _model_by_fold(report: BacktestReport) -> Iterator[str]:
    shown = {k: v for k, v in {**ERRORS, **INTERVALS}.items() if k not in ("MASE", "Winkler")}
    yield f"{'model':<6}" + "".join(f"{name:>{_CELL}}" for name in shown)
    for fold in report.folds:
        scores = fold.scores[MODEL_NAME]
        cells = [format_metric(getattr(scores, field), name) for name, field in shown.items()]
        yield f"{fold.number:<6}" + "".join(f"{cell:>{_CELL}}" for cell in cells)


def _errors(report: BacktestReport) -> Iterator[str]:
    windows = f"{report.counted:,} window{'s' if report.counted > 1 else ''}"
    yield f"{'':<{_NAME}}" + "".join(f"{name:>{_CELL}}" for name in ERRORS) + f"{'skill':>9}{'p':>8}"
    for place in report.order:
        cells = "".join(f"{format_metric(getattr(place.scores, f), n):>{_CELL}}" for n, f in ERRORS.items())
        skill = "-" if place.skill is None else f"{place.skill:.1%}"
        yield f"{place.name:<{_NAME}}{cells}{skill:>9}{p_cell(place):>8}"
    text = (
        f"{windows}, best first. Skill: less error than {report.reference}. p: Diebold-Mariano p-value "
        "for equal accuracy."
    )
    yield from textwrap.wrap(text, _WIDTH)


def p_cell(place: Ranking) -> str:
    """The p-value for equal accuracy with the model."""
    if place.test is None or place.test.p is None:
        return "-"
    return f"{place.test.p:.3f}" if place.test.p >= 0.001 else "<0.001"


def _intervals(report: BacktestReport) -> Iterator[str]:
    given = [place for place in report.order if place.scores.wql is not None]
    if not given:
        return
    yield f"{'':<{_NAME}}" + "".join(f"{name:>{_CELL}}" for name in INTERVALS)
    for place in given:
        cells = [format_metric(getattr(place.scores, field), name) for name, field in INTERVALS.items()]
        yield f"{place.name:<{_NAME}}" + "".join(f"{cell:>{_CELL}}" for cell in cells)


def _steps(report: BacktestReport) -> Iterator[str]:
    horizon = report.design.horizon
    count = min(horizon, _STEPS_SHOWN)
    shown = np.unique(np.linspace(0, horizon - 1, count).round().astype(int))
    yield f"{'by step':<{_NAME}}" + "".join(f"{step + 1:>8}" for step in shown)
    for place in report.order:
        errors = report.by_step[place.name]
        yield f"{place.name:<{_NAME}}" + "".join(f"{format_number(errors[step]):>8}" for step in shown)


def _worst(report: BacktestReport) -> Iterator[str]:
    if not report.worst:
        return
    best = next((place.name for place in report.order if place.name != MODEL_NAME), MODEL_NAME)
    width = min(40, max(_NAME, *(len(one.series) + 2 for one in report.worst)))
    wide = max(_CELL, len(best) + 2)
    yield f"{'worst series':<{width}}{'model':>{_CELL}}{best:>{wide}}{'windows':>{_CELL}}"
    for one in report.worst:
        name = textwrap.shorten(one.series, width - 2, placeholder="...")
        model, other = (format_number(one.errors[which]) for which in (MODEL_NAME, best))
        yield f"{name:<{width}}{model:>{_CELL}}{other:>{wide}}{one.windows:>{_CELL}}"


def _verdict(report: BacktestReport) -> Iterator[str]:
    yield from _entry("verdict", verdict_of(report))


def verdict_of(report: BacktestReport) -> str:
    """The verdict, and whether it is one on values that the model has seen."""
    return report.verdict + (" (on values seen in training)" if report.seen == report.windows else "")


def _entry(name: str, text: str) -> Sequence[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=f"{name:<12}", subsequent_indent=" " * 12, break_on_hyphens=False
    )


def format_metric(value: float | None, name: str) -> str:
    """A metric by its name in `ERRORS` or `INTERVALS`, in its unit."""
    if value is not None and name.startswith("in "):
        return f"{value:.1%}"
    return f"{value:.2f} %" if value is not None and name == "sMAPE" else format_number(value)


def format_number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
