"""The files that the README and the how-to guides name, in small: synthesised, or samples that come with pydicom."""

import numpy as np
from PIL import Image as PILImage

import radloupe as rl
from dicom_factory import ct, dx, save
from radloupe.imaging.pixel_info import PixelInfo


def write_samples(folder):
    """Write all of them into an empty folder."""
    save(dx(radiograph(), bits=12), folder / "chest.dcm")
    save(dx(radiograph(scale=4), bits=12), folder / "truth.dcm")
    for name in ("scan", "study/first"):
        (folder / name).mkdir(parents=True)
        for index in range(3):
            save(ct(index, radiograph(64, 48, seed=index)), folder / name / f"{index}.dcm")
    (folder / "study" / "notes.txt").write_text("not an image")
    rl.write(volume("MR"), folder / "brain.nii.gz")
    rl.write(volume("CT"), folder / "ct.nii.gz")
    (folder / "images").mkdir()
    for patient in range(6):
        for view in range(2):
            PILImage.fromarray(radiograph(256, 256, seed=10 * patient + view)).save(folder / "images" / f"p{patient}_{view}.png")


def radiograph(rows=48, columns=40, scale=1, seed=0):
    """Smooth structures of several widths in 12 bits (y, x); `scale` times as many pixels over the same region."""
    y, x = np.meshgrid((np.arange(rows * scale) + 0.5) / scale, (np.arange(columns * scale) + 0.5) / scale, indexing="ij")
    phases = np.random.default_rng(seed).uniform(0, 6, 4)
    waves = sum(np.sin(x / width + phase) * np.cos(y / (1.5 * width) - phase) for width, phase in zip((2, 4, 8, 16), phases, strict=True))
    return (2000 + 400 * waves).round().astype(np.uint16)


def volume(modality, side=32):
    """A ball with a denser core (z, y, x): soft tissue and bone in HU, or arbitrary units of MR."""
    z, y, x = np.meshgrid(*(np.linspace(-1, 1, side),) * 3, indexing="ij")
    radius = np.sqrt(z**2 + (1.2 * y) ** 2 + x**2)
    values = np.select([radius < 0.3, radius < 0.8], [700, 40], -1000)
    pixels = (values if modality == "CT" else (values + 1000) // 2).astype(np.int16)[None]
    return rl.Image(pixels, np.diag([4.0, 4, 4, 1]), PixelInfo("HU" if modality == "CT" else "arbitrary", modality))
