"""From the JSON document of a model file to a model: everything in it typed, ranged and consistent.

What passes can be forecast with: nothing is larger than the file that it came from.
"""

import codecs
from typing import Any, get_args

import numpy as np

from lstmcli.errors import SettingsError
from lstmcli.model_file.fields import (
    LARGEST_FLOAT,
    Check,
    DamagedDocument,
    dataclass_field,
    field_error,
    fields_of,
    flag,
    integer_field,
    list_field,
    map_field,
    mapping,
    number_field,
    one_of,
    optional_fields,
    or_none,
    rising_numbers,
    text_field,
)
from lstmcli.model_file.model import FINGERPRINT, PARTS, ROLE_FIELDS, Contract, Model, Probe
from lstmcli.network.architecture import LEVEL_COLUMNS, Architecture, Blend, Network
from lstmcli.network.cells import GATES
from lstmcli.series.calendar import Step, time_features
from lstmcli.series.open_week import open_week
from lstmcli.series.roles import Roles
from lstmcli.series.steps import length
from lstmcli.settings.choices import (
    DecimalChoice,
    Location,
    OnDuplicate,
    OnGap,
    OpenTimes,
    ThousandsChoice,
    Transform,
)
from lstmcli.settings.reading import ReadOptions, is_separator
from lstmcli.settings.table_reading import JoinedTime, NumberForm, TableReading
from lstmcli.windows.cut import WindowSpec, lag_of, simple_forecasts
from lstmcli.windows.scaling import Scaling, Standardisation

_SMALLEST = 1e-100  # of what is divided by
_LONGEST_SPAN = 2**61  # microseconds or plain steps that a window and its forecast may cover
_HOLIDAYS = 3  # columns, see `public_holidays`


_number_form = dataclass_field(
    NumberForm,
    decimal=one_of(".", ","),
    thousands=one_of("", ".", ",", "'", "space"),
    unit=text_field(longest=40),
    scaled=flag,
)
_time_pattern = or_none(text_field(r"(%[-\d]?[A-Za-z%+](\{[^{}]*\})?|[^%])*", 300))
_joined = dataclass_field(JoinedTime, columns=list_field(text_field(), 2), kinds=list_field(text_field(), 2))
_reading = dataclass_field(
    TableReading, numbers=map_field(_number_form), time=_time_pattern, joined=or_none(_joined)
)


def _options(value: Any, where: str) -> ReadOptions:
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
        open=one_of(*get_args(OpenTimes)),
        on_gap=one_of(*get_args(OnGap)),
        on_duplicate=one_of(*get_args(OnDuplicate)),
        resample=text_field(longest=100),
        thousands=one_of(*get_args(ThousandsChoice)),
        missing=list_field(text_field(longest=200)),
        known=_reading,
        as_written=list_field(text_field()),
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
    name: str = text_field(r"[\w.:-]+", 100)(value, where)
    try:
        "".encode(name)  # refuses codecs that are not of texts
        codecs.lookup(name)
    except (LookupError, ValueError):
        raise field_error(value, where, "an encoding is needed") from None
    return name


_kind: Check = text_field(r"seasonal|profile|last|drift|none|lag[1-9][0-9]{0,8}")
_columns: Check = list_field(text_field())
_tables: Check = list_field(integer_field(1))
_levels: Check = list_field(number_field(1e-9, 1 - 1e-9), 1)
_scale = number_field(_SMALLEST, LARGEST_FLOAT)
_standard = dataclass_field(Standardisation, mean=list_field(number_field()), std=list_field(_scale))
_architecture = dataclass_field(
    Architecture,
    cell=one_of(*GATES),
    layers=integer_field(1),
    hidden=integer_field(1),
    segment=integer_field(1),
    context=integer_field(1),
    horizon=integer_field(1),
    quantiles=_levels,
    covariates=integer_field(0),
    ahead=integer_field(0),
    members=integer_field(1),
    static=integer_field(0),
    static_tables=_tables,
    past_tables=_tables,
    future_tables=_tables,
)
_shape = dataclass_field(
    WindowSpec,
    context=integer_field(1),
    horizon=integer_field(1),
    baselines=list_field(_kind, 1),
    season=integer_field(1),
    calendar=flag,
    holidays=text_field(r"([A-Za-z]{2,3}(-.{1,60})?)?"),
)
_scaling = dataclass_field(
    Scaling,
    transform=one_of(*get_args(Transform)),
    location=one_of(*get_args(Location)),
    covariates=_standard,
    levels=_standard,
    least=number_field(0, LARGEST_FLOAT),
    bounded=flag,
    spreads=list_field(_scale),
    static=_standard,
    categories=list_field(_columns),
)
_step = dataclass_field(
    Step,
    kind=one_of("fixed", "open", "business day", "month", "plain"),
    count=integer_field(1, 2**61),
    day=integer_field(0, 31),
    dated=flag,
    slots=text_field(r"[\d -]*", 100_000),
    zone=text_field(longest=100),
)
_contract_fields = fields_of(
    {*optional_fields(Roles), *optional_fields(Contract)},
    time=text_field(),
    series=_columns,
    targets=list_field(text_field(), 1),
    past=_columns,
    future=_columns,
    options=_options,
    time_pattern=_time_pattern,
    step=_step,
    series_count=integer_field(1),
    observations=integer_field(1, 10**15),
    smallest=number_field(),
    largest=number_field(),
    data=list_field(text_field(r"[^/].*", of_file=True)),
    data_sha256=text_field(r"[0-9a-f]{64}"),
    static=_columns,
    categorical=_columns,
    known_series=text_field(r"([0-9a-f]{8})*", 2**31),
    ends=list_field(text_field(r"-?\d{1,18}|\d{4}-[01]\d-[0-3]\d(T[0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,9})?)?")),
)


def _contract(value: Any, where: str) -> Contract:
    found = _contract_fields(value, where)
    roles = Roles(**{name: found.pop(name) for name in ROLE_FIELDS if name in found})
    return Contract(roles, **found)


_blend = dataclass_field(Blend, baseline=_kind, weight=number_field(0, 1))
_probe = dataclass_field(
    Probe, context=list_field(number_field()), forecast=list_field(list_field(number_field()))
)


def model_of(document: dict[str, Any]) -> Model:
    """The model without its weights. Raises Damaged."""

    for name in sorted(document.keys() - PARTS):
        raise DamagedDocument(f"{name[:60]!r} is not known")

    def part(name: str, check: Check) -> Any:
        if name not in document:
            raise DamagedDocument(f"{name}: missing")
        return check(document[name], name)

    probe = part("probe", _probe)
    network = Network(
        weights={},
        arch=part("architecture", _architecture),
        shape=part("shape", _shape),
        scaling=part("scaling", _scaling),
        widths=part("widths", list_field(number_field(0, 1e6))),
        blend=part("blend", or_none(_blend)),
        error_power=part("trust", number_field(0, 100)),
        usual_error=part("unrest", number_field(0, 1e30)),
    )
    model = Model(
        network=network,
        contract=part("contract", _contract),
        settings=part("settings", mapping),
        report=_report(part("report", mapping)),
        versions=part("versions", map_field(text_field(longest=200))),
        probe=probe,
    )
    _check_windows(network)
    _check_inputs(network, model.contract)
    _check_contract(model.contract, network)
    _check_probe(probe, network.arch)
    return model


def _report(report: dict[str, Any]) -> dict[str, Any]:
    """What is read again of the training report, where it is there."""
    validation = mapping(report.get("validation", {}), "report.validation")
    map_field(map_field(or_none(number_field())))(validation.get("errors", {}), "report.validation.errors")
    or_none(number_field())(validation.get("skill"), "report.validation.skill")
    return report


def _hold(condition: bool, message: str) -> None:
    if not condition:
        raise DamagedDocument(message)


def _check_windows(network: Network) -> None:
    arch, shape = network.arch, network.shape
    _hold((shape.context, shape.horizon) == (arch.context, arch.horizon), "shape: not that of architecture")
    _hold(arch.context % arch.segment == 0, "architecture: the segment does not divide the context")
    _hold(
        rising_numbers(arch.quantiles) and 0.5 in arch.quantiles,
        "architecture.quantiles: must rise and hold 0.5",
    )
    _hold(len(network.widths) == len(arch.quantiles), "widths: one per quantile is needed")
    _hold(not 0 < network.usual_error < 1e-30, "unrest: too small")
    kinds = (*shape.baselines, *([network.blend.baseline] if network.blend else []))
    lags = [lag_of(kind, shape.season) for kind in kinds]
    _hold(max(lags) <= arch.context, "shape.baselines: one needs a longer context")


def _check_inputs(network: Network, contract: Contract) -> None:
    """The inputs of the network are those that its columns give, as `windows` makes them."""
    arch, shape, scaling = network.arch, network.shape, network.scaling
    flags = _HOLIDAYS if shape.holidays else 0
    roles = contract.roles
    numeric = {role: roles.numeric(getattr(roles, role)) for role in ("static", "past", "future")}
    numbers, ahead = len(numeric["past"]) + len(numeric["future"]) + flags, len(numeric["future"]) + flags
    stamp = np.zeros(1, np.int64 if contract.step.plain else "datetime64[us]")
    waves = time_features(stamp, contract.step).shape[1] if shape.calendar else 0
    for what, found, right in (
        ("architecture.covariates", arch.covariates, numbers + waves),
        ("architecture.ahead", arch.ahead, ahead * len(simple_forecasts(shape)) + waves),
        ("architecture.static", arch.static, len(numeric["static"]) + numbers),
        ("scaling.spreads", len(scaling.spreads), numbers),
        ("scaling.covariates", len(scaling.covariates.mean), numbers),
        ("scaling.static", len(scaling.static.mean), len(numeric["static"])),
        ("scaling.levels", len(scaling.levels.mean), LEVEL_COLUMNS),
    ):
        _hold(found == right, f"{what}: {found}, but the columns of the contract make {right}")
    for standard in (scaling.covariates, scaling.static, scaling.levels):
        _hold(len(standard.mean) == len(standard.std), "scaling: means and deviations are not as many")
    rows = [count for by_role in arch.tables.values() for count in by_role]
    _hold(rows == [1 + len(names) for names in scaling.categories], "architecture: not one row per category")
    for role, tables in arch.tables.items():
        coded = len(getattr(roles, role)) - len(numeric[role])
        _hold(len(tables) == coded, f"architecture.{role}_tables: {len(tables)} for {coded} columns")


def _check_contract(contract: Contract, network: Network) -> None:
    covered = network.arch.context + network.arch.horizon
    step = contract.step
    _check_open_times(step, contract.options)
    _hold(length(step) * covered < _LONGEST_SPAN, "contract.step: longer than time can be counted")
    _hold((step.kind == "month") == (step.day > 0), "contract.step: a day of the month belongs to months")
    roles = contract.roles
    columns = (*roles.series, *roles.targets, *roles.covariates)
    named_once = (*columns, *([roles.time] if roles.time else []))
    _hold(len(set(named_once)) == len(named_once), "contract: a column serves for two things")
    _hold(set(roles.categorical) <= set(columns), "contract.roles.categorical: a column that is not there")
    known = len(contract.known_series) // FINGERPRINT
    _hold(len(contract.ends) in (0, 1, known), f"contract.ends: {len(contract.ends)} for {known} series")
    _hold(contract.smallest <= contract.largest, "contract.smallest: above the largest")


def _check_open_times(step: Step, options: ReadOptions) -> None:
    _hold(step.zone in ("", options.timezone), "contract.step.zone: not the time zone of the options")
    if step.kind != "open":
        _hold(step.slots + step.zone == "", "contract.step: only a step of open times has slots")
        return
    try:
        open_week(step.slots, step.count)
    except ValueError as error:
        raise DamagedDocument(f"contract.step.slots: {error}"[:200]) from None


def _check_probe(probe: Probe, arch: Architecture) -> None:
    _hold(len(probe.context) == arch.context, "probe.context: not as long as the context")
    _hold(len(probe.forecast) == arch.horizon, "probe.forecast: not as long as the horizon")
    for quantiles in probe.forecast:
        _hold(len(quantiles) == len(arch.quantiles), "probe.forecast: not one number per quantile")
