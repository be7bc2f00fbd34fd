"""What several test files build: panels, networks, models, forecasts, trainings, and a reader of pages."""

import string
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np

from lstmcli.errors import LstmcliError
from lstmcli.evaluation.backtest import forecast_folds, simple_forecasters
from lstmcli.evaluation.backtest_report import BacktestDesign
from lstmcli.evaluation.folds import make_folds
from lstmcli.forecasting.plan import decide
from lstmcli.gates.origins import spread_origins
from lstmcli.gates.replay import Replay
from lstmcli.gates.trace import replay_windows
from lstmcli.learning.split import split_panel
from lstmcli.model_file import Contract, Model
from lstmcli.model_file.model import ROLE_FIELDS
from lstmcli.network.architecture import LEVEL_COLUMNS, Architecture, Network
from lstmcli.series.calendar import HOUR, Step, advance
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Panel
from lstmcli.series.roles import Roles
from lstmcli.settings.model import Settings
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read import panel_of as panel_of_table
from lstmcli.tables.read import read_table
from lstmcli.windows.cut import Windows, WindowSpec
from lstmcli.windows.scaling import Scaling, Standardisation, WindowScale

NAN = np.nan
START = np.datetime64("2024-01-01T00:00", "us")
LEVELS = (0.1, 0.5, 0.9)
BACKTEST_LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)
VOID = {"meta", "img", "br", "input"}
NASTY = '</script><b onload="x">&amp; "\'$title ${style}'
ARCH = Architecture(
    cell="lstm",
    layers=1,
    hidden=6,
    segment=4,
    context=12,
    horizon=7,
    quantiles=(0.1, 0.5, 0.9),
    covariates=0,
    ahead=0,
    members=1,
)
SCALING = Scaling("none", "mean", Standardisation(), Standardisation((0.0,) * 3, (1.0,) * 3))
QUICK = Settings(
    horizon=6, context=24, segment=6, season=12, hidden=16, steps=60, learning_rate=1e-2, mix="network"
)


def panel_of(*histories, future=None, ahead=0):
    """A panel of hourly series; `future` holds one covariate, with `ahead` rows past each history."""
    sizes = [len(h) + ahead for h in histories]
    values = np.concatenate([np.append(h, [NAN] * ahead) for h in histories])
    return Panel(
        key_names=("id",),
        keys=tuple((name,) for name in string.ascii_letters[: len(histories)]),
        step=Step("fixed", HOUR),
        starts=np.array([START] * len(histories)),
        offsets=np.concatenate([[0], np.cumsum(sizes)]),
        lengths=np.array([len(h) for h in histories]),
        values=values,
        past=np.zeros((len(values), 0), np.float32),
        future=np.zeros((len(values), 0), np.float32)
        if future is None
        else np.array(future, np.float32)[:, None],
    )


def random_panel(length: int, seed: int = 0) -> Panel:
    """One series of white noise."""
    return panel_of(np.random.default_rng(seed).normal(size=length))


def wave(length=240, seed=0, noise=0.05, season=12):
    random = np.random.default_rng(seed)
    time = np.arange(length)
    return 5 + np.sin(2 * np.pi * time / season) + noise * random.normal(size=length)


def random_walk(length=300, seed=0):
    return 100 + np.cumsum(np.random.default_rng(seed).normal(size=length))


def random_module(arch, seed=0):
    """A module whose every weight matters: nothing is left at zero."""
    import torch  # here, as it takes seconds to load

    from lstmcli.learning.model import MemberModule

    torch.manual_seed(seed)
    module = MemberModule(arch).eval()
    with torch.no_grad():
        for weight in module.parameters():
            weight.add_(0.3 * torch.randn_like(weight))
    return module


def codes(random, size, tables):
    """Rows of embeddings at random, (*size, tables)."""
    made = np.zeros((*size, len(tables)), np.int64)
    for column, rows in enumerate(tables):
        made[..., column] = random.integers(rows, size=size)
    return made


def made_windows(arch, batch=5, seed=0, baselines=1):
    random = np.random.default_rng(seed)
    missing = random.random((batch, arch.context)) < 0.2
    one = np.ones((batch, 1))
    return Windows(
        context=np.where(missing, 0, random.normal(size=missing.shape)).astype(np.float32),
        missing=missing,
        covariates=random.normal(size=(batch, arch.context, arch.covariates)).astype(np.float32),
        ahead=random.normal(size=(batch, arch.horizon, arch.ahead)).astype(np.float32),
        codes=codes(random, (batch, arch.context), (*arch.past_tables, *arch.future_tables)),
        codes_ahead=codes(random, (batch, arch.horizon), arch.future_tables),
        static=random.normal(size=(batch, arch.static)).astype(np.float32),
        static_codes=codes(random, (batch,), arch.static_tables),
        levels=random.normal(size=(batch, LEVEL_COLUMNS)).astype(np.float32),
        baselines=random.normal(size=(batch, arch.horizon, baselines)).astype(np.float32),
        target=random.normal(size=(batch, arch.horizon)).astype(np.float32),
        scale=WindowScale(0 * one, one, one),
    )


def network_of(arch: Architecture, seed: int = 0, season: int = 1) -> Network:
    """One member with random weights on no baseline."""
    from lstmcli.learning.model import export_weights

    weights = {
        f"members.0.{n}": w.astype(np.float64) for n, w in export_weights(random_module(arch, seed)).items()
    }
    shape = WindowSpec(arch.context, arch.horizon, ("none",), season, False)
    return Network(weights, arch, shape, SCALING, (1.0,) * len(arch.quantiles))


def made_model(data=("data.csv",)):
    """A model of random weights, as if trained on a file."""
    from lstmcli.learning.model import export_weights

    weights = {f"members.0.{n}": w for n, w in export_weights(random_module(ARCH)).items()}
    levels = Standardisation((0.0,) * 3, (1.0,) * 3)
    network = Network(
        weights,
        ARCH,
        WindowSpec(12, 7, ("last",), 1, False),
        Scaling("none", "mean", Standardisation(), levels),
        (1.0, 1.0, 1.0),
    )
    contract = Contract(
        Roles("time", (), ("y",), (), ()),
        ReadOptions(),
        "%Y-%m-%d",
        Step("month", 1, 31),
        1,
        100,
        -1.5,
        9.25,
        data,
        "0" * 64,
    )
    return Model(network, contract, {"cell": "lstm"}, {"members": []}, {"lstmcli": "0"})


def change_contract(contract, **changes):
    """A contract with other fields; those of its roles may be named among them."""
    roles = {name: changes.pop(name) for name in ROLE_FIELDS if name in changes}
    return replace(contract, roles=replace(contract.roles, **roles), **changes)


def network_of_two():
    """Two members without skill, one that forecasts the last value and one that forecasts 5 scales more."""
    network = made_model().network
    arch = replace(network.arch, members=2)
    flat = {name: np.zeros_like(w) for name, w in network.weights.items() if name.startswith("members.0.")}
    weights = flat | {name.replace("members.0.", "members.1."): w for name, w in flat.items()}
    bias = np.zeros((arch.horizon, len(arch.quantiles)), np.float32)
    bias[:, 1] = 5
    weights["members.1.head.bias"] = bias.flatten()
    shape = replace(network.shape, baselines=("last",))
    return replace(network, weights=weights, arch=arch, shape=shape)


def delay_line(delay: int, context: int) -> Network:
    """A plain RNN that forecasts the value `delay` steps before the last one, by handing it from
    unit to unit; values are made so small that tanh is straight."""
    hidden, small = delay + 1, 1e-4
    arch = replace(ARCH, cell="rnn", hidden=hidden, segment=1, context=context, horizon=1)
    network = network_of(arch)
    w = {name.removeprefix("members.0."): value for name, value in network.weights.items()}
    for value in w.values():
        value[:] = 0
    w["embed.weight"][0, 0] = small
    w["layers.0.inputs"][0, 0, 0] = 1
    w["layers.0.recurrent"][0] = np.eye(hidden, k=-1)
    w["head.weight"][arch.quantiles.index(0.5), delay] = 1 / small
    return network


def replay_on(network: Network, panel: Panel, count: int) -> Replay:
    return replay_windows(network, panel, *spread_origins(panel, network.shape, count))


def train_small(panel, settings=QUICK):
    from lstmcli.learning.train import train_network

    plan = decide(panel, settings)
    return train_network(panel, plan, lambda progress: None)


def forecast_of(values, starts, step, key_names=(), keys=((),)):
    return Forecast(key_names, keys, step, starts, LEVELS, np.asarray(values, float))


def forecaster(error, horizon=3, width=2.0):
    """Forecasts the last value, off by error(fold), with intervals of a width."""

    def forecast(known):
        panel = known.panel
        last = np.array([panel.history(s)[-1] for s in range(len(panel))]) + error(known.fold)
        values = last[:, None, None] + width * (np.array(BACKTEST_LEVELS) - 0.5) + np.zeros((1, horizon, 1))
        starts = advance(panel.starts, panel.step, panel.lengths)
        return Forecast(panel.key_names, panel.keys, panel.step, starts, BACKTEST_LEVELS, values)

    return forecast


def run_backtest(panel, error, folds=8, horizon=3, stride=3, align="time", trained=None, season=1, only=None):
    """only: names of the simple forecasters, all for None."""
    found = make_folds(panel, horizon, stride, folds, align)
    rivals = {k: v for k, v in simple_forecasters(season).items() if only is None or k in only}
    return forecast_folds(panel, found, season, horizon, forecaster(error, horizon), rivals, trained)


def backtest_design(**changes):
    usual = {
        "data": "data.csv", "model": "", "step": "1 hour", "season": 1, "horizon": 3, "stride": 3,
        "align": "time",
    }  # fmt: skip
    return BacktestDesign(**usual | changes)


def refusal_of_training(path, settings=()):
    """The kind of what training would refuse: the functions of `train` up to learning."""
    try:
        chosen = Settings(**dict(text.split("=") for text in settings))
        panel, _ = panel_of_table(read_table(path, chosen.options), chosen)
        split_panel(panel, decide(panel, chosen))
    except LstmcliError as error:
        return error.kind
    return None


class Page(HTMLParser):
    """Reads a page; refuses a tag that is not closed in turn."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text, self.scripts = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        (self.scripts if self.open and self.open[-1] in ("script", "style") else self.text).append(data)

    def all_text(self):
        return " ".join("".join(self.text).split())
