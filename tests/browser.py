"""A browser without a window, driven over HTTP by the program that comes with Chromium: WebDriver, and the
commands of its developer tools."""

import base64
import json
import shutil
import subprocess
import time
import urllib.request

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRIVER = shutil.which("chromedriver")
needs_driver = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs Chromium and chromedriver")
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip

# What the driver says of a page that is being replaced by another one.
_REPLACED = ("Could not find node", "aborted by navigation", "Not attached to an active page")


class Browser:
    """One tab. Raises RuntimeError with what the driver says."""

    def __init__(self):
        self._driver = subprocess.Popen(
            [DRIVER, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        line = next(line for line in self._driver.stdout if "started successfully on port" in line)
        self._address = f"http://127.0.0.1:{line.split()[-1].rstrip('.')}"
        options = {
            "browserName": "chrome",
            "goog:chromeOptions": {"binary": CHROMIUM, "args": list(_FLAGS)},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        made = self._call("POST", "/session", {"capabilities": {"alwaysMatch": options}})
        self._session = f"/session/{made['sessionId']}"

    def _call(self, method, path, body=None):
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._address + path, content, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(error.read().decode()[:500]) from None

    def close(self):
        try:
            self._call("DELETE", self._session)
        finally:
            self._driver.terminate()
            self._driver.wait(20)
            self._driver.stdout.close()

    def _settled(self, ask):
        """What `ask` returns once no page is being replaced; without scripts the driver waits for none."""
        for _ in range(20):
            try:
                return ask()
            except RuntimeError as error:
                if not any(sign in str(error) for sign in _REPLACED):
                    raise
                time.sleep(0.2)
        return ask()

    def html(self):
        """The page as it stands, without a script. The number of its node may change while it is loaded."""

        def ask():
            found = self.tell("DOM.getDocument", depth=1)["root"]["nodeId"]
            return self.tell("DOM.getOuterHTML", nodeId=found)["outerHTML"]

        return self._settled(ask)

    def open(self, path, address=""):
        """Loads a file as if for the first time. address: what follows #."""
        self._call("POST", f"{self._session}/url", {"url": "about:blank"})
        self._call("POST", f"{self._session}/url", {"url": f"{path.as_uri()}{address}"})
        for _ in range(400):
            frame = self._settled(lambda: self.tell("Page.getFrameTree"))["frameTree"]["frame"]
            if frame["url"] == path.as_uri():
                return
            time.sleep(0.025)
        raise AssertionError(f"never opened: {path}")

    def run(self, script):
        """What a function with this body returns."""
        return self._call("POST", f"{self._session}/execute/sync", {"script": script, "args": []})

    def wait(self, condition):
        """Until an expression is true."""
        for _ in range(400):
            if self.run(f"return !!({condition})"):
                return
            time.sleep(0.025)
        raise AssertionError(f"never true: {condition}")

    def tell(self, command, **parameters):
        """A command of the developer tools."""
        body = {"cmd": command, "params": parameters}
        return self._call("POST", f"{self._session}/goog/cdp/execute", body)

    def look(self, width, scheme="light", medium="", scripts=True):
        """How pages are seen from now on. scheme: "light" or "dark"; medium: "print" or that of a screen."""
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=900, deviceScaleFactor=1, mobile=width < 500,
        )  # fmt: skip
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.tell("Emulation.setEmulatedMedia", media=medium, features=[feature])
        self.tell("Emulation.setScriptExecutionDisabled", value=not scripts)

    def press(self, key, shift=False):
        for kind in ("keyDown", "keyUp"):
            self.tell("Input.dispatchKeyEvent", type=kind, key=key, code=key, modifiers=8 if shift else 0)

    def drag(self, start, end):
        """With the mouse, between (x, y) in pixels of the window."""
        for kind, (x, y) in (("mousePressed", start), ("mouseMoved", end), ("mouseReleased", end)):
            self.tell("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1)

    def touch(self, x, y):
        self.tell("Emulation.setTouchEmulationEnabled", enabled=True)
        self.tell("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        self.tell("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def picture(self):
        """The window as PNG bytes."""
        return base64.b64decode(self._settled(lambda: self.tell("Page.captureScreenshot"))["data"])

    def complaints(self):
        """Errors and warnings of the page since the last call."""
        found = self._call("POST", f"{self._session}/se/log", {"type": "browser"})
        return [one["message"] for one in found]

    def requests(self):
        """Addresses asked for since the last call."""
        found = self._call("POST", f"{self._session}/se/log", {"type": "performance"})
        told = [json.loads(one["message"])["message"] for one in found]
        return [m["params"]["request"]["url"] for m in told if m["method"] == "Network.requestWillBeSent"]
