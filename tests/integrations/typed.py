"""A small program as a user writes it, for `mypy --strict`: see test_typed.py."""

from pathlib import Path

import pandas as pd
import polars as pl

import lstmcli

frame = pd.read_csv("sample_data/temperature.csv", parse_dates=["time"])
model: lstmcli.Forecaster = lstmcli.train(frame, horizon=24, steps=20)
made: pd.DataFrame = model.predict(frame, levels=[80])
of_series: pd.DataFrame = model.predict(frame.set_index("time")["temperature"])
of_path: pd.DataFrame = model.predict("data.csv", horizon=3)
of_paths: pd.DataFrame = model.forecast([Path("a.csv"), Path("b.csv")])
table = pl.DataFrame({"time": [1]})
polars: pl.DataFrame = model.predict(table, horizon=3, future=table)
alarms: pl.DataFrame = lstmcli.builtin().watch(table, every=True)
tested: lstmcli.Backtest[pl.DataFrame] = model.backtest(table, refit=True)
scores: pl.DataFrame = tested.scores
accepted: bool = lstmcli.check(frame, on_gap="mask").accepted
half_life: float | None = model.gates(frame).figures["half_life"]
model = lstmcli.train(frame, **lstmcli.tune(frame, time="10m").settings)
try:
    model.save(Path("model.safetensors"))
except lstmcli.errors.DataError as error:
    row: int | None = error.row
filled: pl.DataFrame = lstmcli.impute(table, model, add_rows=True)
filled_frame: pd.DataFrame = lstmcli.impute("data.csv", level=90)
model.plot(frame, "a.png").save("b.svg")
page: str = model.report(frame)
wrong: pl.DataFrame = model.predict(frame)  # type: ignore[assignment]  # which strict mypy wants to be needed
