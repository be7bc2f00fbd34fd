"""From the JSON document of a model file to the report of its training; what else stands there is kept."""

from collections.abc import Mapping
from typing import Any

from lstmcli.evaluation.scores import PointErrors
from lstmcli.model_file.fields import (
    Check,
    DamagedDocument,
    dataclass_field,
    integer_field,
    list_field,
    map_field,
    mapping,
    number_field,
    one_of,
    or_none,
)

_MOST = 10**15
_count = integer_field(0, _MOST)
_number = or_none(number_field())
_each_error: Check = map_field(
    dataclass_field(PointErrors, mae=number_field(0), smape=number_field(0), mase=_number)
)


def _errors(value: Any, where: str) -> dict[str, Any]:
    found: dict[str, Any] = _each_error(value, where)
    for name in ("model", "seasonal naive"):  # with which all others are compared
        if name not in found:
            raise DamagedDocument(f"{where}.{name}: missing")
    return found


# What a report of validation has, and whether it must have it.
_VALIDATION: Mapping[str, tuple[Check, bool]] = {
    "windows": (_count, True),
    "season": (integer_field(1, _MOST), True),
    "errors": (_errors, True),
    "skill": (_number, True),
    "by_step": (map_field(list_field(_number)), False),
    "by_step_measure": (one_of("MASE", "MAE"), False),
    "coverage": (map_field(number_field(0, 1)), False),
    "skill_error": (_number, False),
    "independent": (_count, False),
}
_MEMBER: Mapping[str, tuple[Check, bool]] = {
    "steps": (_count, False),
    "best_step": (_count, False),
    "loss": (_number, False),
    "validation_loss": (_number, False),
}
_REPORT: Mapping[str, tuple[Check, bool]] = {
    "members": (list_field(mapping), False),
    "updates": (integer_field(0), False),
    "processes": (integer_field(0), False),
}


def report_field(value: Any, where: str) -> dict[str, Any]:
    """The report as it is, where all that is read of it again can be. Raises DamagedDocument."""
    report = mapping(value, where)
    _check(report, where, _REPORT)
    for number, member in enumerate(report.get("members", [])):
        _check(member, f"{where}.members[{number}]", _MEMBER)
    if "validation" in report:
        _check(mapping(report["validation"], f"{where}.validation"), f"{where}.validation", _VALIDATION)
    return report


def _check(found: Mapping[str, Any], where: str, known: Mapping[str, tuple[Check, bool]]) -> None:
    for name, (check, needed) in known.items():
        if name in found:
            check(found[name], f"{where}.{name}")
        elif needed:
            raise DamagedDocument(f"{where}.{name}: missing")
