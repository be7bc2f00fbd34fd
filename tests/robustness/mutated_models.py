"""Small valid model files, changed at random: each is refused, or forecasts like any other.

    python tests/robustness/mutated_models.py --count 100000

Changes bits, bytes and lengths; the JSON document, by value, type and structure; the header of the
tensors; and weights. Most changed documents get a right sum again, so that it is the other checks
that are tried. Whatever is accepted is verified and used for a forecast of a CSV file. Tells how
many ended how, how long it took and the most memory; ends with 1 where one did not end well.
"""

import contextlib
import io
import json
import random
import struct
import tempfile
import warnings
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np
from fuzzing import arguments, count_outcomes, no_longer_than

from lstmcli.cli.commands.predict import predict
from lstmcli.errors import LstmcliError
from lstmcli.forecasting.forecast import forecast_panel
from lstmcli.jobs.verify import verification
from lstmcli.model_file import Contract, Model, read_model, write_model
from lstmcli.model_file.contract import check_contract
from lstmcli.model_file.model import KEY, SEAL, seal_of
from lstmcli.network.architecture import Architecture, Blend, Network
from lstmcli.series.calendar import Step, time_features
from lstmcli.series.roles import Roles
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read import panel_for_contract, read_table, time_pattern
from lstmcli.tables.write.tables import forecast_table, text_of
from lstmcli.windows.cut import WindowSpec, simple_forecasts
from lstmcli.windows.scaling import Scaling, Standardisation

SECONDS = 10  # for one file; it takes 0.03
EXPECTED = {0, 3, 65, 66, 78}  # exit codes of a forecast; 78: a time zone or country that is none
DAY = Step("fixed", 86_400_000_000)


@dataclass(frozen=True)
class Start:
    """A model to change, taken apart, and the file that it forecasts."""

    raw: bytes
    header: dict
    document: dict
    body: bytes
    weights: dict
    data: Path


def starts(folder):
    """A plain LSTM, a GRU with every kind of covariate, an RNN with several members."""
    network = made_network("lstm", WindowSpec(12, 4, ("last",), 1, False), {})
    known = {"past": ("wind",), "future": ("price", "week"), "static": ("size", "kind")}
    contract = made_contract(**known, series=("shop",), categorical=("week", "kind"))
    rich = made_network("gru", WindowSpec(8, 3, ("seasonal", "none"), 4, True), known)
    rich = replace(rich, scaling=replace(rich.scaling, transform="log"), blend=Blend("last", 0.3))
    several = made_network("rnn", WindowSpec(14, 5, ("profile", "lag10", "drift"), 7, True), {}, 3)
    several = replace(several, error_power=2.0, usual_error=0.7)
    models = [(network, made_contract()), (rich, contract), (several, made_contract())]
    for number, (made, agreed) in enumerate(models):
        path = folder / f"start_{number}.safetensors"
        write_model(path, Model(made, agreed, {"cell": made.arch.cell}, report(), {"numpy": np.__version__}))
        data = folder / f"data_{number}.csv"
        data.write_text(table(agreed))
        yield taken_apart(path.read_bytes(), data)


def report():
    """With all that training writes."""
    member = {"steps": 3, "best_step": 2, "loss": 0.1, "validation_loss": None}
    errors = {"model": {"mae": 1.0, "smape": 2.0, "mase": None}}
    errors |= {"seasonal naive": {"mae": 2.0, "smape": 3.0, "mase": 1.5}}
    validation = {"windows": 9, "season": 7, "skill": 0.1, "skill_error": 0.05, "independent": 4}
    by_step = {"model": [1.0, None], "seasonal naive": [2.0, 3.0]}
    more = {"by_step": by_step, "by_step_measure": "MASE", "coverage": {"80": 0.8}}
    return {"members": [member], "validation": validation | more | {"errors": errors}}


def made_network(cell, shape, columns, members=1):
    numbers = 2 if columns else 0
    waves = time_features(np.zeros(1, "datetime64[us]"), DAY).shape[1] if shape.calendar else 0
    arch = Architecture(
        cell=cell,
        layers=2,
        hidden=3,
        segment=2,
        context=shape.context,
        horizon=shape.horizon,
        quantiles=(0.1, 0.5, 0.9),
        covariates=numbers + waves,
        ahead=(len(simple_forecasts(shape)) if columns else 0) + waves,
        members=members,
        static=(1 if columns else 0) + numbers,
        static_tables=(3,) if columns else (),
        future_tables=(3,) if columns else (),
    )
    draw = np.random.default_rng(1)
    weights = {
        f"members.{member}.{name}": draw.normal(0, 0.4, size).astype(np.float32)
        for member in range(members)
        for name, size in arch.shapes().items()
    }
    standard = Standardisation((3.0,) * numbers, (2.0,) * numbers)
    scaling = Scaling(
        "none",
        "mean",
        standard,
        Standardisation((0.0,) * 3, (1.0,) * 3),
        spreads=(1.0,) * numbers,
        static=Standardisation((2.0,), (1.0,)) if columns else Standardisation(),
        categories=(("a", "b"), ("0", "1")) if columns else (),
    )
    return Network(weights, arch, shape, scaling, (0.9, 1.0, 1.1))


def made_contract(**columns):
    return Contract(
        roles=Roles(**{"time": "time", "series": (), "targets": ("y",), "past": (), "future": ()} | columns),
        options=ReadOptions(),
        time_pattern="%Y-%m-%d",
        step=DAY,
        series_count=1,
        observations=40,
        smallest=1.0,
        largest=12.0,
        data=("data.csv",),
        data_sha256="0" * 64,
        known_series="0123abcd" * 2,
    )


def table(contract):
    """Thirty days, and four more of which only what is known ahead is given."""
    lines = ["time,shop,y,wind,price,week,size,kind" if contract.roles.series else "time,y"]
    for shop in "AB" if contract.roles.series else "A":
        for day in range(34 if contract.roles.series else 30):
            stamp, y = date(2024, 1, 1) + timedelta(days=day), f"{5 + day % 7 + day / 10:.1f}"
            if contract.roles.series:
                past = f"{y},{day % 5}" if day < 30 else ","
                lines.append(f"{stamp},{shop},{past},{day % 3},{day // 7 % 2},{ord(shop)},{shop.lower()}")
            else:
                lines.append(f"{stamp},{y}")
    return "\n".join([*lines, ""])


def taken_apart(raw, data):
    (size,) = struct.unpack("<Q", raw[:8])
    header, body = json.loads(raw[8 : 8 + size]), raw[8 + size :]
    document = json.loads(header["__metadata__"][KEY])
    weights = {
        name: np.frombuffer(body, "<f4")[slice(*(at // 4 for at in entry["data_offsets"]))].reshape(
            entry["shape"]
        )
        for name, entry in header.items()
        if name != "__metadata__"
    }
    return Start(raw, header, document, body, weights, data)


def put_together(header, text, body):
    header = {**header, "__metadata__": {KEY: text}}
    packed = json.dumps(header).encode("utf-8", "surrogatepass")
    packed += b" " * (-len(packed) % 8)
    return struct.pack("<Q", len(packed)) + packed + body


def mutated(start, seed):
    """A changed model file, the same for the same seed."""
    rng = random.Random(seed)
    change = rng.choices([of_bytes, of_document, of_tensors, of_weights], [3, 10, 3, 2])[0]
    return change(rng, start)


# Bytes


def of_bytes(rng, start):
    raw = start.raw
    for _ in range(rng.choice([1, 1, 1, 2, 5])):
        # Half of them in the header, which is the smaller part of a real file.
        at = rng.randrange(len(raw) + 1 if rng.random() < 0.5 else min(len(raw), 4000) + 1)
        flipped = bytes([raw[at] ^ (1 << rng.randrange(8))]) if at < len(raw) else b""
        lengths = [0, 1, 7, 2**31, 2**63, 2**64 - 1, len(raw), max(len(raw) - 8, 0), rng.randrange(2**16)]
        raw = rng.choice(
            [
                raw[:at] + flipped + raw[at + 1 :],
                raw[:at] + bytes([rng.randrange(256)]) + raw[at + 1 :],
                raw[:at],
                raw[:at] + rng.randbytes(rng.randint(1, 16)) + raw[at:],
                raw[:at] + raw[at + rng.randint(1, 16) :],
                raw[:at] + bytes(64) + raw[at + 64 :],
                struct.pack("<Q", rng.choice(lengths)) + raw[8:],
                raw + rng.randbytes(rng.randint(1, 100)),
                raw[at:] + raw[:at],
            ]
        )
    return raw


# The document

ODD = [
    *(0, 1, -1, 2, 3, 7, 12, 255, 10**6, 10**9, -(10**9), 2**31, 2**63, 10**18, 10**400, 0.5, -0.5, 1e-320),
    *(1e308, -1e308, 1e37, 1e-30, float("nan"), float("inf"), -0.0, 1.0, None, True, False, "", "x", "auto"),
    *("none", "log", "lag999", "lag3", "seasonal", "profile", "mean", "last", "\ud800", "\0", "é", "%999d"),
    *("%", "1h", "1h=mean", "2d=sum", "utf-16", "hex", "punycode", "Europe/Berlin", "../../etc", "DE"),
    *("/etc/passwd", "month", "plain", "business day", "shop", "y", "time", "\n", "x" * 20_000, [], {}, [[]]),
    *([0], [0.5], ["y"], [None], [1e308], {"a": 1}, {"": {}}, [[[[[[[[[[1]]]]]]]]]], [1] * 1000),
]  # fmt: skip


def of_document(rng, start):
    document = json.loads(json.dumps(start.document))
    document.pop(SEAL)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        change_somewhere(rng, document)
    text = json.dumps(document)
    if rng.random() < 0.1:
        text = changed_text(rng, text)
    elif isinstance(document, dict) and rng.random() < 0.7:
        text = sealed(document, start.weights)
    return put_together(start.header, text, start.body)


def change_somewhere(rng, value):
    """One change in place, at a random depth of maps and lists."""
    while True:
        places = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not places:
            return
        place = rng.choice(places)
        inner = value[place]
        if isinstance(inner, dict | list) and inner and rng.random() < 0.75:
            value = inner
            continue
        change_at(rng, value, place, places)
        return


def change_at(rng, value, place, places):
    inner = value[place]
    number = isinstance(inner, int | float) and not isinstance(inner, bool)
    match rng.randrange(8):
        case 0:
            del value[place]
        case 1 if isinstance(value, dict):
            value[rng.choice(["", "extra", *places])] = value.pop(place)
        case 1:
            value.insert(place, deepcopy(inner))
        case 2 if number:
            value[place] = rng.choice(
                [inner + 1, inner - 1, inner * 2, -inner, inner * 10**30, inner // 2, str(inner)]
            )
        case 2 if isinstance(inner, list):
            rng.shuffle(inner)
        case 3:
            value[place] = deepcopy(value[rng.choice(places)])
        case 4 if isinstance(inner, list):
            value[place] = inner * rng.choice([0, 2, 3])
        case _:
            value[place] = deepcopy(rng.choice(ODD))


def changed_text(rng, text):
    at = rng.randrange(len(text))
    pair = rng.choice(['"format": 4, ', '"architecture": {}, ', '"trust": 0.0, ', '"trust": NaN, '])
    return rng.choice(
        [
            text[:at],
            text[:1] + pair + text[1:],
            text[:at] + rng.choice('{}[]",:0129.eE-+ \\nul') + text[at + 1 :],
            "[" * rng.choice([10, 1000, 100_000]) + text,
            '{"a":' * 50_000 + text,
            text.replace("0.5", rng.choice(["1e999", "-Infinity", "0" * 50, "9" * 5000]), 1),
            text.replace('"format": 4', rng.choice(['"format": 5', '"format": "4"', '"format": null']), 1),
            "",
            "null",
            text + text,
        ]
    )


def sealed(document, weights):
    """The document as text, with a sum that is right; without one where there can be none."""
    with contextlib.suppress(ValueError):
        return json.dumps(document | {SEAL: seal_of(document, weights)})
    return json.dumps(document)


# The header of the tensors, and the weights

SHAPES = [[], [0], [1], [-1], [2**31, 2**31], [2**62], [2**64], [10**40], [1.5], ["1"], None, 5, [3, [3]]]
PLACES = [[0, 0], [0, 4], [4, 0], [-4, 0], [0, 2**62], [0], [], None, [0, 12, 24], [0.0, 4.0], [2**64, 2**64]]
DTYPES = ["F64", "F16", "BF16", "I64", "U8", "BOOL", "F8_E4M3", "f32", "", None, 5, [], {}]


def of_tensors(rng, start):
    header, body = json.loads(json.dumps(start.header)), start.body
    names = [name for name in header if name != "__metadata__"]
    name, other = rng.choice(names), rng.choice(names)
    entry = header[name]
    match rng.randrange(10):
        case 0:
            entry["dtype"] = rng.choice(DTYPES)
        case 1:
            entry["shape"] = rng.choice([*SHAPES, entry["shape"][::-1], [*entry["shape"], 1]])
        case 2:
            entry["data_offsets"] = rng.choice([*PLACES, [at + 4 for at in entry["data_offsets"]]])
        case 3:
            entry["data_offsets"] = header[other]["data_offsets"]
        case 4:
            del header[name]
        case 5:
            header[rng.choice(["", "extra", "members.9.head.bias", name + " "])] = header.pop(name)
        case 6:
            header["extra"] = dict(entry)
        case 7:
            header[name], header[other] = header[other], header[name]
        case 8:
            header[name] = deepcopy(rng.choice(ODD))
        case _:
            body = rng.choice([body[:-4], body + bytes(4), b"", body * 2])
    return put_together(header, start.header["__metadata__"][KEY], body)


def of_weights(rng, start):
    """Weights that are absurd, with a sum that is right."""
    values = np.frombuffer(start.body, "<f4").copy()
    odd = [np.nan, np.inf, -np.inf, 3e38, -3e38, 1e30, -1e30, 1e-40, 0, 1000, -1000, 1e6]
    for _ in range(rng.choice([1, 1, 3, 100])):
        values[rng.randrange(len(values))] = rng.choice(odd)
    if rng.random() < 0.2:
        values[:] = rng.choice(odd)
    document = {name: value for name, value in start.document.items() if name != SEAL}
    changed = replace(start, body=values.tobytes())
    raw = put_together(start.header, json.dumps(document), changed.body)
    again = taken_apart(raw, start.data)
    text = sealed(document, again.weights) if rng.random() < 0.8 else json.dumps(start.document)
    return put_together(start.header, text, changed.body)


# Trying one


def outcome(path, data, by_command=True):
    """How reading, verifying and forecasting end; raises for what must not happen."""
    try:
        found, model = verification(path), read_model(path)
    except LstmcliError as error:
        assert error.exit_code in EXPECTED and error.kind in (
            "damaged-model",
            "foreign-model",
            "model-format",
        )
        return f"refused [{error.kind}]"
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            if by_command:
                predict([str(data)], path)
            else:
                print(small_forecast(model, str(data)))
    except LstmcliError as error:
        assert error.exit_code in EXPECTED, error
        return f"accepted; forecast refused [{error.kind or type(error).__name__}]"
    printed.getvalue().encode()
    return "accepted; forecast made" + ("" if found.verified else ", probe differs")


def small_forecast(model, data):
    """What `predict` does, but that a table is read once for all models that read it alike."""
    contract, arch = model.contract, model.network.arch
    panel, pattern = panel_for(data, contract.options, model.contract.roles, contract.step)
    check_contract(panel, model)
    made = forecast_panel(model.network, panel, arch.horizon)
    return text_of(forecast_table(made, contract.roles.time or "step", pattern, arch.quantiles), "csv")


@lru_cache(maxsize=100)
def panel_for(data, options, roles, step):
    table = read_table([data], options)
    return panel_for_contract(table, roles, step)[0], time_pattern(table, roles.time)


def tried(start, seed, path):
    """The outcome for one seed, without a warning and in time."""
    path.write_bytes(mutated(start, seed))
    with no_longer_than(SECONDS), warnings.catch_warnings():
        warnings.simplefilter("error")
        return outcome(path, start.data, by_command=seed % 20 == 0)


def main():
    given = arguments(__doc__)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = list(starts(folder))
        for start in models:
            (folder / "whole").write_bytes(start.raw)
            assert outcome(folder / "whole", start.data) == "accepted; forecast made"
        count_outcomes(
            lambda seed: tried(models[seed % len(models)], seed, folder / "model.safetensors"), given
        )


if __name__ == "__main__":
    main()
