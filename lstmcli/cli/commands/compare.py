"""`lstmcli inspect-gates --compare`: several models side by side on the same data."""

from functools import partial
from pathlib import Path


def inspect_several(
    models: list[Path],
    data: list[str] | None,
    windows: int,
    member: int,
    assignments: tuple[str, ...],
    form: str,
    output: str,
) -> None:
    """Looks into each model on the data of the first, and writes the figures as one table."""
    from lstmcli.files.output import write_out
    from lstmcli.gates.compare_models import comparison_json, comparison_text
    from lstmcli.jobs.inspect import compare_models
    from lstmcli.reports.forms import report_in

    columns = compare_models(models, data, windows, member, assignments)
    text, document = partial(comparison_text, columns), partial(comparison_json, columns)
    write_out(report_in(form, "Models compared", text, document), output)
