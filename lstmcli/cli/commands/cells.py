"""`lstmcli inspect-gates --cells`: which cell remembers on this data, and which forecasts best."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lstmcli.console.screen import Screen
    from lstmcli.gates.cell_study.design import StudyDesign
    from lstmcli.gates.cell_study.results import Study


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
    from lstmcli.console.screen import Screen
    from lstmcli.errors import UsageError
    from lstmcli.files.output import write_folder, write_out
    from lstmcli.files.write import check_can_create
    from lstmcli.gates.cell_study.design import design_study
    from lstmcli.reports.text.cell_study_json import gradient_table, study_json
    from lstmcli.settings.model import load_settings
    from lstmcli.tables.read import panel_of, read_table
    from lstmcli.tables.write.tables import csv_of

    if data is None:
        raise UsageError("--cells trains on data: name a CSV file, or - for standard input")
    for path in filter(None, (plot, None if output == "-" else Path(output))):
        check_can_create(path)
    screen = Screen()
    settings = load_settings(config, {"horizon": horizon}, assignments)
    panel, roles = panel_of(read_table(data, settings.options), settings)
    design = design_study(panel, settings, seeds)
    for note in (*roles.notes, *design.notes):
        screen.say(f"note: {note}")
    study = _trained(screen, design)
    write_out(study_json(study) if as_json else _text(study, output), output)
    if out is not None:
        texts = {"cells.json": study_json(study), "gradient_by_lag.csv": csv_of(gradient_table(study))}
        write_folder(out, texts)
    if plot is not None:
        _plot(study, plot)


def _trained(screen: "Screen", design: "StudyDesign") -> "Study":
    from lstmcli.jobs.cell_study import count_trainings, run_study

    networks = count_trainings(design)
    delays = ", ".join(map(str, design.delays))
    screen.say(
        f"trains {networks} networks: {len(design.archs)} cells x {len(design.seeds)} seeds on the data, "
        f"{networks - len(design.archs) * len(design.seeds)} on repeating a value after {delays} steps"
    )
    with screen.progress(networks) as report:
        return run_study(design, report)


def _text(study: "Study", output: str) -> str:
    import sys

    from lstmcli.reports.text.cell_study import study_text
    from lstmcli.reports.text.gates import bar_signs

    return study_text(study, bar_signs("utf-8" if output != "-" else getattr(sys.stdout, "encoding", None)))


def _plot(study: "Study", path: Path) -> None:
    from lstmcli.reports.pictures.cells import cells_plot
    from lstmcli.reports.text.cell_study_json import curves

    segment, step = study.design.plan.arch.segment, study.design.panel.step
    cells_plot(curves(study), curves(study, False), step, segment, path)
