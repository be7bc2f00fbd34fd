"""What people type wrong: the exit code, and words of the message that say what to type instead."""

import shlex
import subprocess

import pytest
from warm_program import warm_program

MISTAKES = [
    ("trian data.csv", 2, "trian: no such command. Did you mean 'train'? (see: lstmcli --help)"),
    ("help trian", 2, "Did you mean 'train'?"),
    ("config sho", 2, "sho: no such command. Did you mean 'show'? (see: lstmcli config --help)"),
    ("train", 2, "DATA is missing (see: lstmcli train --help)"),
    ("train dat.csv", 66, "dat.csv: no such file or directory. Did you mean 'data.csv'?"),
    ("train --horizn 24 data.csv", 2, "--horizn: no such option. Did you mean '--horizon'?"),
    ("train --bogus data.csv", 2, "--bogus: no such option. (see: lstmcli train --help)"),
    ("train data.csv --horizon", 2, "--horizon needs a value (see: lstmcli train --help)"),
    ("train data.csv --horizon 0", 78, "--horizon must be auto or a whole number from 1 to 1,000,000"),
    ("train data.csv --horizon abc", 2, "--horizon must be a whole number (found abc)"),
    ("train data.csv --season week", 78, "--season must be auto or a whole number from 1 to 1,000,000"),
    ("train data.csv --cell gur", 78, "--cell must be lstm, gru or rnn (found 'gur')"),
    ("train data.csv --batch 64", 2, "--batch: a setting, not an option; use --set batch=64"),
    ("train data.csv --future=promo", 2, "--future: a setting, not an option; use --set future=promo"),
    ("train data.csv --series shop", 2, "use --set series=shop"),
    ("train data.csv --lr 0.01", 2, "use --set learning_rate=0.01"),
    ("train data.csv --epochs 9", 2, "use --set steps=9"),
    ("train data.csv --hidden-size 64", 2, "use --set hidden=64"),
    ("train data.csv --lookback 48", 2, "--lookback: no such option; use --context 48"),
    ("train data.csv --y sales", 2, "use --target sales"),
    ("train data.csv --freq 1h", 2, "use --step 1h"),
    ("train data.csv --set target", 78, "--set target: write it as key=value"),
    ("train data.csv --set targt=sales", 78, "unknown setting 'targt'. Did you mean 'target'?"),
    ("train data.csv --target sale", 65, "there is no column 'sale'. Did you mean 'sales'?"),
    ("train data.csv --time dat", 65, "there is no column 'dat'. Did you mean 'date'?"),
    ("train data.csv --device gpu", 78, "--device must be auto, cpu, cuda or mps (found 'gpu')"),
    ("train data.csv --device mps --dry-run", 78, "finds none on this machine; use auto or cpu"),
    ("train data.csv -m data.csv", 2, "this file is read too, and would be lost"),
    ("train data.csv -c nowhere.yaml", 66, "nowhere.yaml: no such file or directory"),
    ("train data.csv --max-time soon", 2, "write a duration as 90, 30s, 10m, 2h or 1d"),
    ("train https://example.org/data.csv", 66, "fetch it first: curl -L"),
    ("predict data.csv -m builtin --horizon 9999999999", 2, "at most 1,000,000 steps can be forecast"),
    ("predict data.csv -m builtin --level 99.9999999", 2, "--level 99.9999999: this model gives intervals"),
    ("predict data.csv --make-future 99999999999999999999", 2, "--make-future 99999999999999999999: at most"),
    ("backtest data.csv -m builtin --horizon 2 --folds 99999999999999999999", 2, "would fit: ask for fewer"),
    ("predict data.csv -m builtin --fail-on 'forecast > 1e999'", 2, "1e999 is too large a number"),
    ("predict", 66, "make a model with: lstmcli train DATA"),
    ("predict data.csv -m nowhere.safetensors", 66, "lstmcli train DATA -m nowhere.safetensors"),
    ("predict data.csv --level 0.8", 2, "--level 0.8: in percent; did you mean 80?"),
    ("predict data.csv --level 120", 2, "this model gives intervals above 0 and up to 95 percent"),
    ("predict data.csv --horizon 0", 2, "--horizon must be a whole number from 1 (found 0)"),
    ("predict data.csv --steps 5", 2, "of lstmcli train: --set steps=5"),
    ("predict data.csv --engine dusk", 2, "must be local or dask (found dusk). Did you mean 'dask'?"),
    ("predict data.csv -o forecast.pdf", 2, "write .csv, .tsv, .json"),
    ("predict data.csv --plot forecast.bmp", 2, "a picture ends in .png, .svg or .pdf, not .bmp"),
    ("predict data.csv --fail-on 'q95 > 3'", 2, "unknown name 'q95'. Did you mean 'q0.95'?"),
    ("predict data.csv --follow", 2, "lstmcli predict - --follow"),
    ("predict .", 66, "is a directory; its files are named so: './*.csv'"),
    ("watch data.csv --alarms often", 2, "as 1/week, 3/day, 1/1000 rows"),
    ("watch data.csv --since yesterday", 2, "is not a time such as 2024-12-31 18:00"),
    ("backtest data.csv --folds 0", 2, "--folds must be a whole number from 1 (found 0)"),
    ("tune data.csv --time 10m", 2, "how long to search: --max-time 10m"),
    ("verify model.safetensors", 2, "a model file is named by -m: -m model.safetensors"),
    ("export", 2, "OUTPUT is missing"),
    (f"predict {'d' * 300}", 66, "d: file name too long"),
    # A line feed in what was typed begins no line of ours.
    ("train data.csv --set 'a\nlstmcli: b'", 78, r"lstmcli: --set a\nlstmcli: b: write it as key=value"),
    ("train data.csv '--a\nlstmcli: b'", 2, r"lstmcli: --a\nlstmcli: b: no such option."),
    ("train data.csv --max-time 'a\nlstmcli: b'", 2, r"lstmcli: --max-time a\nlstmcli: b: write a duration"),
    ("predict 'a\nlstmcli: b'", 66, r"lstmcli: a\nlstmcli: b: no such file or directory"),
    ("train data.csv --set 'steps=a\nlstmcli: b'", 78, r"lstmcli: --set steps=a\nlstmcli: b: "),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("mistakes")
    rows = "".join(f"2024-01-{day:02d},{day % 7}\n" for day in range(1, 31))
    (made / "data.csv").write_text(f"date,sales\n{rows}")
    return made


@pytest.mark.parametrize(("typed", "code", "message"), MISTAKES)
def test_a_mistake_is_told_with_its_mend(folder, environment, typed, code, message):
    run = subprocess.run(
        [warm_program(), *shlex.split(typed)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert message in run.stderr
    assert "\nlstmcli: lstmcli:" not in run.stderr
    assert run.returncode == code
    assert run.stdout == ""
    assert sorted(path.name for path in folder.iterdir()) == ["data.csv"]
