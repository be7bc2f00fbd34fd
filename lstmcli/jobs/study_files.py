"""What `inspect-gates --cells` writes beside its report: tables, a picture, a page."""

from collections.abc import Sequence
from pathlib import Path

from lstmcli.files.checked import Output
from lstmcli.files.output import write_folder, write_out
from lstmcli.gates.cell_study.results import Study
from lstmcli.reports.text.cell_study_json import gradient_table, recall_table, study_json
from lstmcli.tables.write.tables import csv_of


def write_study_files(
    study: Study,
    out: Path | None,
    plot: str | None,
    html: str | None,
    outputs: Sequence[Output],
    inputs: Sequence[str],
) -> None:
    """Writes a folder with cells.json and tables, the picture and the page; each only where its path is
    given. outputs, inputs: all other outputs, and the files that were read."""
    if out is not None:
        texts = {"cells.json": study_json(study), "gradient_by_lag.csv": csv_of(gradient_table(study))}
        if study.recalled:
            texts["recall.csv"] = csv_of(recall_table(study))
        write_folder(out, texts, outputs, inputs)
    if plot is not None:
        from lstmcli.reports.pictures.cells import cells_plot

        cells_plot(study, Path(plot))
    if html is not None:
        write_out(study_html(study), html)


def study_html(study: Study) -> str:
    """The lesson as a page."""
    from lstmcli.reports.html.cell_page import cell_page

    return cell_page(study)
