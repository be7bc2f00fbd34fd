"""The recipes of docs/operations.md, each run for real where its tool is installed."""

import configparser
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from documents import ROOT, run_in, run_warm_in

from lstmcli.model_file import read_model, write_model

TEXT = (ROOT / "docs" / "operations.md").read_text()
SMALL = {"LSTMCLI_STEPS": "20", "LSTMCLI_HIDDEN": "8", "LSTMCLI_PROCESSES": "1"}


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def needs(*tools):
    for tool in tools:
        if not shutil.which(tool):
            pytest.skip(f"{tool} is not installed")


def hours(count, until):
    return [
        f"{until - timedelta(hours=count - n):%Y-%m-%d %H:%M},{100 + 10 * (n % 24 // 6) + n % 7}\n"
        for n in range(count)
    ]


@pytest.fixture
def home(tmp_path, monkeypatch, trained):
    """A home folder whose folder `forecasts` holds data that ends an hour ago, and a model of such data."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in SMALL.items():
        monkeypatch.setenv(name, value)
    folder = tmp_path / "forecasts"
    (folder / "sensors").mkdir(parents=True)
    now = datetime.now().replace(minute=0)
    for name in ("data", "sensor", "sensors/roof", "sensors/cellar"):
        (folder / f"{name}.csv").write_text("".join(["time,y\n", *hours(200, now)]))
    made = read_model(trained.model)
    of_here = replace(made.contract, data=("data.csv",))
    write_model(folder / "model.safetensors", replace(made, contract=of_here))
    assert run_in(folder, "lstmcli --version").returncode == 0  # which puts it into folder/bin
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "bin").symlink_to(folder / "bin")
    return tmp_path


def test_cron_prints_only_what_went_wrong(home):
    train, predict, *_ = cron_jobs()
    folder = home / "forecasts"
    (folder / "model.safetensors").unlink()
    for command in (train, predict):
        done = run_warm_in(folder, command)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (folder / "forecast.csv").read_text().startswith("time,forecast,")
    assert "wrote" in (folder / "train.log").read_text()
    (folder / "forecast.csv").unlink()
    (folder / "data.csv").write_text("".join(["time,y\n", *hours(200, datetime(2024, 1, 9))]))
    done = run_warm_in(folder, predict)
    assert done.stdout.startswith("predict: code 3\n")
    assert "days old; limit 2h." in done.stdout
    assert not (folder / "forecast.csv").exists()
    (folder / "data.csv").unlink()
    assert run_warm_in(folder, train).stdout.startswith("train: code 66\n")


def cron_jobs():
    lines = "".join(blocks("crontab")).splitlines()
    jobs = [
        re.fullmatch(r"((?:[\d*/,-]+ ){5})(.+)", line) for line in lines if not re.match(r"[A-Z]+=", line)
    ]
    assert all(job and "%" not in job[2] for job in jobs)  # cron takes % for an end of line
    return [job[2] for job in jobs]


def test_cron_looks_where_pipx_installs():
    (path,) = re.findall(r"^PATH=(.*)", "".join(blocks("crontab")), re.MULTILINE)
    assert path.split(":")[0].endswith("/.local/bin") and "$" not in path


def test_cron_mails_where_the_forecast_crosses(home):
    *_, alarm, _ = cron_jobs()
    folder = home / "forecasts"
    done = run_warm_in(folder, alarm.replace("1.2 * last", "2 * last"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = run_warm_in(folder, alarm.replace("1.2 * last", "0.1 * last"))
    assert (done.returncode, done.stdout) == (3, "")
    assert re.search(r"lstmcli: y: q0\.9 above \S+ from .* on, more than \S+ % at that step, ", done.stderr)
    assert (folder / "forecast.csv").read_text().count("\n") == 25


def test_cron_mails_alarms_alone(home):
    *_, job = cron_jobs()
    folder = home / "forecasts"
    done = run_warm_in(folder, job)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with (folder / "data.csv").open("a") as file:
        file.write(f"{datetime.now().replace(minute=0):%Y-%m-%d %H:%M},900\n")
    done = run_warm_in(folder, job)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r",900\.0,.*,point,begins\n", done.stdout)
    assert run_warm_in(folder, job).stdout == ""


def units():
    """The unit files by name; the first line of each is a comment with it."""
    return {re.match(r"# ([\w.]+)", text)[1]: text for text in blocks("ini")}


def unit(name):
    parsed = configparser.ConfigParser(interpolation=None, strict=False)
    parsed.optionxform = str
    parsed.read_string(units()[name])
    return parsed


def test_the_unit_files_are_those_that_the_text_enables():
    assert {*units()} == {"forecast.service", "forecast.timer", "watch.service", "sensor.service"}
    assert unit("forecast.timer")["Timer"]["OnCalendar"] == "*-*-* *:10:00"
    assert unit("forecast.service")["Service"]["Type"] == "oneshot"
    assert "systemctl --user enable --now forecast.timer sensor.service" in TEXT


def test_systemd_takes_the_unit_files(home):
    needs("systemd-analyze")
    folder = home / "units"
    folder.mkdir()
    for name, text in units().items():
        (folder / name).write_text(text.replace("%h", str(home)))
    command = f"systemd-analyze verify {' '.join(str(folder / name) for name in units())}"
    done = run_in(home, command)
    said = [
        line for line in done.stderr.splitlines() if str(folder) in line or any(n in line for n in units())
    ]
    assert said == []


def test_the_hourly_service_forecasts(home):
    service = unit("forecast.service")["Service"]
    folder = service["WorkingDirectory"].replace("%h", str(home))
    command = shlex.split(service["ExecStart"].replace("%h", str(home)))
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (home / "forecasts" / "forecast.csv").read_text().count("\n") == 25


def test_the_service_that_watches_fails_where_an_alarm_begins(home):
    service = unit("watch.service")["Service"]
    folder = home / "forecasts"
    command = shlex.split(service["ExecStart"].replace("%h", str(home)))
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with (folder / "data.csv").open("a") as file:
        file.write(f"{datetime.now().replace(minute=0):%Y-%m-%d %H:%M},900\n")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 3 and "900 at" in done.stderr
    assert json.loads(done.stdout)["alarm"] == "begins"
    assert unit("watch.service")["Unit"]["OnFailure"] == "alarm@%n.service"


def test_the_service_that_follows_answers_new_rows(home):
    service = unit("sensor.service")["Service"]
    folder = home / "forecasts"
    command = shlex.split(service["ExecStart"].replace("%h", str(home)))
    process = subprocess.Popen(command, cwd=folder, start_new_session=True, stderr=subprocess.PIPE)
    try:
        now = datetime.now().replace(minute=0)
        for number in range(2):  # the first comes before it is ready
            when = f"{now + timedelta(hours=number):%Y-%m-%d %H:%M}"
            with (folder / "sensor.csv").open("a") as file:
                file.write(f"{when},105\n")
            wait_for(folder / "live.csv", f"\n{when},")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        process.stderr.close()


def wait_for(path, text):
    deadline = time.monotonic() + 100
    while not path.exists() or text not in path.read_text():
        assert time.monotonic() < deadline, f"no {text!r} came"
        time.sleep(0.1)


def test_make_makes_what_is_older_than_the_data(home):
    needs("make")
    folder = home / "forecasts"
    (rules,) = blocks("make")
    (folder / "Makefile").write_text(rules)
    for step in (
        (folder / "model.safetensors").unlink,
        lambda: os.utime(folder / "data.csv", (time.time() + 2,) * 2),
    ):
        step()
        done = run_warm_in(folder, "make forecast.csv")
        assert done.returncode == 0, done.stderr
        assert "lstmcli train data.csv" in done.stdout
        assert (folder / "forecast.csv").stat().st_size > 0
        for number, name in enumerate(("data.csv", "model.safetensors", "forecast.csv")):
            os.utime(folder / name, (time.time() - 100 + number,) * 2)
        assert "up to date" in run_warm_in(folder, "make forecast.csv").stdout


def recipes():
    return re.findall(r"<!-- recipe ([a-z ]+) -->\n```sh\n(.*?)```", TEXT, re.DOTALL)


@pytest.fixture
def webhook(monkeypatch):
    """The bodies of all requests that came."""
    bodies = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("WEBHOOK", f"http://127.0.0.1:{server.server_port}/")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        yield bodies
        server.shutdown()
        thread.join()


def test_a_webhook_gets_each_alarm(home, webhook):
    needs("curl")
    (command,) = [text for tools, text in recipes() if tools == "curl"]
    folder = home / "forecasts"
    assert run_warm_in(folder, command).returncode == 0
    webhook.clear()
    with (folder / "data.csv").open("a") as file:
        file.write(f"{datetime.now().replace(minute=0):%Y-%m-%d %H:%M},900\n")
    assert run_warm_in(folder, command).returncode == 0
    (alarm,) = map(json.loads, webhook)
    assert (alarm["value"], alarm["kind"], alarm["alarm"]) == (900, "point", "begins")


PIPED = [(tools, command) for tools, command in recipes() if tools != "curl"]


@pytest.mark.parametrize(("tools", "command"), PIPED, ids=lambda text: text.split("\n")[0][:20])
def test_pipelines_run(home, tools, command):
    needs(*{tools.split()[0]} - {"prom", "nagios"})
    done = run_warm_in(home / "forecasts", command)
    assert done.returncode == 0, done.stderr
    if tools == "jq log":
        assert float(done.stdout) < 1
    if tools == "sh":
        assert re.match(r"alarm: lstmcli: y: above 110 (first at|from) ", done.stdout)
    if tools == "jq":
        assert all(len(json.loads(line)) == 2 for line in done.stdout.splitlines())
    if tools == "mlr":
        assert "forecast_mean" in done.stdout
    if tools == "prom":
        assert 'lstmcli_alarm{series="y",kind=""} ' in (home / "forecasts" / "lstmcli.prom").read_text()
    if tools == "nagios":
        assert done.stdout.startswith("lstmcli OK - no alarm; ")
    if tools == "xargs":
        assert {path.name for path in (home / "forecasts" / "forecasts").iterdir()} == {
            "roof.csv",
            "cellar.csv",
        }
        (home / "forecasts" / "sensors" / "broken.csv").write_text("time,y\n")
        assert run_warm_in(home / "forecasts", command).returncode == 123


def test_the_pipelines_are_those_of_the_text():
    assert [tools for tools, _ in recipes()] == [
        *("jq log", "sh", "curl", "prom", "nagios", "jq", "mlr", "xargs")
    ]
