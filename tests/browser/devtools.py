"""Chromium without a window, driven over its debugging pipe: no more than the tests of pages need."""

import base64
import json
import os
import shutil
import subprocess
import time
from contextlib import contextmanager

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-extensions", "--no-first-run", "--remote-debugging-pipe")
PATIENCE_S = 30


class Page:
    """One tab."""

    def __init__(self, send, receive):
        self.send, self.receive, self.session, self.number, self.complaints = send, receive, None, 0, []

    def call(self, method, **parameters):
        """A command's result; what the page complained of on the way is kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters} | ({"sessionId": self.session} if self.session else {})
        self.send(message)
        while (answer := self.receive()).get("id") != self.number:
            if answer.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.complaints.append(answer["params"])
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def evaluate(self, expression):
        """The value of an expression, awaited."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"])
        return found["result"].get("value")

    def until(self, expression):
        """Wait for an expression to become true."""
        end = time.monotonic() + PATIENCE_S
        while not (value := self.evaluate(expression)):
            if time.monotonic() > end:
                raise TimeoutError(expression)
            time.sleep(0.05)
        return value

    def mouse(self, kind, x, y, **more):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1, **more)

    def drag(self, begin, end, steps=4):
        """Press, move in steps, release; points in the page's pixels."""
        self.mouse("mousePressed", *begin)
        for step in range(1, steps + 1):
            self.mouse("mouseMoved", *(b + (e - b) * step / steps for b, e in zip(begin, end, strict=True)))
        self.mouse("mouseReleased", *end)

    def key(self, name, modifiers=0):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, modifiers=modifiers)

    def screenshot(self):
        """The page as PNG bytes."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])


@contextmanager
def browsing(address, folder, width=1280, height=860):
    """A page that shows an address; the browser's own files go into `folder`."""
    ours, theirs = os.pipe(), os.pipe()

    def pipes():
        fds = [os.dup(ours[0]), os.dup(theirs[1])]
        os.dup2(fds[0], 3)
        os.dup2(fds[1], 4)

    command = [CHROMIUM, *FLAGS, f"--user-data-dir={folder}", f"--window-size={width},{height}", "about:blank"]
    quiet = subprocess.DEVNULL
    browser = subprocess.Popen(command, preexec_fn=pipes, close_fds=False, stdin=quiet, stdout=quiet, stderr=quiet)
    os.close(ours[0])
    os.close(theirs[1])
    with os.fdopen(ours[1], "wb") as to, os.fdopen(theirs[0], "rb") as back:
        try:
            yield opened(Page(lambda m: write(to, m), lambda: read(back)), address, width, height)
        finally:
            browser.kill()
            browser.wait()


def write(to, message):
    to.write(json.dumps(message).encode() + b"\0")
    to.flush()


def read(back):
    data = bytearray()
    while (byte := back.read1(1)) != b"\0":
        if not byte:
            raise EOFError("the browser ended")
        data += byte
    return json.loads(data)


def opened(page, address, width, height):
    """A page that was sent to an address."""
    target = page.call("Target.createTarget", url="about:blank")["targetId"]
    page.session = page.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log"):
        page.call(f"{domain}.enable")
    page.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
    page.call("Page.navigate", url=address)
    return page
