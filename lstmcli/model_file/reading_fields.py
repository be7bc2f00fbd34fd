"""From the JSON document of a model file to how tables are read, and the step of their rows."""

from typing import Any, get_args

from lstmcli.errors import SettingsError
from lstmcli.model_file.fields import (
    Check,
    DamagedDocument,
    dataclass_field,
    field_error,
    flag,
    integer_field,
    list_field,
    map_field,
    one_of,
    or_none,
    text_field,
)
from lstmcli.series.calendar import Step
from lstmcli.series.open_week import open_week
from lstmcli.settings.choices import (
    DecimalChoice,
    OnDuplicate,
    OnFlag,
    OnGap,
    OpenTimes,
    ThousandsChoice,
    Totals,
)
from lstmcli.settings.reading import ReadOptions, is_encoding, is_separator
from lstmcli.settings.table_reading import JoinedTime, NumberForm, TableReading

_number_form = dataclass_field(
    NumberForm,
    decimal=one_of(".", ","),
    thousands=one_of("", ".", ",", "'", "space"),
    unit=text_field(longest=40),
    scaled=flag,
    flags=one_of("", "read", "missing"),
)
time_pattern_field = or_none(text_field(r"(%[-\d]?[A-Za-z%+](\{[^{}]*\})?|[^%])*", 300))
_joined = dataclass_field(
    JoinedTime,
    columns=list_field(text_field(), 2),
    kinds=list_field(text_field(), 2),
    labels=list_field(text_field()),
    days=text_field(r"(%[A-Za-z]|[^%])*", 100),
)
_reading = dataclass_field(
    TableReading, numbers=map_field(_number_form), time=time_pattern_field, joined=or_none(_joined)
)


place_field: Check = text_field(r"([A-Za-z]{2,3}(-.{1,60})?)?")


def options_field(value: Any, where: str) -> ReadOptions:
    """How files are read. Raises DamagedDocument."""
    fields = dataclass_field(
        ReadOptions,
        separator=text_field(longest=8),
        decimal=one_of(*get_args(DecimalChoice)),
        encoding=_encoding,
        sheet=text_field(longest=100),
        skip_rows=_skip_rows,
        comment=text_field(longest=20),
        header=flag,
        day_first=one_of("auto", True, False),
        timezone=text_field(longest=100),
        step=text_field(longest=100),
        holidays=place_field,
        open=one_of(*get_args(OpenTimes)),
        totals=one_of(*get_args(Totals)),
        on_gap=one_of(*get_args(OnGap)),
        on_duplicate=one_of(*get_args(OnDuplicate)),
        resample=text_field(longest=100),
        thousands=one_of(*get_args(ThousandsChoice)),
        missing=list_field(text_field(longest=200)),
        on_flag=one_of(*get_args(OnFlag)),
        known=_reading,
        as_written=list_field(text_field()),
        names=list_field(text_field()),
        time=text_field(),
    )
    try:
        options: ReadOptions = fields(value, where)
    except SettingsError as error:
        raise DamagedDocument(f"{where}: {error}") from None
    if not is_separator(options.separator):
        raise field_error(options.separator, f"{where}.separator", "one character is needed")
    return options


def _skip_rows(value: Any, where: str) -> Any:
    return value if value == "auto" else integer_field(0)(value, where)


def _encoding(value: Any, where: str) -> str:
    name: str = text_field(r"[\w.: -]+", 100)(value, where)
    if not is_encoding(name):
        raise field_error(value, where, "an encoding is needed")
    return name


step_field = dataclass_field(
    Step,
    kind=one_of("fixed", "open", "business day", "month", "plain"),
    count=integer_field(1, 2**61),
    day=integer_field(0, 31),
    dated=flag,
    slots=text_field(r"[\d -]*", 100_000),
    zone=text_field(longest=100),
    zeros=flag,
)


def check_open_times(step: Step, options: ReadOptions) -> None:
    """Raises DamagedDocument where the open times of a step are none."""
    _hold(step.zone in ("", options.timezone), "contract.step.zone: not the time zone of the options")
    if step.kind != "open":
        _hold(step.slots + step.zone == "", "contract.step: only a step of open times has slots")
        _hold(not step.zeros, "contract.step: only a step of open times has zeros at closed ones")
        return
    try:
        open_week(step.slots, step.count)
    except ValueError as error:
        raise DamagedDocument(f"contract.step.slots: {error}"[:200]) from None


def _hold(condition: bool, message: str) -> None:
    if not condition:
        raise DamagedDocument(message)
