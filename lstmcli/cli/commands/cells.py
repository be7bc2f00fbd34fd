"""`lstmcli inspect-gates --cells`: which cell remembers on this data, and which forecasts best."""

from functools import partial
from pathlib import Path


def inspect_cells(
    data: list[str] | None,
    config: Path | None,
    assignments: tuple[str, ...],
    horizon: int | None,
    seeds: int,
    form: str,
    output: str,
    out: Path | None,
    plot: Path | None,
) -> None:
    """Trains every cell and writes what came out.

    form: of the report, decided; other parameters as the options of `inspect-gates`.
    """
    import sys

    from lstmcli.console.screen import Screen
    from lstmcli.errors import UsageError
    from lstmcli.files.output import write_out
    from lstmcli.files.write import check_can_create
    from lstmcli.jobs.inspect import study_cells, write_study_files
    from lstmcli.reports.forms import report_in
    from lstmcli.reports.text.cell_study import cell_study_text
    from lstmcli.reports.text.cell_study_json import study_json
    from lstmcli.reports.text.gates import bar_signs

    if data is None:
        raise UsageError("--cells trains on data: name a CSV file, or - for standard input")
    for path in filter(None, (plot, None if output == "-" else Path(output))):
        check_can_create(path)
    screen = Screen()
    study = study_cells(data, config, {"horizon": horizon}, assignments, seeds, screen.say, screen.progress)
    signs = bar_signs("utf-8" if output != "-" else getattr(sys.stdout, "encoding", None))
    text, document = partial(cell_study_text, study, signs), partial(study_json, study)
    write_out(report_in(form, "Cells", text, document), output)
    write_study_files(study, out, plot)
