"""Made-up series of the level and scale of a model, by which an export is compared with it."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lstmcli.model_file.onnx.inputs import input_columns
from lstmcli.network.architecture import Network
from lstmcli.series.calendar import Step, advance
from lstmcli.series.category import Category
from lstmcli.series.panel import Panel

_START = np.datetime64("2024-01-01", "us")  # a Monday


def trial_panel(network: Network, step: Step) -> Panel:
    """Series of one value, shorter and longer than the context, with gaps, flat, and without recent
    values; covariates like those of training, one category unseen. Rows ahead are included."""
    shape, columns = network.shape, input_columns(network)
    histories = _histories(network)
    lengths = np.array([len(history) for history in histories])
    sizes = lengths + shape.horizon
    random, rows = np.random.default_rng(1), int(sizes.sum())
    numbers = _normal(random, rows, network.scaling.covariates.mean, network.scaling.covariates.std)
    static = _normal(random, len(lengths), network.scaling.static.mean, network.scaling.static.std)
    past = columns.get("past", 0)
    named = columns.get("future", 0) - (3 if shape.holidays else 0)
    start = _START if not step.plain else np.int64(0)
    return Panel(
        key_names=("series",),
        keys=tuple((str(number),) for number in range(len(lengths))),
        step=replace(step, zeros=False),  # the graph has open times alone
        starts=advance(start, step, 7 * np.arange(len(lengths))),
        offsets=np.concatenate([[0], np.cumsum(sizes)]),
        lengths=lengths,
        values=np.concatenate([np.append(history, [np.nan] * shape.horizon) for history in histories]),
        past=numbers[:, :past],
        future=numbers[:, past : past + named],
        static=static,
        categories=_categories(random, network, len(lengths), rows),
    )


def _histories(network: Network) -> list[NDArray[np.float64]]:
    """In the units of the data; every one ends with a value."""
    shape, scaling = network.shape, network.scaling
    random, whole = np.random.default_rng(0), shape.context + shape.horizon
    level, scale = (scaling.levels.mean[0], np.exp(scaling.levels.mean[1])) if scaling.levels.mean else (0, 1)
    lengths = (1, 2, shape.season + 1, shape.horizon + 1, shape.context, whole - 1, whole, 2 * whole + 3)
    made = []
    for number, length in enumerate(lengths):
        time = np.arange(length)
        wave = np.sin(2 * np.pi * (time + number) / max(shape.season, 4))
        made.append(wave + 0.3 * random.normal(size=length) + 0.01 * number * time)
    walk = np.cumsum(random.normal(size=whole))
    gaps, quiet = np.append(np.sin(time), [0.5]), walk.copy()
    gaps[:-1][random.random(len(time)) < 0.3] = np.nan
    quiet[-shape.horizon - 2 : -1] = np.nan
    made += [walk, gaps, quiet, np.zeros(whole + 2), np.append(np.full(whole, np.nan), [1.0])]
    return [scaling.restore(level + scale * history).astype(np.float64) for history in made]


def _normal(
    random: np.random.Generator, rows: int, mean: tuple[float, ...], std: tuple[float, ...]
) -> NDArray[np.float32]:
    return (np.array(mean) + np.array(std) * random.normal(size=(rows, len(mean)))).astype(np.float32)


def _categories(
    random: np.random.Generator, network: Network, series: int, rows: int
) -> tuple[Category, ...]:
    tables, known, made = network.arch.tables, iter(network.scaling.categories), []
    for role in ("static", "past", "future"):
        for number in range(len(tables[role])):
            names = (*next(known), "\0unseen")
            size = series if role == "static" else rows
            codes = random.integers(len(names), size=size).astype(np.int32)
            made.append(Category(f"{role} {number}", role, names, codes))
    return tuple(made)
