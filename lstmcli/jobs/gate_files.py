"""What `inspect-gates` writes beside its report: tables, the trace, pictures, a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lstmcli.errors import UsageError
from lstmcli.files.checked import Output, check_can_make_folder, page_output, picture_output
from lstmcli.files.endings import TABLE_ENDINGS, form_of_picture, form_to_write, picture_folder
from lstmcli.files.output import write_folder, write_out
from lstmcli.files.write import write_atomically
from lstmcli.gates.trace import trace_windows
from lstmcli.jobs.inspect import GateInspection
from lstmcli.reports.text.gates_csv import tables
from lstmcli.reports.text.gates_json import summary_text
from lstmcli.tables.write.dialects import AS_IN_DATA, AskedDialect, dialect_of_table, output_dialect
from lstmcli.tables.write.forms import check_form, content_of_table, is_typed
from lstmcli.tables.write.tables import csv_of, text_of, trace_table

if TYPE_CHECKING:
    import pandas as pd


Kept = tuple[Sequence[Output], Sequence[str]]  # other outputs, and files that were read


@dataclass(frozen=True)
class GateFiles:
    """What is written beside the report; None for what is not.

    out    folder for summary.json and tables; with a page for the trace of its explorer too
    trace  table of gates and states, in the form of its ending
    plot   picture of the overview, or a folder for every picture: see `picture_folder`
    html   page
    asked  dialect of CSV
    """

    out: Path | None = None
    trace: str | None = None
    plot: str | None = None
    html: str | None = None
    asked: AskedDialect = AS_IN_DATA

    @property
    def outputs(self) -> list[Output]:
        """Raises UsageError for endings that are not known."""
        page, several = page_output(self.html), self.plot is not None and picture_folder(self.plot)
        plot = Output("--plot", None) if several else picture_output(self.plot)
        if self.trace is None:
            return [page, plot]
        form = form_to_write(self.trace, TABLE_ENDINGS, "csv", flag="--trace")
        return [page, plot, Output("--trace", self.trace, form)]

    def check(self) -> None:
        """Raises UsageError for a trace of an unknown ending, and for a dialect of what is no CSV."""
        if self.trace is not None:
            form = form_to_write(self.trace, TABLE_ENDINGS, "csv", flag="--trace")
            check_form(form, self.trace, AS_IN_DATA if self.out else self.asked, "--trace")
        elif self.out is None and self.asked != AS_IN_DATA:
            raise UsageError(
                "--write-separator and --write-decimal are for --trace and --out: give one of them"
            )

    def check_folders(self) -> None:
        """Raises CannotCreate or WriteFailed for a folder that surely cannot be made or written to."""
        pictures = picture_folder(self.plot) if self.plot is not None else None
        for folder in (self.out, pictures and pictures[0]):
            if folder is not None:
                check_can_make_folder(Path(folder))


def write_gate_files(
    found: GateInspection, files: GateFiles, report: Output, inputs: Sequence[str] = ()
) -> None:
    """report, inputs: the other output, and the files that were read.

    Raises CannotCreate, WriteFailed, and UsageError where a file in a folder would take the place of one of
    these.
    """
    kept = [report, *files.outputs], inputs
    if files.out is not None:
        _write_tables(found, files.out, files, kept)
    if files.trace is not None:
        form = form_to_write(files.trace, TABLE_ENDINGS, "csv", flag="--trace")
        dialect = output_dialect(dialect_of_table(found.data.table), files.asked, form, files.trace)
        write_out(content_of_table(trace_of(found, is_typed(form)), form, dialect), files.trace)
    if files.plot is not None:
        _write_pictures(found, files.plot, kept)
    if files.html is not None:
        write_out(gate_html(found), files.html)


def _write_tables(found: GateInspection, out: Path, files: GateFiles, kept: Kept) -> None:
    dialect = output_dialect(dialect_of_table(found.data.table), files.asked, output=str(out / "trace.csv"))
    texts = {name: csv_of(columns, dialect) for name, columns in tables(found.inspection.report).items()}
    texts["trace.csv"] = text_of(trace_of(found, False), "csv", dialect)
    if files.html is not None:
        texts["explorer.csv"] = text_of(_explorer_table(found), "csv", dialect)
    write_folder(out, {**texts, "summary.json": summary_text(found.inspection)}, *kept)


def trace_of(found: GateInspection, typed: bool) -> "pd.DataFrame":
    """Every gate and state of each series' last window, or of the one that --at explains. typed: times as
    such, not written."""
    network, panel = found.model.network, found.panel
    series, origins = np.arange(len(panel)), panel.lengths
    if found.place is not None:
        series, origins = (np.array([place]) for place in found.place)
    traced = trace_windows(network, panel, series, origins, found.inspection.report.member)
    time = found.model.contract.roles.time or "time"
    return trace_table(traced, panel, network.arch, time, found.data.pattern, typed)


def _explorer_table(found: GateInspection) -> "pd.DataFrame":
    """Every gate and state of the windows that the page holds."""
    time = found.model.contract.roles.time or "time"
    arch, traced = found.model.network.arch, found.explorer.traced
    return trace_table(traced, found.panel, arch, time, found.data.pattern, origin="origin")


def _write_pictures(found: GateInspection, plot: str, kept: Kept) -> None:
    from lstmcli.reports.pictures.gates import overview

    several = picture_folder(plot)
    if several is not None:
        folder, form = Path(several[0]), several[1]
        write_folder(folder, {f"{p.name}.{form}": p.content for p in found.pictures(form)}, *kept, "--plot")
    else:
        write_atomically(Path(plot), overview(found.inspection, *found.shown, form_of_picture(Path(plot))))


def gate_html(found: GateInspection) -> str:
    """The report as a page with all pictures."""
    return found.page(found.explorer)
