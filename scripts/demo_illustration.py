"""Write docs/demo.png: sample images of pydicom, reduced, and enlarged again beside the original.

python scripts/demo_illustration.py
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as PILImage
from PIL import ImageDraw, ImageFont

import radloupe as rl
from radloupe.core.errors import InputError
from radloupe.degradation.resample import bicubic
from radloupe.metrics.fidelity import psnr

PAGE = Path(__file__).parents[1] / "docs" / "demo.png"
PANEL, GAP, CAPTION = 300, 6, 44  # pixels: side of a panel, between panels, height of the text below


@dataclass(frozen=True)
class Sample:
    """A sample image of pydicom, how it is reduced, and the square of it that is shown."""

    file: str
    title: str
    degradation: str
    scale: int
    corner: tuple[int, int]
    """First row and column of the square in the original."""
    side: int
    window: tuple[float, float]
    """Values shown black and white, in the unit of the image."""

    @property
    def part(self) -> tuple[slice, slice]:
        """Rows and columns of the square in the original."""
        return slice(self.corner[0], self.corner[0] + self.side), slice(self.corner[1], self.corner[1] + self.side)


SAMPLES = (
    Sample("J2K_pixelrep_mismatch.dcm", "CT, temporal bone", "bicubic", 4, (232, 88), 128, (-900, 1700)),
    Sample("examples_overlay.dcm", "MR, upper abdomen", "kspace-centred", 4, (80, 260), 104, (0, 650)),
)


@dataclass(frozen=True)
class Panel:
    """A square of an image (y, x) and the two lines of its caption."""

    pixels: np.ndarray
    caption: str
    note: str = ""


def panels(sample: Sample) -> tuple[list[Panel], float]:
    """Low resolution, bicubic, Radloupe and the original; and the spacing of the original in mm."""
    truth = rl.read(sample_path(sample.file))
    low = rl.degrade(truth, sample.degradation, scale=sample.scale)
    large = rl.upscale(low, scale=sample.scale)
    original = truth.pixels[0, 0].astype(np.float64)
    coarse = np.kron(low.pixels[0, 0], np.ones((sample.scale,) * 2))
    smooth = bicubic(low.pixels[0, 0].astype(np.float64), sample.scale)
    sharp = large.pixels[0, 0].astype(np.float64)
    span = float(np.ptp(original[sample.part]))

    def panel(pixels: np.ndarray, caption: str, scored: bool = True) -> Panel:
        inside = pixels[sample.part]
        return Panel(inside, caption, f"PSNR {psnr(inside, original[sample.part], span):.1f} dB" if scored else "")

    spacing = f"{low.spacing[0]:.2f} mm pixels"
    return [
        Panel(coarse[sample.part], f"{sample.title}, x1/{sample.scale}", spacing),
        panel(smooth, f"bicubic x{sample.scale}"),
        panel(sharp, f"Radloupe x{sample.scale}"),
        Panel(original[sample.part], "original", f"{truth.spacing[0]:.2f} mm pixels"),
    ], truth.spacing[0]


def sample_path(name: str) -> str:
    """Where pydicom keeps a sample; raises `InputError` where it comes without it."""
    from pydicom.data import get_testdata_file

    path = get_testdata_file(name, download=False)
    if not isinstance(path, str):
        raise InputError(f"Expected the sample {name} in the installed pydicom, found none. Install pydicom again.")
    return path


def drawn(rows: Sequence[Sample]) -> PILImage.Image:
    """One row of panels for each sample, with captions and a scale bar of 1 cm in the first."""
    width = 4 * PANEL + 3 * GAP
    sheet = PILImage.new("L", (width, len(rows) * (PANEL + CAPTION)), 255)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(16)
    for down, sample in enumerate(rows):
        row, spacing = panels(sample)
        top = down * (PANEL + CAPTION)
        for across, panel in enumerate(row):
            left = across * (PANEL + GAP)
            sheet.paste(shown(panel.pixels, sample.window), (left, top))
            pen.text((left + 2, top + PANEL + 3), panel.caption, 0, font)
            pen.text((left + 2, top + PANEL + 22), panel.note, 90, font)
        bar = round(10 / spacing * PANEL / sample.side)
        pen.rectangle((10, top + PANEL - 14, 10 + bar, top + PANEL - 10), 255, 0)
        pen.text((10, top + PANEL - 34), "1 cm", 255, font, stroke_width=2, stroke_fill=0)
    return sheet


def shown(pixels: np.ndarray, window: tuple[float, float]) -> PILImage.Image:
    """Values as grey levels, enlarged to a panel by repeating pixels."""
    grey = np.clip((pixels - window[0]) / (window[1] - window[0]) * 255, 0, 255).round().astype(np.uint8)
    return PILImage.fromarray(grey).resize((PANEL, PANEL), PILImage.Resampling.NEAREST)


if __name__ == "__main__":
    drawn(SAMPLES).save(PAGE, optimize=True)
