"""`lstmcli inspect-gates --cells`: which cell remembers on this data, and which forecasts best."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lstmcli.terminal.screen import Screen
    from lstmcli.which_cell.design import Design
    from lstmcli.which_cell.results import Study


def inspect_cells(
    data: list[str] | None,
    config: Path | None,
    assignments: tuple[str, ...],
    horizon: int | None,
    seeds: int,
    as_json: bool,
    output: str,
    out: Path | None,
    plot: Path | None,
) -> None:
    """Trains every cell and writes what came out. Parameters as the options of `inspect-gates`."""
    from lstmcli.config import load
    from lstmcli.errors import UsageError
    from lstmcli.files import check_can_create
    from lstmcli.output.files import write_folder, write_out
    from lstmcli.output.tables import csv_of
    from lstmcli.tables import panel_of, read
    from lstmcli.terminal.screen import Screen
    from lstmcli.which_cell.design import designed
    from lstmcli.which_cell.document import document_text, gradient_table

    if data is None:
        raise UsageError("--cells trains on data: name a CSV file, or - for standard input")
    for path in filter(None, (plot, None if output == "-" else Path(output))):
        check_can_create(path)
    screen = Screen()
    settings = load(config, {"horizon": horizon}, assignments)
    panel, roles = panel_of(read(data, settings.options), settings)
    design = designed(panel, settings, seeds)
    for note in (*roles.notes, *design.notes):
        screen.say(f"note: {note}")
    study = _trained(screen, design)
    write_out(document_text(study) if as_json else _text(study, output), output)
    if out is not None:
        texts = {"cells.json": document_text(study), "gradient_by_lag.csv": csv_of(gradient_table(study))}
        write_folder(out, texts)
    if plot is not None:
        _plot(study, plot)


def _trained(screen: "Screen", design: "Design") -> "Study":
    from lstmcli.learning.which_cell import compare, trainings

    networks = trainings(design)
    delays = ", ".join(map(str, design.delays))
    screen.say(
        f"trains {networks} networks: {len(design.archs)} cells x {len(design.seeds)} seeds on the data, "
        f"{networks - len(design.archs) * len(design.seeds)} on repeating a value after {delays} steps"
    )
    with screen.progress(networks) as report:
        return compare(design, report)


def _text(study: "Study", output: str) -> str:
    import sys

    from lstmcli.gates.text import signs_for
    from lstmcli.which_cell.text import study_text

    return study_text(study, signs_for("utf-8" if output != "-" else getattr(sys.stdout, "encoding", None)))


def _plot(study: "Study", path: Path) -> None:
    from lstmcli.plots.cells import cells_plot
    from lstmcli.which_cell.document import curves

    segment, step = study.design.plan.arch.segment, study.design.panel.step
    cells_plot(curves(study), curves(study, False), step, segment, path)
