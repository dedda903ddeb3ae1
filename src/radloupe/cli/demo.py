"""`radloupe demo`."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from radloupe import __version__
from radloupe.core import files
from radloupe.core.errors import InputError

if TYPE_CHECKING:
    from radloupe.imaging.image import Image
    from radloupe.reports.compare import Section

SCALE = 4
SAMPLES = {"CT_small.dcm": "A CT slice", "MR_small.dcm": "An MR slice"}  # real images that come with pydicom
INTRODUCTION = (
    "Two real DICOM images that come with pydicom, enlarged four times. Left: nearest neighbour, which shows the pixels as they "
    "are. Middle: bicubic. Right: Radloupe. The second row shows the region with the most contrast."
)
FOOTER = f"Made by radloupe {__version__} on this computer. Research software, not a medical device: not for diagnosis."


@dataclass(frozen=True)
class Sample:
    """A demonstration image before and after."""

    name: str
    model: str
    before: "Image"
    after: "Image"


def demo(
    output: Path = typer.Option(Path("demo"), "-o", "--output", help="Folder for the results."),
    overwrite: bool = typer.Option(False, help="Replace the folder if it exists."),
) -> None:
    """Super-resolve a real CT slice and a real MR slice and write a page that shows before and after."""
    from radloupe import formats
    from radloupe.reports.compare import page

    with files.atomic(output, overwrite, folder=True) as folder:
        sections = []
        for name, title in SAMPLES.items():
            sample = enlarge_sample(name)
            formats.write(sample.after, folder / name.replace(".dcm", f"_x{SCALE}.dcm"))
            sections.append(show(sample, title))
        (folder / "index.html").write_text(page("Radloupe: before and after", INTRODUCTION, sections, FOOTER), encoding="utf-8")
    for path in sorted(output.glob("[!.]*")):
        typer.echo(str(path))


def enlarge_sample(name: str) -> Sample:
    """One of pydicom's images, super-resolved; raises `InputError` where this pydicom lacks it."""
    from pydicom.data import get_testdata_file

    from radloupe import formats
    from radloupe.pipelines.upscale import upscale
    from radloupe.zoo.load import default_model

    path = get_testdata_file(name, download=False)
    if not isinstance(path, str):
        raise InputError(f"The installed pydicom comes without {name}. Install pydicom again.")
    before = formats.read(path)
    model = default_model(before.info.modality, SCALE)
    return Sample(name, model, before, upscale(before, model))


def show(sample: Sample, title: str) -> "Section":
    """Nearest, bicubic and Radloupe side by side in one window."""
    import numpy as np

    from radloupe.degradation.resample import bicubic
    from radloupe.reports.compare import Panel, Section, grey_levels, liveliest

    low, large = sample.before.pixels[0, 0], sample.after.pixels[0, 0]
    bottom, top = np.percentile(low, (1, 99.5)).tolist()
    nearest = np.kron(low, np.ones((SCALE, SCALE), low.dtype))
    ways = {"nearest neighbour": nearest, "bicubic": bicubic(low, SCALE), f"Radloupe ({sample.model})": large}
    panels = [Panel(name, grey_levels(pixels, bottom, top), chosen=pixels is large) for name, pixels in ways.items()]
    sizes = " become ".join(f"{i.shape[2]} x {i.shape[1]} pixels of {i.spacing[0]:.3g} mm" for i in (sample.before, sample.after))
    return Section(f"{title} ({sample.name})", sizes, panels, liveliest(nearest, large.shape[1] // 4))
