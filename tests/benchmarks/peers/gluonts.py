"""GluonTS as its users run it: DeepAR, an LSTM, with its own defaults. Runs in an environment of its own.

python gluonts.py train DATA HORIZON FOLDER
python gluonts.py predict DATA HORIZON FOLDER OUTPUT
"""

import sys

sys.path.pop(0)  # this file would hide the package of its name

from pathlib import Path

import pandas as pd
from gluonts.dataset.pandas import PandasDataset
from gluonts.model.predictor import Predictor
from gluonts.torch import DeepAREstimator

QUIET = {"enable_progress_bar": False, "logger": False, "enable_model_summary": False}


def main() -> None:
    command, data, horizon, folder, *output = sys.argv[1:]
    frame = pd.read_csv(data, parse_dates=["ds"])
    table = PandasDataset.from_long_dataframe(
        frame, item_id="unique_id", timestamp="ds", target="y", freq="h"
    )
    if command == "train":
        estimator = DeepAREstimator("h", int(horizon), trainer_kwargs=QUIET)
        estimator.train(table).serialize(Path(folder))
    else:
        rows = []
        for made in Predictor.deserialize(Path(folder)).predict(table):
            times = made.start_date.to_timestamp() + pd.to_timedelta(range(int(horizon)), "h")
            rows += [(made.item_id, *row) for row in zip(times, made.quantile(0.5), strict=True)]
        pd.DataFrame(rows, columns=["unique_id", "ds", "forecast"]).to_csv(output[0], index=False)


if __name__ == "__main__":
    main()
