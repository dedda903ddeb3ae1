"""Frames per second of the live page in a Chromium without a window: `python bench/live.py CT`, in CSV.

Each row spins the C-arm for some seconds; frames count when the page has drawn them.
"""

import csv
import sys
import tempfile
import time
from pathlib import Path
from threading import Thread

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))

from devtools import Page, browsing

from radloupe.formats import read
from radloupe.serve.live import Server
from radloupe.serve.stage import stage

SECONDS = 5


def rate(page: Page, sharper: bool, seconds: float = SECONDS) -> tuple[float, str]:
    """Frames a second while the C-arm spins, and what the page says of the last frame."""
    page.evaluate(f"at('sharper').checked = {str(sharper).lower()}; changed()")
    page.until("!busy && !wanted")
    page.evaluate("spin(true)")
    time.sleep(1)
    begin = page.evaluate("[window.frames_drawn, performance.now()]")
    time.sleep(seconds)
    end = page.evaluate("[window.frames_drawn, performance.now()]")
    said = page.evaluate("at('cost').textContent")
    page.evaluate("spin(false)")
    return 1000 * (end[0] - begin[0]) / (end[1] - begin[1]), said


def main() -> None:
    """One row without and one with super-resolution."""
    server = Server(stage(read(sys.argv[1])))
    Thread(target=server.serve_forever, daemon=True).start()
    rows = csv.writer(sys.stdout)
    rows.writerow(["super-resolution", "frames per second", "the last frame"])
    with tempfile.TemporaryDirectory() as folder, browsing(server.address, folder) as page:
        page.until("window.frames_drawn > 0 && !busy")
        for sharper in (False, True):
            frames, said = rate(page, sharper)
            rows.writerow([sharper, f"{frames:.1f}", said])
        page.until("!busy && !wanted")  # no frame is in the making when the process ends
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    main()
