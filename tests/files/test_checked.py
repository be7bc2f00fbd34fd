"""Nothing of the user's own is lost by the name of an output."""

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from builders import made_model
from safetensors.numpy import save

from lstmcli.errors import CannotCreate, UsageError, WriteFailed
from lstmcli.files.checked import Output, check_can_make_folder, check_outputs, page_output
from lstmcli.files.kinds import KIND_OF_FORM, NAMES_OF_KINDS, kind_of_bytes, kind_of_file
from lstmcli.files.locks import hold_lock
from lstmcli.files.output import write_folder
from lstmcli.files.posix import is_full
from lstmcli.learning.checkpoint.file import pack_checkpoint
from lstmcli.model_file import write_model

PAGE = b"<!DOCTYPE html>\n<html>"
PICTURE = b"\x89PNG\r\n\x1a\n\0\0"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.csv").write_text("time,y\n")
    (tmp_path / "link.csv").symlink_to("data.csv")
    os.link("data.csv", "hard.csv")
    return tmp_path


def refused(*outputs, inputs=()):
    with pytest.raises(UsageError) as error:
        check_outputs(outputs, inputs)
    return str(error.value)


@pytest.mark.parametrize(
    "inputs", [["data.csv"], ["./data.csv"], ["other.csv", "d*.csv"], ["link.csv"], ["hard.csv"]]
)
def test_what_is_read_is_not_written_over(folder, inputs):
    said = "this file is read too, and would be lost; name another"
    assert refused(Output("-o", "data.csv", "csv"), inputs=inputs) == f"-o data.csv: {said}"
    assert refused(Output("--html", "link.csv"), inputs=inputs) == f"--html link.csv: {said}"
    check_outputs([Output("-o", "new.csv", "csv"), Output("--html", "-", "html")], [*inputs, "-"])


@pytest.mark.parametrize("second", ["a.csv", "./a.csv", "link.csv", "hard.csv", "data.csv"])
def test_two_outputs_have_two_places(folder, second):
    first = "a.csv" if "a.csv" in second and second != "data.csv" else "data.csv"
    told = refused(Output("-o", first, "csv"), Output("--html", second))
    assert told == f"--html {second}: -o names this file already; name another"


def test_standard_output_takes_one_and_a_device_takes_all(folder):
    assert "--html and -o both go to standard output" in refused(
        Output("-o", "-"), Output("--html", "/dev/stdout")
    )
    check_outputs(
        [
            Output(flag, "/dev/null", form)
            for flag, form in (("-o", "csv"), ("--plot", "png"), ("-m", "model"))
        ]
    )
    check_outputs([Output("-o", None), Output("--html", None)])


def files_of_all_kinds():
    """The first bytes of a file of each kind, by the form that is written in its place."""
    with open("m", "rb") as file:
        model = file.read()
    return {
        "csv": b"time;y\n2024-01-01;1,5\n",
        "html": PAGE,
        "png": PICTURE,
        "svg": b'<?xml version="1.0"?>\n<svg>',
        "pdf": b"%PDF-1.4\n",
        "parquet": b"PAR1\x15",
        "xlsx": b"PK\x03\x04\x14\0",
        "onnx": b"\x08\x09\x12\x07lstmcli",
        "model": model,
        "checkpoint": pack_checkpoint({}, {}),
        "state": save({"a": np.zeros(1)}, {"lstmcli-watch": "{}"}),
    }


def test_a_file_of_another_kind_is_not_replaced(folder):
    write_model(folder / "m", made_model())
    kinds = files_of_all_kinds()
    for there, content in kinds.items():
        (folder / "f").write_bytes(content)
        assert kind_of_file("f") == KIND_OF_FORM[there]
        check_outputs([Output("-o", "f", there), Output("-p", "f.new", there)])
        for form in kinds.keys() - {there}:
            told = refused(Output("-o", "f", form))
            assert (
                f"is {NAMES_OF_KINDS[KIND_OF_FORM[there]]}, not {NAMES_OF_KINDS[KIND_OF_FORM[form]]}" in told
            )
    assert refused(Output("-m", "data.csv", "model")) == (
        "-m data.csv: this file is a text or a table, not a model file of lstmcli, and would be lost; "
        "name another, or remove it"
    )


@pytest.mark.parametrize(
    "text", ["é;1\n".encode("latin-1"), "a,b\n".encode("utf-16"), b"\xef\xbb\xbfa,b", b"# yaml\n", b"{}"]
)
def test_texts_of_every_encoding_are_texts(text):
    assert kind_of_bytes(text) == "text"


def test_a_file_that_is_empty_or_of_the_same_kind_is_replaced(folder):
    (folder / "empty").touch()
    (folder / "other").write_bytes(save({"a": np.zeros(1)}))
    assert kind_of_file("other") == "tensors"
    assert kind_of_bytes(b"\x1f\x8b\x08\0") == "binary"
    for form in KIND_OF_FORM:
        check_outputs([Output("-o", "empty", form)])
    check_outputs([Output("-o", "data.csv", "json")])


def test_a_page_does_not_end_as_another_form(folder):
    for name in ("x.csv", "x.svg", "x.YAML", "x.safetensors"):
        with pytest.raises(UsageError, match="a page ends in"):
            page_output(name)
    for name in ("x.html", "x.htm", "x", "x.1", "-", None):
        assert page_output(name).path == name


def test_files_of_a_folder_are_checked_before_the_first_is_written(folder):
    texts = {"new.csv": "1", "data.csv": "2"}
    with pytest.raises(UsageError, match=r"--out data\.csv: this file is read too"):
        write_folder(folder.relative_to(folder), texts, inputs=["data.csv"])
    with pytest.raises(UsageError, match=r"--out data\.csv: -o names this file already"):
        write_folder(folder.relative_to(folder), texts, [Output("-o", "data.csv")])
    with pytest.raises(UsageError, match="is a text or a table, not a PNG picture"):
        (folder / "a.png").write_text("x")
        write_folder(folder, {"new.csv": "1", "a.png": PICTURE})
    assert not (folder / "new.csv").exists()


def test_a_folder_that_is_missing_is_named(folder):
    with pytest.raises(CannotCreate, match="there is no folder none"):
        check_outputs([Output("-o", "none/new.csv")])


def test_a_path_that_cannot_be_is_told_before_the_work(folder):
    (folder / "circle.csv").symlink_to("circle.csv")
    (folder / "astray.csv").symlink_to("none/new.csv")
    for name, said in {
        "circle.csv": "too many levels of symbolic links",
        "x" * 300: "file name too long",
        "a\0b": "a NUL byte in its name",
        "astray.csv": "there is no folder .*none",
    }.items():
        with pytest.raises(CannotCreate, match=f"cannot be written: .*{said}"):
            check_outputs([Output("--html", name)])
    with hold_lock(folder / "circle.csv", 0, "{holder}"):
        assert (folder / ".circle.csv.lock").exists()
    with pytest.raises(CannotCreate, match="is no folder; name another"):
        write_folder(folder / "data.csv", {"a.csv": "1"})
    with pytest.raises(UsageError, match="--html '': name a file"):
        check_outputs([Output("--html", "")])


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_device_that_takes_nothing_is_told_before_the_work(folder, monkeypatch):
    for name in ("/dev/full", "full.csv"):
        if name == "full.csv":
            os.symlink("/dev/full", name)
        with pytest.raises(WriteFailed, match=f"{name}: no space left on device; nothing was replaced"):
            check_outputs([Output("-m", name, "model")])
    with open("/dev/full", "w") as full:
        monkeypatch.setattr("sys.stdout", full)
        with pytest.raises(WriteFailed, match="standard output: no space left on device"):
            check_outputs([Output("--html", "-")])
    os.mkfifo("pipe.csv")  # opened to be looked at, its reader would meet the end
    check_outputs([Output("-o", "pipe.csv")])


def counted(blocks, free, usable, files=9, files_free=9, files_usable=9):
    made = {"f_blocks": blocks, "f_bfree": free, "f_bavail": usable}
    return SimpleNamespace(**made, f_files=files, f_ffree=files_free, f_favail=files_usable)


@pytest.mark.parametrize(
    ("found", "full_for_root", "full_for_others"),
    [
        (counted(100, 5, 0), False, True),
        (counted(100, 0, 0), True, True),
        (counted(100, 1, 1, 50, 0, 0), True, True),
        (counted(100, 1, 1, 0, 0, 0), False, False),
        (counted(0, 0, 0, 0, 0, 0), False, False),
    ],
    ids=["kept for root", "no blocks", "no files", "files are not counted", "of the kernel"],
)
def test_a_full_file_system_is_told_before_the_work(
    folder, monkeypatch, found, full_for_root, full_for_others
):
    monkeypatch.setattr(os, "statvfs", lambda path: found)
    for user, full in ((0, full_for_root), (1000, full_for_others)):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        assert is_full(folder) == full
        if full:
            with pytest.raises(WriteFailed, match=r"new\.csv: no space left on device; nothing was replaced"):
                check_outputs([Output("-o", "new.csv")])
            with pytest.raises(WriteFailed, match="new/one: no space left on device"):
                check_can_make_folder(Path("new/one"))
        else:
            check_outputs([Output("-o", "new.csv")])


def test_a_folder_that_cannot_be_made_is_told_before_the_work(folder, monkeypatch):
    check_can_make_folder(Path("new/one"))
    check_can_make_folder(Path("."))
    assert not Path("new").exists()
    with pytest.raises(CannotCreate, match=r"^data\.csv: cannot be written: is no folder; name another"):
        check_can_make_folder(Path("data.csv"))
    with pytest.raises(CannotCreate, match=r"cannot be written: .*data\.csv is no folder"):
        check_can_make_folder(Path("data.csv/a/b"))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(CannotCreate, match="no permission"):
        check_can_make_folder(Path("new/one"))


def test_a_file_that_is_written_on_must_be_one_that_can_be(folder, monkeypatch):
    check_outputs([Output("--study", "data.csv", goes_on=True), Output("--study", "new.log", goes_on=True)])
    granted = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: str(path) != "data.csv" and granted(path, mode))
    check_outputs([Output("-o", "data.csv")])  # it is replaced
    with pytest.raises(CannotCreate, match=r"^data\.csv: cannot be written: no permission"):
        check_outputs([Output("--study", "data.csv", goes_on=True)])
