"""One run of tune at a time has a study file."""

import os
from pathlib import Path

import pytest

from lstmcli.errors import CannotCreate, Locked

pytest.importorskip("optuna")

from lstmcli.jobs.tune.journal import open_study


def test_a_study_that_another_run_has_is_refused_and_free_afterwards(tmp_path):
    path = tmp_path / "study.log"
    with open_study(path):
        said = rf"study\.log: another run of tune \(process {os.getpid()} since .*\) has this study"
        with pytest.raises(Locked, match=said), open_study(path):
            pass
    with open_study(path):
        pass
    assert os.listdir(tmp_path) == ["study.log"]


def test_a_study_is_a_regular_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (Path("/dev/null"), tmp_path / "pipe", tmp_path):
        with pytest.raises(CannotCreate, match="is no regular file"), open_study(path):
            pass


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"directions": [1]', '"directions": [{}]'),
        ('"op_code": 0', '"op_code": 99'),
        ('"study_name"', '"name"'),
    ],
)
def test_a_study_that_was_changed_is_refused(tmp_path, old, new):
    pytest.importorskip("optuna")
    from lstmcli.errors import DataError
    from lstmcli.jobs.tune.journal import open_study

    line = '{"op_code": 0, "worker_id": "a", "study_name": "lstmcli", "directions": [1]}\n'
    path = tmp_path / "study.jsonl"
    path.write_text(line)
    with open_study(path):
        pass
    path.write_text(line.replace(old, new))
    with pytest.raises(DataError, match="incomplete or was changed"), open_study(path):
        pass
