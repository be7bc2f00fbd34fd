"""From the JSON document of a model file to a model: everything in it typed, ranged and consistent.

What passes can be forecast with: nothing is larger than the file that it came from.
"""

from typing import Any, get_args

import numpy as np

from lstmcli.evaluation.window_errors import MOST_WINDOWS
from lstmcli.model_file.fields import (
    LARGEST_FLOAT,
    Check,
    DamagedDocument,
    dataclass_field,
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
from lstmcli.model_file.reading_fields import (
    check_open_times,
    options_field,
    place_field,
    step_field,
    time_pattern_field,
)
from lstmcli.model_file.report_fields import report_field
from lstmcli.network.architecture import LEVEL_COLUMNS, Architecture, Blend, Builtin, Mix, Network
from lstmcli.network.cells import GATES
from lstmcli.series.calendar import time_features
from lstmcli.series.roles import Roles
from lstmcli.series.steps import length
from lstmcli.settings.choices import (
    Location,
    Transform,
)
from lstmcli.windows.cut import WindowSpec, lag_of, simple_forecasts
from lstmcli.windows.scaling import Scaling, Standardisation

_SMALLEST = 1e-100  # of what is divided by
_LONGEST_SPAN = 2**61  # microseconds or plain steps that a window and its forecast may cover
MOST_STEPS = 100_000
MOST_LAYERS, MOST_MEMBERS = 100, 500
MOST_NUMBERS = 2**24
MOST_COLUMNS = 100_000  # of one role
_HOLIDAYS = 3  # columns, see `public_holidays`


_kind: Check = text_field(r"seasonal|profile|last|drift|none|lag[1-9][0-9]{0,8}")
names_field: Check = list_field(text_field(), most=MOST_COLUMNS)
_tables: Check = list_field(integer_field(1))
_levels: Check = list_field(number_field(1e-9, 1 - 1e-9), 1)
_scale = number_field(_SMALLEST, LARGEST_FLOAT)
_standard = dataclass_field(Standardisation, mean=list_field(number_field()), std=list_field(_scale))
architecture_field = dataclass_field(
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
shape_field = dataclass_field(
    WindowSpec,
    context=integer_field(1),
    horizon=integer_field(1),
    baselines=list_field(_kind, 1),
    season=integer_field(1),
    calendar=flag,
    holidays=place_field,
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
    categories=list_field(list_field(text_field())),
)
_contract_fields = fields_of(
    {*optional_fields(Roles), *optional_fields(Contract)},
    time=text_field(),
    series=names_field,
    targets=list_field(text_field(), 1, MOST_COLUMNS),
    past=names_field,
    future=names_field,
    options=options_field,
    time_pattern=time_pattern_field,
    step=step_field,
    series_count=integer_field(1),
    observations=integer_field(1, 10**15),
    smallest=number_field(),
    largest=number_field(),
    data=list_field(text_field(r"(?s)[^/].*", of_file=True)),
    data_sha256=text_field(r"[0-9a-f]{64}"),
    static=names_field,
    categorical=names_field,
    known_series=text_field(r"([0-9a-f]{8})*", 2**31),
    ends=list_field(text_field(r"-?\d{1,19}|\d{4}-[01]\d-[0-3]\d(T[0-2]\d:[0-5]\d:[0-5]\d(\.\d{1,9})?)?")),
)


def contract_part(value: Any, where: str) -> Contract:
    """A contract as it was written. Raises DamagedDocument."""
    found = _contract_fields(value, where)
    roles = Roles(**{name: found.pop(name) for name in ROLE_FIELDS if name in found})
    return Contract(roles, **found)


_blend = dataclass_field(Blend, baseline=_kind, weight=number_field(0, 1))
_share = number_field(0, 1)
_errors = fields_of(
    ("across", "origins"),
    windows=integer_field(1, MOST_WINDOWS),
    across=number_field(-1, 1),
    origins=integer_field(0, 2**31),
)
_builtin_seasons = fields_of((), season=integer_field(1), second=integer_field(1))
_mix = dataclass_field(
    Mix,
    builtin=_share,
    second=integer_field(1, 2**31),
    network=_share,
    ets=_share,
    theta=_share,
    naive=_share,
    length=integer_field(1, 2**31),
    windows=integer_field(0, 10**15),
    widths=list_field(number_field(0, 1e6)),
)
_probe = dataclass_field(
    Probe, context=list_field(number_field()), forecast=list_field(list_field(number_field()))
)


def _builtin(document: dict[str, Any]) -> Builtin | None:
    """The built-in network without its weights."""
    found = or_none(_builtin_seasons)(document.get("builtin"), "builtin")
    return None if found is None else Builtin({}, **found)


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
        arch=part("architecture", architecture_field),
        shape=part("shape", shape_field),
        scaling=part("scaling", _scaling),
        widths=part("widths", list_field(number_field(0, 1e6))),
        blend=part("blend", or_none(_blend)),
        error_power=part("trust", number_field(0, 100)),
        usual_error=part("unrest", number_field(0, 1e30)),
        mix=or_none(_mix)(document.get("mix"), "mix"),
        builtin=_builtin(document),
    )
    model = Model(
        network=network,
        contract=part("contract", contract_part),
        settings=part("settings", mapping),
        report=part("report", report_field),
        versions=part("versions", map_field(text_field(longest=200))),
        probe=probe,
    )
    _check_windows(network)
    _check_inputs(network, model.contract)
    check_contract_values(model.contract, network.arch.context + network.arch.horizon)
    _check_probe(probe, network.arch)
    return model


def error_fields(document: dict[str, Any]) -> dict[str, Any]:
    """Of how many windows a file holds the errors, and how series err together; nothing in one of before.
    Raises DamagedDocument."""
    found: dict[str, Any] | None = or_none(_errors)(document.get("errors"), "errors")
    return found or {}


def _hold(condition: bool, message: str) -> None:
    if not condition:
        raise DamagedDocument(message)


def _check_windows(network: Network) -> None:
    arch, shape = network.arch, network.shape
    check_architecture_size(arch)
    _hold((shape.context, shape.horizon) == (arch.context, arch.horizon), "shape: not that of architecture")
    _hold(arch.context % arch.segment == 0, "architecture: the segment does not divide the context")
    _hold(
        rising_numbers(arch.quantiles) and 0.5 in arch.quantiles,
        "architecture.quantiles: must rise and hold 0.5",
    )
    _hold(len(network.widths) == len(arch.quantiles), "widths: one per quantile is needed")
    if network.mix:
        _hold(len(network.mix.widths) == len(arch.quantiles), "mix.widths: one per quantile is needed")
        _hold(abs(sum(network.mix.shares.values()) - 1) < 1e-2, "mix: its shares do not add up to one")
    shared = bool(network.mix and network.mix.builtin)
    _hold(shared == (network.builtin is not None), "builtin: its share and its seasons belong together")
    _hold(not 0 < network.usual_error < 1e-30, "unrest: too small")
    kinds = (*shape.baselines, *([network.blend.baseline] if network.blend else []))
    lags = [lag_of(kind, shape.season) for kind in kinds]
    _hold(max(lags) <= arch.context, "shape.baselines: one needs a longer context")


def check_architecture_size(arch: Architecture) -> None:
    """Raises DamagedDocument where one window would take more than seconds, or hundreds of megabytes."""
    for name, count, most in (
        ("recurrent steps over one context", arch.steps * arch.layers * max(arch.members, 1), MOST_STEPS),
        ("layers", arch.layers, MOST_LAYERS),
        ("members", arch.members, MOST_MEMBERS),
        ("numbers in one context", arch.context * (1 + arch.covariates), MOST_NUMBERS),
        ("numbers in one horizon", arch.horizon * (len(arch.quantiles) + arch.ahead), MOST_NUMBERS),
    ):
        _hold(count <= most, f"architecture: {count:,} {name}; {most:,} at most")


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


def check_contract_values(contract: Contract, covered: int) -> None:
    """Whether its parts belong together, for windows that cover so many steps. Raises DamagedDocument."""
    step = contract.step
    check_open_times(step, contract.options)
    _hold(length(step) * covered < _LONGEST_SPAN, "contract.step: longer than time can be counted")
    _hold((step.kind == "month") == (step.day > 0), "contract.step: a day of the month belongs to months")
    roles = contract.roles
    columns = (*roles.series, *roles.targets, *roles.covariates)
    named_once = (*columns, *([roles.time] if roles.time else []))
    _hold(len(set(named_once)) == len(named_once), "contract: a column serves for two things")
    _hold(len(set(roles.categorical)) == len(roles.categorical), "contract.categorical: a column twice")
    _hold(set(roles.categorical) <= {*roles.covariates}, "contract.roles.categorical: no covariate")
    known = len(contract.known_series) // FINGERPRINT
    _hold(len(contract.ends) in (0, 1, known), f"contract.ends: {len(contract.ends)} for {known} series")
    _hold(contract.smallest <= contract.largest, "contract.smallest: above the largest")


def _check_probe(probe: Probe, arch: Architecture) -> None:
    _hold(len(probe.context) == arch.context, "probe.context: not as long as the context")
    _hold(len(probe.forecast) == arch.horizon, "probe.forecast: not as long as the horizon")
    for quantiles in probe.forecast:
        _hold(len(quantiles) == len(arch.quantiles), "probe.forecast: not one number per quantile")
