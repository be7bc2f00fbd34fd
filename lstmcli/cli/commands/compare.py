"""`lstmcli inspect-gates --compare`: several models side by side on the same data."""

from pathlib import Path


def inspect_several(
    models: list[Path], data: list[str] | None, windows: int, member: int, as_json: bool, output: str
) -> None:
    """Looks into each model on the data of the first, and writes the figures as one table."""
    from lstmcli.files.output import write_out
    from lstmcli.gates.compare_models import comparison_json, comparison_text
    from lstmcli.jobs.inspect import compare_models

    columns = compare_models(models, data, windows, member)
    write_out(comparison_json(columns) if as_json else comparison_text(columns), output)
