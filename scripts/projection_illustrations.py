"""Draw the illustrations of docs/projection.md from a torso made of ellipsoids: `python scripts/projection_illustrations.py`."""

from pathlib import Path

import numpy as np
from PIL import Image as PILImage
from PIL import ImageDraw
from scipy import ndimage

from radloupe.drr.detector.display import display, percentile_window
from radloupe.drr.detector.flat_panel import Detector, counts_to_line_integrals, expose
from radloupe.drr.projector import Projector
from radloupe.imaging import geometry
from radloupe.imaging.camera import CArm, View
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo

DOCS = Path(__file__).parents[1] / "docs"
SPACING_MM = 1.5
SHAPE = (240, 180, 256)  # z y x
SIDE = 220  # pixels of each image
CONE = {"sdd": 1500.0, "sid": 1200.0, "size": (SIDE, SIDE), "pixel": 2.1}


def ellipsoid(x, y, z, centre, radii):
    """Where an ellipsoid is, in LPS mm."""
    return sum(((a - c) / r) ** 2 for a, c, r in zip((x, y, z), centre, radii, strict=True)) < 1


def box(x, y, z, low, high):
    """Where a box is, in LPS mm."""
    inside = [(a > p) & (a < q) for a, p, q in zip((x, y, z), low, high, strict=True)]
    return inside[0] & inside[1] & inside[2]


def torso() -> Image:
    """A thorax in Hounsfield units: lungs, heart to the left, liver to the right, spine, ribs, and a metal L in front on the left."""
    z, y, x = np.meshgrid(*(SPACING_MM * (np.arange(n, dtype=np.float32) - (n - 1) / 2) for n in SHAPE), indexing="ij", sparse=True)
    hu = np.full(SHAPE, -1000.0, np.float32)
    body = ellipsoid(x, y, z, (0, 0, 0), (165, 110, 400))
    hu[body] = -90
    hu[ellipsoid(x, y, z, (0, 0, 0), (152, 97, 400))] = 40
    lungs = ellipsoid(x, y, z, (78, 0, 25), (58, 76, 120)) | ellipsoid(x, y, z, (-78, 0, 25), (58, 76, 120))
    hu[lungs] = -780
    ribs = ellipsoid(x, y, z, (0, 0, 30), (148, 93, 190)) & ~ellipsoid(x, y, z, (0, 0, 30), (139, 84, 180))
    hu[ribs & (np.sin((z - 0.45 * y) / 4.4) > 0.55) & (z > -110)] = 450
    hu[ellipsoid(x, y, z, (28, -22, -25), (52, 45, 60))] = 45
    hu[ellipsoid(x, y, z, (-60, -5, -125), (85, 75, 55))] = 60
    hu[((x / 17) ** 2 + ((y - 68) / 15) ** 2 < 1) & (np.sin(z / 4.2) > -0.75)] = 320
    hu[((x / 11) ** 2 + ((y - 3) / 9) ** 2 < 1) & (z > 60)] = -950
    letter = box(x, y, z, (112, -90, 120), (118, -86, 150)) | box(x, y, z, (112, -90, 120), (132, -86, 126))
    hu = ndimage.gaussian_filter(hu, 0.7)  # softer than a voxel, as a scanner is
    hu[letter] = 8000
    affine = np.diag([SPACING_MM] * 3 + [1.0])
    affine[:3, 3] = -SPACING_MM * (np.array(SHAPE[::-1]) - 1) / 2
    return Image(hu[None], geometry.LPS_TO_RAS @ affine, PixelInfo("HU", "CT"))


def sheet(path: Path, tiles: dict[str, np.ndarray], columns: int) -> None:
    """Images side by side with their names."""
    rows = -(-len(tiles) // columns)
    page = PILImage.new("L", (columns * (SIDE + 8) - 8, rows * (SIDE + 22)), 255)
    draw = ImageDraw.Draw(page)
    for number, (name, grey) in enumerate(tiles.items()):
        left, top = number % columns * (SIDE + 8), number // columns * (SIDE + 22)
        page.paste(PILImage.fromarray(grey), (left, top))
        draw.text((left + 2, top + SIDE + 3), name, fill=0, font_size=13)
    page.quantize(64).save(path, optimize=True)  # 64 greys make a third of the file
    print(path, path.stat().st_size, "bytes")


def views(ct: Image) -> dict[str, View]:
    """The views that explain the angles."""
    angles = {
        "PA = 0, 0": "PA",
        "AP = 180, 0, mirrored": "AP",
        "LLAT = 90, 0": "LLAT",
        "RLAT = -90, 0": "RLAT",
        "30, 0: LAO": (30.0, 0.0, 0.0),
        "-30, 0: RAO": (-30.0, 0.0, 0.0),
        "0, 30: cranial": (0.0, 30.0, 0.0),
        "0, 0, 20: roll": (0.0, 0.0, 20.0),
    }
    return {name: CArm(**CONE).view(a, ct) for name, a in angles.items()}


def main() -> None:
    """Draw both sheets."""
    ct = torso()
    plain, beams = Projector(ct), Projector(ct, spectrum="chest")
    line_integrals = {name: plain.line_integrals(view)[0] for name, view in views(ct).items()}
    window = percentile_window(list(line_integrals.values()))
    sheet(DOCS / "projection-views.png", {name: display(plane, window) for name, plane in line_integrals.items()}, 4)
    view = CArm(**CONE).view("PA", ct)
    low, high = (beams.line_integrals(view, kv)[0] for kv in (60.0, 120.0))
    plane = line_integrals["PA = 0, 0"]
    noisy, veiled = Detector(300.0), Detector(1e5, scatter=1.5)
    tiles = {
        "radiograph": display(plane),
        "radiograph, look": display(plane, look=True),
        "fluoroscopy": display(plane, polarity="fluoroscopy"),
        "fluoroscopy, linear": display(plane, polarity="fluoroscopy", intensity_scale="linear"),
        "60 kV": display(low),
        "120 kV": display(high),
        "300 quanta": display(counts_to_line_integrals(expose(plane, view, noisy, 1), noisy.photons), percentile_window(plane)),
        "scatter 1.5": display(counts_to_line_integrals(expose(plane, view, veiled, 1), veiled.photons), percentile_window(plane)),
    }
    sheet(DOCS / "projection-looks.png", tiles, 4)


main()
