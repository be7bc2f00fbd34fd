"""The report of `check` as text and as JSON."""

import json
import shlex
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from lstmcli.errors.findings import plural
from lstmcli.errors.foreign import MOST_OF_PATH, shown
from lstmcli.jobs.check.verdict import CheckReport
from lstmcli.settings.durations import format_estimate

CHECK_VERSION = 1  # of the JSON report
_WIDTH = 80
_COLUMNS_SHOWN = 20


def check_document(report: CheckReport) -> dict[str, Any]:
    """The whole report, ready for JSON."""
    return {"version": CHECK_VERSION, **asdict(report)}


def check_json(report: CheckReport) -> str:
    return json.dumps(check_document(report), indent=1, allow_nan=False) + "\n"


def check_text(report: CheckReport, verdict: Iterable[str]) -> str:
    """verdict: the last lines, as of `verdict_lines`."""
    return "\n".join([*_facts(report), *_findings(report), *verdict]) + "\n"


def _facts(report: CheckReport) -> Iterator[str]:
    size = (
        ""
        if report.rows is None
        else f": {plural(report.rows, 'row')}, {plural(len(report.columns), 'column')}"
    )
    yield from _entry("data", f"{shown(report.data, MOST_OF_PATH)}{size}")
    by_role: dict[str, list[str]] = {}
    for column in report.columns:
        by_role.setdefault(column.role, []).append(
            shown(column.name) + (f" ({column.empty:,} empty)" if column.empty else "")
        )
    for name, (role, names) in zip(["columns", *[""] * len(by_role)], by_role.items(), strict=False):
        more = ", ..." if len(names) > _COLUMNS_SHOWN else ""
        yield from _entry(name, f"{role}: {', '.join(names[:_COLUMNS_SHOWN])}{more}")
    if report.facts is None:
        return
    facts = report.facts
    yield from _entry("time", f"step {facts.step}; {facts.first} to {facts.last}")
    for season in report.seasons:
        used = ", used" if season.used else ""
        yield from _entry(
            "season", f"{season.length} ({season.duration}): strength {season.strength:.2f}{used}"
        )
    what = "rows" if facts.missing is None else "values"
    few = f"{facts.shortest:,}" + (f" to {facts.longest:,}" if facts.longest > facts.shortest else "")
    median = f", median {facts.median:,.0f}" if facts.longest > facts.shortest else ""
    missing = "" if facts.missing is None else f"; {facts.missing:,} missing"
    yield from _entry("series", f"{facts.series:,} of {few} {what}{median}{missing}")
    if report.estimate:
        cost = report.estimate
        at_once = f", {cost.processes} processes" if cost.processes > 1 else ""
        yield from _entry(
            "training",
            f"about {format_estimate(cost.seconds)}, at most {format_estimate(cost.longest)}; "
            f"about {cost.bytes / 1e9:.1f} GB of memory{at_once} (estimates)",
        )


def _entry(name: str, text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=f"{name:<12}", subsequent_indent=" " * 12, break_on_hyphens=False
    )


def _findings(report: CheckReport) -> Iterator[str]:
    if report.findings:
        yield ""
    for finding in report.findings:
        text = f"{finding.message} [{finding.kind}]"
        yield from _entry(finding.severity, text)
        several = len(finding.series) > 1 or finding.count > 1
        if several and any(series.count > 1 for series in finding.series):
            most = (f"{shown(series.name)} ({series.count:,})" for series in finding.series)
            yield from _entry("", "most in " + ", ".join(most))
        if finding.places and not finding.message.startswith(str(finding.places[0])):
            yield from _entry("", "at " + ", ".join(map(str, finding.places)))


def verdict_lines(report: CheckReport, command: str) -> Iterator[str]:
    """Whether a command accepts the data, and the whole command line."""
    yield ""
    if report.accepted:
        yield "Ready to train. Explicit command:" if command == "train" else "Ready to forecast. Command:"
    elif report.command:
        yield f"{command} refuses this file; it would accept:"
    else:
        yield f"{command} refuses this file."
    if report.command:
        yield from _command_lines(report.command)


def _command_lines(command: str) -> Iterator[str]:
    """The command on lines that a shell joins again; an option and its value stay together."""
    parts: list[str] = []
    for word in shlex.split(command):
        if word.startswith("-") or not parts:
            parts.append(shlex.quote(word))
        else:
            parts[-1] += f" {shlex.quote(word)}"
    line = " "
    for part in parts:
        if len(line) + len(part) + 3 > _WIDTH and line.strip():
            yield f"{line} \\"
            line = "   "
        line += f" {part}"
    yield line
