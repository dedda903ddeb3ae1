"""Synthetic radiographs of head CTs with a reference from another direction (TTSR-FD, section 4.1, SynXray_S and SynXray_L)."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float32, UInt8

from radloupe.core import seeds
from radloupe.core.errors import InputError, RadloupeWarning
from radloupe.core.settings import validated, within
from radloupe.data.builder import Builder, Piece
from radloupe.data.collections import patient_of, read, shortage, volumes
from radloupe.data.patients import split
from radloupe.drr.view_series import grid
from radloupe.imaging.camera import Angles, CArm, detector_axes

LAYOUT = "CT volumes (NIfTI, NRRD, MetaImage, or folders of DICOM files), in a folder for each patient or named PATIENT_anything"
Grey = UInt8[np.ndarray, "y x"]
Patch = UInt8[np.ndarray, "side side"]
Shot = Callable[[Angles], Grey]
WINDOW_VIEWS: tuple[Angles, ...] = ((0.0, 0.0, 0.0), (90.0, 0.0, 0.0), (0.0, 90.0, 0.0))
SAME_LINE = 1 - 1e-6  # cosine of a twelfth of a degree, far below the steps of a grid
TRIES, EMPTY = 20, 0.1
"""A crop whose grey levels span less than this share of the image's is drawn again, so many times."""


@validated
class Synxray:
    """Settings of the data set."""

    pairs: int = within(410, 1, 10**6)
    """Pairs of patches to train on, filled up to whole images."""
    validation: int = within(50, 0, 10**6)
    """Pairs of patches that select the checkpoint; the paper has none."""
    groups: int = within(30, 1, 10**6)
    """Whole images to test on."""
    crops: int = within(5, 1, 100)
    """Patches from each image and its reference."""
    side: int = within(160, 8, 4096)
    size: int = within(512, 16, 4096)
    """Rows and columns of an image; a pixel is as wide as the CT's in the slice."""
    step: float = within(24.0, 1.0, 180.0)
    """Degrees between views to train on, about both axes."""
    test_step: float = within(20.0, 1.0, 180.0)
    reference: float = within(45.0, 0.0, 180.0)
    """The reference is seen from angles drawn between plus and minus this."""
    around: Literal["front", "view"] = "front"
    """What these angles are counted from: the frontal view, as the paper is read, or the image's own view."""
    near: float = within(5.0, 0.0, 180.0)
    """Degrees, about both axes, between a test image and the near view that comes with it, to tell what a reference gains."""
    lut: Literal["tissue", "deepdrr", "plastimatch"] = "tissue"
    engine: Literal["fast", "exact", "reference", "torch"] = "fast"
    split: Literal["patients", "views"] = "patients"
    """What separates the parts. `views` is for a source of one patient and says so in every row."""


def make(source: Path, settings: Synxray, seed: int) -> Iterator[Piece]:
    """Images of every CT, cut into patches for training and validation, whole for test."""
    found = volumes(source, LAYOUT)
    patients = {path: patient_of(path, source) for path in found}
    plans = views_of(found, patients, settings, seed)
    for number, path in enumerate(found):
        if any(plan[number] for plan in plans.values()):
            shot = camera(path, settings)
            for part, plan in plans.items():
                for view in plan[number]:
                    yield from pieces(shot, view, part, patients[path], number, settings, seed)


def views_of(found: list[Path], patients: dict[Path, str], settings: Synxray, seed: int) -> dict[str, list[list[Angles]]]:
    """The views of each CT for each part, drawn from the part's grid of angles.

    No ray direction is in two parts, nor is its opposite: parallel views from behind are mirror images.
    """
    train = grid(settings.step)
    other = along_new_lines(grid(settings.test_step), train)
    plan = {"train": (train, settings.pairs), "validation": (other[::2], settings.validation), "test": (other[1::2], settings.groups)}
    mine = cts_of(found, patients, settings, seed)
    wanted = {part: count if part == "test" else -(-count // settings.crops) for part, (_, count) in plan.items()}
    return {part: drawn(views, mine[part], wanted[part], part, seed) for part, (views, _) in plan.items()}


def along_new_lines(views: list[Angles], known: list[Angles]) -> list[Angles]:
    """The views whose ray directions differ from the known ones and from each other, opposite directions counting as equal."""
    lines = [detector_axes(view)[2] for view in known]
    new = []
    for view in views:
        line = detector_axes(view)[2]
        if not (np.abs(np.array(lines) @ line) > SAME_LINE).any():
            lines.append(line)
            new.append(view)
    return new


def cts_of(found: list[Path], patients: dict[Path, str], settings: Synxray, seed: int) -> dict[str, list[bool]]:
    """Which CTs each part is projected from: one patient is held out for test and one for validation, unless views separate the parts."""
    parts = ("train", "validation", "test")
    if settings.split == "views":
        text = "Parts are split by views: one patient is in all of them, so metrics hold for new directions, not for new patients."
        warnings.warn(text, RadloupeWarning, stacklevel=2)
        return dict.fromkeys(parts, [True] * len(found))
    hint = "A source of one patient can be split by views with the setting split=views; its metrics do not hold for new patients."
    shares = {"train": max(1, len(set(patients.values())) - 2), "validation": 1, "test": 1}
    part_of = split(patients.values(), shares, seed, hint)
    return {part: [part_of[patients[path]] == part for path in found] for part in parts}


def drawn(views: list[Angles], mine: list[bool], wanted: int, part: str, seed: int) -> list[list[Angles]]:
    """Views of each CT in random order, taken in turn from the CTs of the part until there are as many as wanted."""
    shuffled = [seeds.generator(seed, "views", part, number).permutation(len(views)) for number in range(len(mine))]
    orders = [order if own else order[:0] for order, own in zip(shuffled, mine, strict=True)]
    turns = sorted((turn, number) for number, order in enumerate(orders) for turn in range(len(order)))
    if turns:
        turns = turns[: shortage(wanted, len(turns), f"views for {part}")]
    return [[views[int(order[turn])] for turn, n in turns if n == number] for number, order in enumerate(orders)]


def camera(path: Path, settings: Synxray) -> Shot:
    """A function that projects a CT along parallel rays to 8-bit images in one window, up to the 99.9th percentile of three views."""
    from radloupe.drr.detector.display import display, percentile_window
    from radloupe.drr.projector import Projector  # imported here: it loads a compiler

    ct = read(path)
    if ct.info.unit != "HU":
        raise InputError(f"Expected a CT in Hounsfield units, found values in {ct.info.unit} in {path}.")
    projector = Projector(ct, settings.lut, settings.engine)

    def paths(angles: Angles) -> Float32[np.ndarray, "y x"]:
        return projector.line_integrals(CArm(beam="parallel", size=(settings.size, settings.size)).view(angles, ct))[0]

    window = percentile_window([paths(angles) for angles in WINDOW_VIEWS])
    if not window[1] > window[0]:
        raise InputError(f"Expected a CT with attenuating tissue, found only air in {path}.")
    return lambda angles: display(paths(angles), window)


def pieces(shot: Shot, view: Angles, part: str, patient: str, number: int, settings: Synxray, seed: int) -> Iterator[Piece]:
    """A view and its reference: whole for test, otherwise random patches of both."""
    rng = seeds.generator(seed, "reference", part, number, *map(str, view))
    turned = (round(float(angle), 3) for angle in rng.uniform(-settings.reference, settings.reference, 2))
    front = (0.0, 0.0, 0.0) if settings.around == "front" else view
    other: Angles = (front[0] + next(turned), front[1] + next(turned), 0.0)
    high, reference = shot(view), shot(other)
    about = {
        "ct": number,
        "angles": view[:2],
        "reference_angles": other[:2],
        "lut": settings.lut,
        "shared_patient": settings.split == "views",
    }
    if part == "test":
        near = shot((view[0] + settings.near, view[1] + settings.near, 0.0))
        yield Piece(patient, part, {"high": high, "reference": reference, "near": near}, about)
        return
    for _ in range(settings.crops):
        corner, patch = crop(high, settings.side, rng)
        reference_corner, reference_patch = crop(reference, settings.side, rng)
        corners = {"corner": corner, "reference_corner": reference_corner}
        yield Piece(patient, part, {"high": patch, "reference": reference_patch}, about | corners)


def crop(pixels: Grey, side: int, rng: np.random.Generator) -> tuple[list[int], Patch]:
    """A random patch and its corner (y, x), drawn again where it is empty; raises `InputError` for images smaller than a patch."""
    if min(pixels.shape) < side:
        raise InputError(f"Expected images of at least {side}x{side} pixels, found {pixels.shape[1]}x{pixels.shape[0]}. Set side or size.")
    for _ in range(TRIES):
        y, x = (int(rng.integers(n - side + 1)) for n in pixels.shape)
        patch = pixels[y : y + side, x : x + side]
        if np.ptp(patch) > EMPTY * np.ptp(pixels):
            break
    return [y, x], patch


SMALL = Builder(make, Synxray(), LAYOUT, "TTSR-FD, section 4.1, SynXray_S")
LARGE = Builder(make, Synxray(pairs=1350), LAYOUT, "TTSR-FD, section 4.1, SynXray_L")
