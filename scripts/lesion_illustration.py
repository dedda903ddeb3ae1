"""Draw what super-resolution loses and what consistency does not see: `docs/background/lesions.png`, from a phantom alone.

python scripts/lesion_illustration.py
"""

from pathlib import Path

import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter

from radloupe.degradation import shrink
from radloupe.degradation.null_space import null_space_part
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo, Storage
from radloupe.imaging.synthetic_objects import disc
from radloupe.inference.options import InferenceOptions
from radloupe.inference.super_resolve import super_resolve
from radloupe.reports.compare import grey_levels
from radloupe.reports.heat_map import coloured
from radloupe.zoo.load import load_model

OUTPUT = Path(__file__).parents[1] / "docs" / "background" / "lesions.png"
MODEL, SCALE, SIDE = "ct-x4", 4, 512
DIAMETER = 3
LESION_HU, PLACE = 60, (247, 251)
"""Contrast of the lesion that is there, and where it lies (y, x)."""
INVENTED_HU, INVENTED = 200, (250, 278)
"""The same of one that is not; no more than its part in the null space is added."""
CENTRE = (262, 256)
WINDOW_HU = (-160, 300)
CROP, ZOOM = 64, 4


def phantom() -> np.ndarray:
    """A body of water in air with vessels, fat and the noise of a soft kernel, in HU (y, x)."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j]
    body = np.where(x**2 + 1.4 * y**2 < 0.75, 40.0, -1000.0)
    for _ in range(40):
        cy, cx, radius = *rng.uniform(-0.5, 0.5, 2), rng.uniform(0.015, 0.05)
        body[(y - cy) ** 2 + (x - cx) ** 2 < radius**2] = rng.choice([-100, 90, 160])
    return gaussian_filter(body, 0.7) + gaussian_filter(rng.normal(0, 20, body.shape), 0.8)


def lesion(contrast: float, place: tuple[int, int]) -> np.ndarray:
    """A lesion's disc alone, in HU."""
    return contrast * disc((SIDE, SIDE), place, DIAMETER)


def consistency_db(high: np.ndarray, low: np.ndarray) -> float:
    """PSNR between the input and an image degraded again."""
    return float(10 * np.log10(np.ptp(low) ** 2 / np.mean((shrink(high, SCALE, "bicubic") - low) ** 2)))


def panel(pixels: np.ndarray, caption: str) -> Picture.Image:
    """A magnified part with its caption."""
    top, left = (middle - CROP // 2 for middle in CENTRE)
    part = pixels[top : top + CROP, left : left + CROP].repeat(ZOOM, 0).repeat(ZOOM, 1)
    page = Picture.new("RGB", (part.shape[1], part.shape[0] + 22), "white")
    page.paste(Picture.fromarray(part).convert("RGB"), (0, 0))
    ImageDraw.Draw(page).text((2, part.shape[0] + 3), caption, "black", font=ImageFont.load_default(13))
    return page


def main() -> None:
    """Draw, and print the numbers that the page names."""
    without = phantom()
    truth = without + lesion(LESION_HU, PLACE)
    low = np.rint(shrink(truth, SCALE, "bicubic"))
    image = Image(low.astype(np.int16)[None, None], info=PixelInfo("HU", "CT", storage=Storage("int16", 16)))
    result = super_resolve(image, load_model(MODEL), InferenceOptions(uncertainty=True)).run(check=False)
    large, half = result.pixels[0, 0].astype(float), result.uncertainty.pixels[0, 0]
    invented = null_space_part(lesion(INVENTED_HU, INVENTED), "bicubic", SCALE)
    altered = large + invented
    around = np.median(large[PLACE[0] - 12 : PLACE[0] + 13, PLACE[1] - 12 : PLACE[1] + 13])
    peak = large[PLACE[0] - 2 : PLACE[0] + 3, PLACE[1] - 2 : PLACE[1] + 3].max()
    print(f"contrast of the lesion: truth {LESION_HU} HU, result {peak - around:.0f} HU")
    print(f"error {abs(truth[PLACE] - large[PLACE]):.0f} HU, half width {half[PLACE]:.0f} HU")
    print(f"consistency: result {consistency_db(large, low):.1f} dB, with an invented lesion {consistency_db(altered, low):.1f} dB")
    print(f"invented: {invented[INVENTED]:.0f} HU, half width there {half[INVENTED]:.0f} HU")
    grey = {
        "truth": truth,
        "input": low.repeat(SCALE, 0).repeat(SCALE, 1),
        "result": large,
        "result + invented": altered,
    }
    panels = [panel(grey_levels(pixels, *WINDOW_HU), name) for name, pixels in grey.items()]
    panels.append(panel(coloured(half / 150), "half width, 0 to 150 HU"))
    page = Picture.new("RGB", (sum(one.width + 6 for one in panels) - 6, panels[0].height), "white")
    for number, one in enumerate(panels):
        page.paste(one, (number * (one.width + 6), 0))
    page.save(OUTPUT, optimize=True)


if __name__ == "__main__":
    main()
