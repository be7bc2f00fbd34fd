"""`lstmcli inspect-gates --cells`: which cell remembers, why, and which forecasts this data best."""

from functools import partial
from pathlib import Path

from lstmcli.errors import UsageError

LARGEST_DELAY, MOST_DELAYS = 1000, 6


def inspect_cells(
    data: list[str] | None,
    config: Path | None,
    assignments: tuple[str, ...],
    horizon: int | None,
    seeds: int,
    delays: str | None,
    form: str,
    output: str,
    out: Path | None,
    plot: str | None,
    html: str | None,
) -> None:
    """Trains every cell and writes what came out.

    form: of the report, decided; other parameters as the options of `inspect-gates`.
    """
    import sys

    from lstmcli.console.screen import Screen
    from lstmcli.files.checked import (
        Output,
        check_can_make_folder,
        check_outputs,
        page_output,
        picture_output,
    )
    from lstmcli.files.output import write_out
    from lstmcli.gates.cell_study.design import DELAYS
    from lstmcli.jobs.inspect_cells import study_cells
    from lstmcli.jobs.study_files import study_html, write_study_files
    from lstmcli.reports.forms import report_in
    from lstmcli.reports.text.cell_study import cell_study_text
    from lstmcli.reports.text.cell_study_json import study_json
    from lstmcli.reports.text.gates import bar_signs

    if data is None:
        raise UsageError("--cells trains on data: name a CSV file, or - for standard input")
    asked = DELAYS if delays is None else parse_delays(delays)
    inputs = [*data, *([] if config is None else [str(config)])]
    outputs = [Output("-o", output, form), picture_output(plot), page_output(html)]
    check_outputs(outputs, inputs)
    if out is not None:
        check_can_make_folder(out)
    screen = Screen()
    study = study_cells(
        data, config, {"horizon": horizon}, assignments, seeds, asked, screen.say, screen.progress
    )
    signs = bar_signs("utf-8" if output != "-" else getattr(sys.stdout, "encoding", None))
    text, document = partial(cell_study_text, study, signs), partial(study_json, study)
    write_out(report_in(form, "Cells", text, document, partial(study_html, study)), output)
    write_study_files(study, out, plot, html, outputs, inputs)


def parse_delays(text: str) -> tuple[int, ...]:
    """The whole numbers of "10,50,100", in order, each once. Raises UsageError for anything else."""
    parts = [part.strip() for part in text.split(",")]
    delays = sorted({int(part) for part in parts if part.isascii() and part.isdecimal()})
    whole = all(part.isascii() and part.isdecimal() for part in parts)
    if not whole or delays[0] < 2 or delays[-1] > LARGEST_DELAY or len(delays) > MOST_DELAYS:
        raise UsageError(
            f"--delays {text!r}: name up to {MOST_DELAYS} numbers of steps from 2 to {LARGEST_DELAY}, "
            "as --delays 10,50,100"
        )
    return tuple(delays)
