"""Frames per second of the live page in a Chromium without a window: `python bench/live.py CT`, in CSV.

The C-arm spins for some seconds with each engine; frames count when the page has drawn them.
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
ENGINES = ("fast", "exact")


def rate(page: Page, seconds: float = SECONDS) -> tuple[float, str]:
    """Frames a second while the C-arm spins, and what the page says of the last frame."""
    page.evaluate("spin(true)")
    time.sleep(1)
    begin = page.evaluate("[window.frames_drawn, performance.now()]")
    time.sleep(seconds)
    end = page.evaluate("[window.frames_drawn, performance.now()]")
    said = page.evaluate("at('cost').textContent.replace('\\n', ' ')")
    page.evaluate("spin(false)")
    return 1000 * (end[0] - begin[0]) / (end[1] - begin[1]), said


def main() -> None:
    """One row for each engine."""
    ct, rows = read(sys.argv[1]), csv.writer(sys.stdout)
    rows.writerow(["engine", "frames per second", "the last frame"])
    for engine in ENGINES:
        server = Server(stage(ct, engine))
        Thread(target=server.serve_forever, daemon=True).start()
        with tempfile.TemporaryDirectory() as folder, browsing(server.address, folder) as page:
            page.until("window.frames_drawn > 0 && !busy")
            frames, said = rate(page)
            rows.writerow([engine, f"{frames:.1f}", said])
            page.until("!busy && !wanted")  # no frame is in the making when the process ends
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()
