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
INTRODUCTION = (
    "Real DICOM images that come with pydicom, enlarged four times: nearest neighbour (the pixels as they are), bicubic, and Radloupe. "
    "The first was reduced four-fold before, so that the original stands beside it: detail that it has and the enlargement lacks was lost "
    "for good. The second row of each shows a region."
)
FOOTER = f"Made by radloupe {__version__} on this computer. Research software, not a medical device: not for diagnosis."


@dataclass(frozen=True)
class Sample:
    """A test image of pydicom, and the square region that is shown magnified."""

    file: str
    title: str
    corner: tuple[int, int]
    """First row and column of the square in the enlarged image."""
    side: int
    window: tuple[float, float]
    """Display window in the unit of the image."""
    preset: str = ""
    """Degradation applied first; empty for none."""

    @property
    def region(self) -> tuple[slice, slice]:
        """Rows and columns of the square."""
        return slice(self.corner[0], self.corner[0] + self.side), slice(self.corner[1], self.corner[1] + self.side)


SAMPLES = (
    Sample("examples_overlay.dcm", "MR of the upper abdomen, reduced and enlarged", (80, 260), 104, (0, 650), "kspace-centred"),
    Sample("CT_small.dcm", "CT of a vertebra", (24, 160), 160, (-200, 500)),
    Sample("MR_small.dcm", "MR", (96, 128), 112, (0, 1500)),
)


@dataclass(frozen=True)
class Result:
    """A sample before and after super-resolution, with its original where it was degraded."""

    sample: Sample
    model: str
    before: "Image"
    after: "Image"
    original: "Image | None" = None


def demo(
    output: Path = typer.Option(Path("demo"), "-o", "--output", help="Folder for the results."),
    overwrite: bool = typer.Option(False, help="Replace the folder if it exists."),
) -> None:
    """Super-resolve a real CT slice and a real MR slice and write a page that shows before and after."""
    from radloupe import formats
    from radloupe.reports.compare import page

    with files.atomic(output, overwrite, folder=True) as folder:
        sections = []
        for sample in SAMPLES:
            result = enlarge_sample(sample)
            formats.write(result.after, folder / sample.file.replace(".dcm", f"_x{SCALE}.dcm"))
            sections.append(show(result))
        (folder / "index.html").write_text(page("Radloupe: before and after", INTRODUCTION, sections, FOOTER), encoding="utf-8")
    for path in sorted(output.glob("[!.]*")):
        typer.echo(str(path))


def enlarge_sample(sample: Sample) -> Result:
    """A super-resolved sample; raises `InputError` where the installed pydicom lacks it."""
    from pydicom.data import get_testdata_file

    from radloupe import formats
    from radloupe.degradation import degrade
    from radloupe.pipelines.upscale import upscale
    from radloupe.zoo.load import default_model

    path = get_testdata_file(sample.file, download=False)
    if not isinstance(path, str):
        raise InputError(f"Expected the sample {sample.file} in the installed pydicom, found none. Install pydicom again.")
    original = formats.read(path)
    model = default_model(original.info.modality, SCALE)
    if not sample.preset:
        return Result(sample, model, original, upscale(original, model))
    before = degrade(original, sample.preset, SCALE)
    return Result(sample, model, before, upscale(before, model), original)


def show(result: Result) -> "Section":
    """Section with nearest, bicubic, Radloupe and the original, if there is one, in one display window."""
    import numpy as np

    from radloupe.degradation.resample import bicubic
    from radloupe.reports.compare import Panel, Section, grey_levels

    sample, low, large = result.sample, result.before.pixels[0, 0], result.after.pixels[0, 0]
    nearest = np.kron(low, np.ones((SCALE, SCALE), low.dtype))
    images = {"nearest neighbour": nearest, "bicubic": bicubic(low, SCALE), f"Radloupe ({result.model})": large}
    if result.original is not None:
        images["original"] = result.original.pixels[0, 0]
    panels = [Panel(name, grey_levels(pixels, *sample.window), chosen=pixels is large) for name, pixels in images.items()]
    sizes = " become ".join(f"{i.shape[2]} x {i.shape[1]} pixels of {i.spacing[0]:.3g} mm" for i in (result.before, result.after))
    text = f"{sizes}. The region below is {sample.side * result.after.spacing[0]:.0f} mm wide."
    return Section(f"{sample.title} ({sample.file})", text, panels, sample.region, result.after.spacing[0])
