"""NeuralForecast as its users run it: the LSTM of its own defaults. Runs in an environment of its own.

python neuralforecast.py train DATA HORIZON FOLDER
python neuralforecast.py predict DATA HORIZON FOLDER OUTPUT
"""

import sys

sys.path.pop(0)  # this file would hide the package of its name

import logging

import pandas as pd
from neuralforecast import NeuralForecast
from neuralforecast.models import LSTM

logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
QUIET = {"enable_progress_bar": False, "logger": False, "enable_model_summary": False}


def main() -> None:
    command, data, horizon, folder, *output = sys.argv[1:]
    frame = pd.read_csv(data, parse_dates=["ds"])
    if command == "train":
        runner = NeuralForecast([LSTM(h=int(horizon), random_seed=1, **QUIET)], freq="h")
        runner.fit(frame)
        runner.save(folder, overwrite=True, save_dataset=False)
    else:
        made = NeuralForecast.load(folder).predict(frame).reset_index()
        name = next(column for column in made if column.startswith("LSTM") and "-lo" not in column)
        table = made[["unique_id", "ds"]].assign(forecast=made[name])
        table.to_csv(output[0], index=False)


if __name__ == "__main__":
    main()
