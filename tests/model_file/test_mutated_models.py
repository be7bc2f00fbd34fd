"""Small valid model files and settings, changed at random; see the scripts in `robustness`."""

import mutated_models
import mutated_yaml
import pytest

QUICK, MORE = 300, 5_000


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    return list(mutated_models.starts(tmp_path_factory.mktemp("models")))


def outcomes_of_models(models, seeds, path):
    found = []
    for seed in seeds:
        try:
            found.append(mutated_models.tried(models[seed % len(models)], seed, path))
        except BaseException as error:
            raise AssertionError(f"seed {seed}") from error
    return found


def outcomes_of_yaml(seeds, path):
    found = []
    for seed in seeds:
        try:
            found.append(mutated_yaml.tried(seed, path))
        except BaseException as error:
            raise AssertionError(f"seed {seed}: {mutated_yaml.mutated(seed)[:300]!r}") from error
    return found


def test_the_models_that_are_changed_forecast_as_they_are(models, tmp_path):
    path = tmp_path / "model.safetensors"
    for start in models:
        path.write_bytes(start.raw)
        assert mutated_models.outcome(path, start.data) == "accepted; forecast made"


def test_changed_models_are_refused_or_forecast(models, tmp_path):
    found = outcomes_of_models(models, range(QUICK), tmp_path / "model.safetensors")
    assert sum(how.startswith("accepted") for how in found) > QUICK // 20  # both happen
    assert sum(how == "refused [damaged-model]" for how in found) > QUICK // 2


@pytest.mark.slow
def test_many_changed_models_are_refused_or_forecast(models, tmp_path):
    outcomes_of_models(models, range(QUICK, QUICK + MORE), tmp_path / "model.safetensors")


@pytest.fixture
def no_variables(monkeypatch):
    import os

    for name in [name for name in os.environ if name.startswith("LSTMCLI_")]:
        monkeypatch.delenv(name)


@pytest.mark.usefixtures("no_variables")
def test_changed_settings_are_read_or_refused(tmp_path):
    found = outcomes_of_yaml(range(QUICK), tmp_path / "settings.yaml")
    assert found.count("accepted") > QUICK // 20
    assert found.count("refused") > QUICK // 4


@pytest.mark.slow
@pytest.mark.usefixtures("no_variables")
def test_much_changed_settings_are_read_or_refused(tmp_path):
    outcomes_of_yaml(range(QUICK, QUICK + MORE), tmp_path / "settings.yaml")
