"""Pages and tables: what people named is text and never markup, and every image lies inside the file."""

import re
import sys
from dataclasses import replace

import numpy as np
import pytest

from radloupe.cli.console import print_table
from radloupe.reports.compare import Panel, Section, page, shell
from radloupe.reports.parts import Cell, Dots, ImageRow, dots, images, table

HOSTILE = "<script>alert(1)</script>"
GREY = np.arange(64, dtype=np.uint8).reshape(8, 8)


def test_every_text_of_a_page_is_escaped():
    panel = Panel(HOSTILE, GREY)
    sections = [
        table(HOSTILE, [HOSTILE], [[Cell(HOSTILE, [HOSTILE])]]),
        dots(HOSTILE, [Dots(HOSTILE, [1.0, 2.0], 1.5, None)]),
        images(HOSTILE, HOSTILE, [ImageRow(HOSTILE, [panel, None])]),
    ]
    whole = shell(HOSTILE, HOSTILE, sections, 2, HOSTILE)
    compared = page(HOSTILE, HOSTILE, [Section(HOSTILE, HOSTILE, [panel, panel], (slice(0, 4), slice(0, 4)))], HOSTILE)
    assert "<script" not in whole + compared
    assert whole.count("&lt;script&gt;") == 4 + 4 + 2 + 5  # shell's title is twice on its page, an image's caption twice in its figure
    assert compared.count("data:image/png;base64,") == 4  # two images and the same region of both


def test_the_scale_bar_is_as_long_as_it_says():
    section = Section("t", "", [Panel("a", GREY), Panel("b", GREY)], (slice(2, 6), slice(2, 6)), spacing_mm=2.0)
    found = re.findall(r"width: ([\d.]+)%\">(\d+) mm", page("t", "", [section], ""))
    assert found == [("31.25", "5"), ("25.0", "2")]  # 5 of 16 mm in the whole image, 2 of 8 mm in the region; one bar a row
    assert "mm</span>" not in page("t", "", [replace(section, spacing_mm=None)], "")


@pytest.mark.parametrize("terminal", [True, False])
def test_a_table_says_the_same_on_a_terminal_and_in_a_pipe(capsys, monkeypatch, terminal):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    print_table([{"": "bicubic", "psnr": 30.123456789}, {"": "[bold]mine[/bold]", "psnr": float("inf")}])
    said = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)  # styles of the terminal
    assert [word for word in said.split() if word.isascii()] == ["psnr", "bicubic", "30.1235", "[bold]mine[/bold]", "inf"]
