"""Tables in every form that is read, damaged at random: the quick part of `robustness/mutated_tables.py`."""

import mutated_json
import mutated_tables
import pytest


@pytest.mark.parametrize("form", range(len(mutated_tables.FORMS)))
def test_damaged_files_of_every_form_are_read_or_refused(tmp_path, form, monkeypatch):
    monkeypatch.setattr(mutated_tables, "SECONDS", 60)  # of a busy machine
    for seed in range(form, form + 3 * len(mutated_tables.FORMS), len(mutated_tables.FORMS)):
        assert mutated_tables.tried(seed, tmp_path).partition(":")[2].strip() in (
            "read",
            "refused",
            "rows",
            "no rows",
        )


def test_json_of_every_shape_is_read_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(mutated_json, "SECONDS", 60)
    seeds = [seed for seed in range(12) if mutated_json.FORMS[seed % 6] != "sparse"]
    found = {mutated_json.tried(seed, tmp_path).partition(": ")[2] for seed in seeds}
    assert found == {"read", "refused"}
