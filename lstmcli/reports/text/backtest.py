"""The report of a backtest as plain text."""

import textwrap
from collections.abc import Iterator, Sequence

import numpy as np

from lstmcli.errors.foreign import shown
from lstmcli.evaluation.backtest import MODEL_NAME
from lstmcli.evaluation.backtest_report import BacktestReport, FoldScores, Ranking
from lstmcli.evaluation.metrics import measures_apart
from lstmcli.network.builtin_file import BUILTIN_NAME, IN_MEMORY

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
    return {BUILTIN_NAME: "the built-in network", IN_MEMORY: IN_MEMORY}.get(model, f"the model of {model}")


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
    table = [[_SHORT_NAMES.get(name, name) for name in names]]
    table += [[format_number(getattr(f.scores[n], report.metric)) for n in names] for f in report.folds]
    head, *lines = _aligned(table, _NARROW)
    yield f"{report.metric.upper():<4} {'origin':<{wide}}{'values':>10}{head}"
    for fold, cells in zip(report.folds, lines, strict=True):
        origin = fold.first if fold.first == fold.last else "various"
        seen = f"  {is_trained_on(fold)}" if fold.seen else ""
        yield f"{fold.number:<4} {origin:<{wide}}{fold.values:>10,}{cells}{seen}"


def _aligned(table: Sequence[Sequence[str]], least: int = _CELL) -> list[str]:
    """The lines of a table, whose cells stand at the right of columns of at least this width, with a blank
    between them."""
    widths = [max(least, 1 + max(map(len, column))) for column in zip(*table, strict=True)]
    return ["".join(f"{cell:>{w}}" for cell, w in zip(row, widths, strict=True)) for row in table]


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
    table = [[*shown]]
    for fold in report.folds:
        scores = fold.scores[MODEL_NAME]
        table.append([format_metric(getattr(scores, field), name) for name, field in shown.items()])
    for number, cells in zip(
        ["model", *(fold.number for fold in report.folds)], _aligned(table), strict=True
    ):
        yield f"{number:<6}{cells}"


def _errors(report: BacktestReport) -> Iterator[str]:
    windows = f"{report.counted:,} window{'s' if report.counted > 1 else ''}"
    table = [[*ERRORS, "skill"]]
    for place in report.order:
        skill = "-" if place.skill is None else f"{place.skill:.1%}"
        table.append([*(format_metric(getattr(place.scores, f), n) for n, f in ERRORS.items()), skill])
    head, *lines = _aligned(table)
    yield f"{'':<{_NAME}}{head}{'p':>8}"
    for place, cells in zip(report.order, lines, strict=True):
        yield f"{place.name:<{_NAME}}{cells}{p_cell(place):>8}"
    text = (
        f"{windows}, best first. Skill: less error than {report.reference}. p: Diebold-Mariano p-value "
        "for equal accuracy."
    )
    yield from textwrap.wrap(text, _WIDTH)
    apart = measures_apart({p.name: (p.scores.smape, p.scores.mase) for p in report.order})
    yield from textwrap.wrap(f"{apart}." if apart else "", _WIDTH)


def p_cell(place: Ranking) -> str:
    """The p-value for equal accuracy with the model."""
    if place.test is None or place.test.p is None:
        return "-"
    return f"{place.test.p:.3f}" if place.test.p >= 0.001 else "<0.001"


def _intervals(report: BacktestReport) -> Iterator[str]:
    given = [place for place in report.order if place.scores.wql is not None]
    if not given:
        return
    table = [[*INTERVALS]]
    table += [[format_metric(getattr(place.scores, f), n) for n, f in INTERVALS.items()] for place in given]
    for name, cells in zip(["", *(place.name for place in given)], _aligned(table), strict=True):
        yield f"{name:<{_NAME}}{cells}"


def _steps(report: BacktestReport) -> Iterator[str]:
    horizon = report.design.horizon
    count = min(horizon, _STEPS_SHOWN)
    shown = np.unique(np.linspace(0, horizon - 1, count).round().astype(int))
    table = [[f"{step + 1}" for step in shown]]
    table += [[format_number(report.by_step[place.name][step]) for step in shown] for place in report.order]
    for name, cells in zip(
        ["by step", *(place.name for place in report.order)], _aligned(table, _NARROW), strict=True
    ):
        yield f"{name:<{_NAME}}{cells}"


def _worst(report: BacktestReport) -> Iterator[str]:
    if not report.worst:
        return
    best = next((place.name for place in report.order if place.name != MODEL_NAME), MODEL_NAME)
    width = min(40, max(_NAME, *(len(one.series) + 2 for one in report.worst)))
    table = [["model", f" {best}", "windows"]]
    for one in report.worst:
        table.append([*(format_number(one.errors[which]) for which in (MODEL_NAME, best)), f"{one.windows}"])
    names = [textwrap.shorten(shown(one.series), width - 2, placeholder="...") for one in report.worst]
    for name, cells in zip(["worst series", *names], _aligned(table), strict=True):
        yield f"{name:<{width}}{cells}"


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
