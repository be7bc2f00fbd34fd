"""Darts as its users run it: a BlockRNNModel with an LSTM, defaults but for the lengths and a limit of
steps, as its hundred epochs take hours on data of this size. Runs in an environment of its own.

python darts.py train DATA HORIZON FOLDER
python darts.py predict DATA HORIZON FOLDER OUTPUT
"""

import sys

sys.path.pop(0)  # this file would hide the package of its name

import pandas as pd
from darts import TimeSeries
from darts.dataprocessing.transformers import Scaler
from darts.models import BlockRNNModel

QUIET = {"enable_progress_bar": False, "logger": False, "enable_model_summary": False, "accelerator": "cpu"}
STEPS = 2000


def main() -> None:
    command, data, horizon, folder, *output = sys.argv[1:]
    frame = pd.read_csv(data, parse_dates=["ds"])
    series = TimeSeries.from_group_dataframe(frame, "unique_id", "ds", "y")
    scaler = Scaler()
    scaled = scaler.fit_transform(series)
    path = f"{folder}/model.pt"
    if command == "train":
        model = BlockRNNModel(
            168, int(horizon), model="LSTM", n_epochs=1, random_state=1,
            pl_trainer_kwargs=QUIET | {"max_steps": STEPS, "max_epochs": -1},
        )  # fmt: skip
        model.fit(scaled)
        model.save(path)
    else:
        model = BlockRNNModel.load(path, weights_only=False)
        made = scaler.inverse_transform(model.predict(int(horizon), series=scaled))
        rows = [
            (one.static_covariates["unique_id"].iloc[0], time, value)
            for one in made
            for time, value in zip(one.time_index, one.values()[:, 0], strict=True)
        ]
        pd.DataFrame(rows, columns=["unique_id", "ds", "forecast"]).to_csv(output[0], index=False)


if __name__ == "__main__":
    main()
