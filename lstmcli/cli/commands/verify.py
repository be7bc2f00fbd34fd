"""`lstmcli verify`: a check of a model file, and of its forecast on this machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from lstmcli.cli.options import MODEL_PATH, ReportForm, ReportOutput, model_option
from lstmcli.network.builtin_file import is_builtin

if TYPE_CHECKING:
    from lstmcli.jobs.verify import Verification

VERIFY_VERSION = 1  # of the JSON report


def verify(
    model: Annotated[Path, model_option("Model file to verify")] = MODEL_PATH,
    form: ReportForm = None,
    output: ReportOutput = "-",
) -> None:
    """Check that a model file is whole and forecasts as it did.

    Reads the whole file, compares its checksum, and repeats a small forecast that training recorded.
    Exits with 65 if the file is damaged, of another version, or gives other numbers. With -q nothing
    is printed on success.
    """
    from lstmcli.console.manner import output_mode
    from lstmcli.files.checked import Output, check_outputs
    from lstmcli.files.endings import REPORT_ENDINGS, form_to_write
    from lstmcli.files.output import write_out
    from lstmcli.jobs.verify import builtin_verification, check_verification, verification
    from lstmcli.reports.forms import report_in

    written = form_to_write(output, REPORT_ENDINGS, "text", form)
    check_outputs([Output("-o", output, written)], [model])
    found = builtin_verification() if is_builtin(model) else verification(model)
    if output != "-" or not (output_mode().quiet and found.verified):
        title = f"Verification of {found.model}"
        write_out(report_in(written, title, lambda: _text(found), lambda: _json(found)), output)
    check_verification(found)


def _json(found: "Verification") -> str:
    import json
    from dataclasses import asdict

    return json.dumps({"version": VERIFY_VERSION, **asdict(found)}, indent=1, allow_nan=False) + "\n"


def _text(found: "Verification") -> str:
    cell = f"{found.cell.upper()}, {found.layers} x {found.hidden} units"
    members = "1 member" if found.members == 1 else f"{found.members} members"
    equal = found.difference == 0
    probe = "the same numbers as in training" if equal else f"differs by {found.difference:.1e}"
    trained_with = ", ".join(f"{name} {version}" for name, version in found.trained_with.items())
    lines = [
        ("verified" if found.verified else "not verified", found.model),
        ("file", f"format {found.format}, {found.size:,} bytes"),
        ("sha256", found.sha256),
        ("content", "unchanged since training" if found.sealed else "not checked: the file has no checksum"),
        ("network", f"{cell}, {members}, {found.parameters:,} parameters"),
        ("data", f"sha256 {found.data_sha256}" if found.data_sha256 else "made-up series, none of a user"),
        *([("trained with", trained_with)] if trained_with else []),
        ("probe", f"{probe} (allowed: {found.tolerance:.0e})"),
        *(("note", note) for note in found.notes),
    ]
    return "".join(f"{name:<14}{what}\n" for name, what in lines)
