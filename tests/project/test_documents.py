"""What the documents promise: every command runs, every table is true, every link leads somewhere."""

import ast
import re
import shlex
import shutil
import tomllib

import make_reference
import pytest
from documents import (
    NAMED,
    ROOT,
    all_blocks,
    anchors,
    blocks,
    documents,
    links,
    name_of,
    named,
    run_in,
    run_warm_in,
)

from lstmcli import errors
from lstmcli.model_file.model import PARTS
from lstmcli.network.cells import EQUATIONS
from lstmcli.settings.load import load_settings
from lstmcli.settings.model import Settings

QUICK = {"LSTMCLI_MEMBERS": "1", "LSTMCLI_REFIT": "false", "LSTMCLI_STEPS": "20"}
ALONE = QUICK | {"LSTMCLI_MIX": "network"}  # the kept model is mixed
README_LINES = 150


@pytest.fixture(scope="module")
def shared_folder(tmp_path_factory):
    """A folder with the sample data and a model of the sample temperatures."""
    folder = tmp_path_factory.mktemp("documents")
    shutil.copytree(ROOT / "sample_data", folder / "sample_data")
    done = run_warm_in(folder, "lstmcli train sample_data/temperature.csv -m kept.safetensors", **QUICK)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def folder(shared_folder):
    shutil.copy(shared_folder / "kept.safetensors", shared_folder / "model.safetensors")
    return shared_folder


def param(block):
    return pytest.param(block, id=str(block), marks=[pytest.mark.slow] if block.slow else [])


PLAIN = [param(block) for block in all_blocks("sh") if block.marker == ""]
BY_HAND = [param(block) for block in all_blocks("sh") if block.marker.startswith("by hand: ")]
PYTHON = [param(block) for block in all_blocks("python") if block.marker == ""]
SESSIONS = [param(block) for block in all_blocks("console") if block.marker == "session"]


def test_every_block_is_of_a_known_kind():
    known = {"", "session", "check", *NAMED}
    for block in all_blocks("sh", "console", "python"):
        assert block.marker in known or block.marker.startswith("by hand: "), str(block)
    languages = {block.language for path in documents() for block in blocks(path)}
    assert languages <= {"sh", "console", "python", "text", "crontab", "ini", "make"}


@pytest.mark.parametrize("block", PLAIN)
def test_every_command_runs(folder, block):
    done = run_warm_in(folder, block.text, **ALONE)
    assert done.returncode == 0, done.stderr
    assert "failed with" not in done.stdout


@pytest.mark.parametrize("block", PYTHON)
def test_every_python_block_runs(folder, block):
    (folder / "block.py").write_text(block.text)
    done = run_in(folder, "python block.py")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", BY_HAND)
def test_commands_that_a_test_cannot_run_are_spelt_right(block):
    lines = block.text.replace("\\\n", " ").splitlines()
    assert lines
    for line in lines:
        if line.startswith("docker "):
            continue
        used = options_in(line)
        script = re.search(r"python (tests/benchmarks/\w+\.py)", line)
        module = re.search(r"python -m (lstmcli\.[\w.]+)", line)
        if script:
            known = options_declared(ROOT / script[1])
        elif module:
            known = options_declared(ROOT / module[1].replace(".", "/") / "__main__.py")
        else:
            known = options_of_program() | TORCHRUN | {"--check"}
            assert re.search(r"lstmcli (train|predict|inspect-gates) |ruff ", line), line
        assert used <= known, line


TORCHRUN = {"--nnodes", "--nproc-per-node", "--max-restarts", "--rdzv-backend", "--rdzv-endpoint"}
SYSTEMCTL = {"--user", "--now"}


def options_in(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", text))


def options_declared(script):
    """Names in the calls of `add_argument`, which most scripts call `add`."""
    calls = [node for node in ast.walk(ast.parse(script.read_text())) if isinstance(node, ast.Call)]
    added = [call for call in calls if ast.unparse(call.func) in ("add", "parser.add_argument")]
    return {word.value for call in added for word in call.args if isinstance(word, ast.Constant)}


def options_of_program():
    """Every option of every command."""
    commands = dict(make_reference.leaves(make_reference.program()))
    return {word for command in commands.values() for p in command.params for word in p.opts} | {
        "--help",
        "--version",
    }


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_options_that_the_text_names_exist(path):
    prose = re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert options_in(prose) <= options_of_program() | TORCHRUN | SYSTEMCTL


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_extras_that_the_text_names_exist(path):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for found in re.findall(r'"(?:lstmcli|\.)\[([a-z,]+)\]"', path.read_text()):
        assert set(found.split(",")) <= project["optional-dependencies"].keys()


@pytest.mark.parametrize("block", SESSIONS)
def test_sessions_show_the_words_of_the_program(folder, block):
    if "Auto" in block.text:
        pytest.importorskip("statsforecast")
    (folder / "model.safetensors").unlink()
    shutil.copy(folder / "kept.safetensors", folder / "model.safetensors")
    for part in block.text.split("$ ")[1:]:
        command, _, shown = part.partition("\n")
        done = run_warm_in(folder, command, LSTMCLI_STEPS="43")
        assert done.returncode == 0, done.stderr
        printed = {words(line) for line in (done.stdout + done.stderr).splitlines()}
        assert {words(line) for line in compared(shown)} <= printed


SKIPPED = ("training", "refit", "trained", "verdict")
EXCERPTS = [param(block) for block in all_blocks("text") if block.marker.startswith("excerpt of ")]


@pytest.mark.parametrize("block", EXCERPTS)
def test_an_excerpt_has_the_lines_of_its_document(block):
    source = (ROOT / block.marker.removeprefix("excerpt of ")).read_text()
    assert block.text in source


# What is said of the figures of a run depends on them.
CONCLUSIONS = re.compile(
    r" +(The whole context|With the last|With a gate|all \d|network remembers|candidate g )"
)


def compared(shown):
    """Lines that are the same however long training takes and whatever is found."""
    for line in shown.partition("\nfindings")[0].splitlines():
        if CONCLUSIONS.match(line):
            continue
        if line.strip() not in ("", "...") and not line.startswith(
            ("training", "refit", "trained", "verdict")
        ):
            yield line
        if line.startswith("verdict"):
            return


def words(line):
    """A line without the time before it, numbers, units of time and bars."""
    line = re.sub(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", "", line)
    line = re.sub(r"\b(second|minute|hour|day|week)s?\b", "time", line)
    line = re.sub(r"[▁▂▃▄▅▆▇█]+", "", line)
    return " ".join(re.sub(r"[-+<]?\d[\d.,:e+-]*%?", "#", line).split())


def test_the_report_of_check_is_the_one_shown(folder):
    for part in named("docs/commands/check.md", "check").split("$ ")[1:]:
        command, _, said = part.partition("\n")
        done = run_warm_in(folder, f"{command} || true")
        # Time and memory depend on the number of cores.
        shown = {
            line for line in said.strip().splitlines() if "training" not in line and "estimates" not in line
        }
        assert shown <= set(done.stdout.splitlines())


def test_an_exported_model_runs_as_the_snippet_shows(folder):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    command, snippet = (named("docs/commands/export.md", marker) for marker in ("onnx", "onnx code"))
    (folder / "snippet.py").write_text(snippet)
    done = run_warm_in(folder, f"{command}python snippet.py\nlstmcli predict -q")
    assert done.returncode == 0, done.stderr
    printed, forecasts = done.stdout.split("time,forecast,")
    levels, made = (
        [float(n) for n in text.split()]
        for text in re.findall(r"\[(.*?)\]", printed.replace(",", ""), re.DOTALL)
    )
    header, first = forecasts.splitlines()[:2]
    assert [f"q{level:g}" for level in levels] == header.split(",")
    assert made == pytest.approx([float(n) for n in first.split(",")[2:]], rel=1e-5)


# README


def test_the_main_job_runs_and_draws_its_pictures(folder):
    job = named("README.md", "main job").replace(".venv/bin/", "").split(" && ", 2)[2]
    done = run_warm_in(folder, job, **QUICK)
    assert done.returncode == 0, done.stderr
    for picture in ("forecast.png", "gates.png"):
        assert (folder / picture).read_bytes().startswith(b"\x89PNG")


def test_the_script_of_the_maintainer_finds_the_test_command(tmp_path):
    script = (ROOT / ".ci" / "run").read_text()
    (line,) = [line for line in script.splitlines() if line.startswith("command=")]
    done = run_in(tmp_path, f'cd {shlex.quote(str(ROOT))}\n{line}\nprintf %s "$command"')
    assert done.stdout == named("README.md", "test").strip()
    assert done.stdout.endswith(".venv/bin/python -m pytest -q")


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text().splitlines()) <= README_LINES


# Tables


def test_the_reference_is_what_the_program_writes():
    assert make_reference.FILE.read_text() == make_reference.reference(), "python tests/make_reference.py"


def test_the_tables_of_exit_codes_are_those_of_the_program():
    tree = {e.exit_code for e in vars(errors).values() if isinstance(e, type) and issubclass(e, Exception)}
    assert set(make_reference.EXIT_CODES) == tree | {0}
    operations = (ROOT / "docs" / "operations.md").read_text()
    rows = {int(code): told for code, told in re.findall(r"^\| (\d+) \| (.*) \|$", operations, re.MULTILINE)}
    assert rows == make_reference.EXIT_CODES


def test_the_parts_of_a_model_file_are_those_described():
    text = (ROOT / "docs" / "model-file.md").read_text()
    table = text.partition("The document has these parts:")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == PARTS


def test_the_equations_are_those_of_the_cells():
    (shown,) = [path for path in documents() if path.name == "how-it-works.md"]
    texts = [block.text.rstrip("\n") for block in blocks(shown) if block.language == "text"]
    found = [text for text in texts if text.startswith(("f = ", "r = ", "h = ", "z = "))]
    assert found == [EQUATIONS[cell] for cell in ("lstm", "gru", "rnn")]


def test_every_setting_has_a_description():
    for name, field in Settings.model_fields.items():
        assert field.description, name


@pytest.mark.parametrize("path", sorted((ROOT / "sample_data").glob("*.yaml")), ids=lambda p: p.name)
def test_shipped_settings_train_as_their_comment_says(folder, path):
    (command,) = re.findall(r"# Run with: (.*)", path.read_text())
    done = run_warm_in(folder, f"{command} -m {path.stem}.safetensors --set steps=20", **QUICK)
    assert done.returncode == 0, done.stderr
    chosen = load_settings(path, {}).model_dump(exclude_unset=True)
    assert f"{chosen['cell'].upper()}, " in done.stderr
    assert f"forecasts {chosen['horizon']}" in done.stderr


@pytest.mark.parametrize("path", [*documents(), ROOT / "sample_data" / "README.md"], ids=name_of)
def test_links_and_pictures_are_there(path):
    for target in links(path):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        other = (path.parent / file).resolve() if file else path
        assert other.exists(), target
        assert not anchor or anchor in anchors(other), target


@pytest.mark.parametrize("path", [ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"], ids=name_of)
def test_what_the_text_names_is_in_the_code(path):
    package, spans = ROOT / "lstmcli", re.findall(r"`([\w./]+)`", path.read_text())
    rooms = {folder.name for folder in package.iterdir() if folder.is_dir()}
    for span in spans:
        if "/" in span and "NAME" not in span:
            assert any(is_there(root / span) for root in (ROOT, package)), span
        elif span.partition(".")[0] in rooms and "." in span:
            assert is_defined(package, span.split(".")), span


def is_there(path):
    return path.is_file() or any(file.suffix in (".py", ".md") for file in path.rglob("*"))


def is_defined(folder, parts):
    """Whether a dotted name is a module, or something that its text defines."""
    while (folder / parts[0]).is_dir():
        folder, parts = folder / parts[0], parts[1:]
    module, names = folder / f"{parts[0]}.py", parts[1:]
    body = ast.parse(module.read_text()).body
    for name in names:
        found = [node for node in body if name in names_of(node)]
        if not found:
            return False
        body = getattr(found[0], "body", [])
    return True


def names_of(node):
    """What a statement binds."""
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    if isinstance(node, ast.AnnAssign):
        return {ast.unparse(node.target)}
    return {getattr(node, "name", "")}


def rooms_of_the_import_test():
    body = ast.parse((ROOT / "tests" / "project" / "test_imports.py").read_text()).body
    (rooms,) = [node.value for node in body if "ROOMS" in names_of(node)]
    return ast.literal_eval(rooms)


def test_the_rooms_of_the_architecture_are_those_of_the_import_test():
    text = (ROOT / "ARCHITECTURE.md").read_text().partition("## The import rule")[0]
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == rooms_of_the_import_test()


def test_every_command_has_a_page():
    pages = {path.stem for path in (ROOT / "docs" / "commands").glob("*.md")}
    assert pages == set(make_reference.program().commands) - {"help"}
