"""What a folder holds: images, each a file or a stack of DICOM slices, and files that are set aside with a reason."""

from collections.abc import Collection, Iterable
from pathlib import Path

from radloupe.core.errors import InputError, RadloupeError
from radloupe.core.limits import LIMITS, Limits
from radloupe.formats.detection import detect
from radloupe.formats.found import Aside, Found
from radloupe.formats.table import EXTENSIONS, FORMATS

MOST_NAMED = 20  # names listed in an error


def survey(folder: Path, limits: Limits = LIMITS, without: Collection[Path] = ()) -> tuple[list[Found], list[Aside]]:
    """The images in a folder, and the files that are no images; subfolders, hidden files and those in `without` are left out.

    Content decides what a file is: one without an image's content is skipped, or failed where its extension promises an image. Only
    headers are read. Raises `InputError` for a folder that cannot be listed.
    """
    from radloupe.formats.dicom.stacks import find_stacks  # pydicom, which `--help` need not wait for

    images: list[Found] = []
    dicom: list[Path] = []
    aside: list[Aside] = []
    for path in listed(folder)[0]:
        if path in without:
            continue
        try:
            form = detect(path, limits)
        except RadloupeError as error:
            promised = path.name.lower().endswith(EXTENSIONS) or isinstance(error.__cause__, OSError)
            aside.append(Aside(path, str(error), error if promised else None))
            continue
        if form is FORMATS[0]:
            dicom.append(path)
        else:
            images.append(Found((path,), form))
    stacks, others = find_stacks(dicom, limits)
    return stacks + images, sorted(aside + others, key=lambda item: item.input)


def listed(folder: Path) -> tuple[list[Path], list[Path]]:
    """The files and the folders in a folder that are not hidden, sorted by name; raises `InputError` where they cannot be listed."""
    try:
        items = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
        folders = [path for path in items if path.is_dir()]
    except OSError as error:
        raise InputError(f"Cannot read the folder {folder}: {error.strerror}. Give one that you may list.") from error
    return sorted({*items} - {*folders}), folders


def one_of(folder: Path, name: str, limits: Limits = LIMITS) -> Found:
    """The stack of a name in a folder; raises `InputError` with the names there are."""
    if not folder.is_dir():
        raise InputError(f"Expected a folder to choose a series from, found the file {folder}. Drop the series.")
    found, _ = survey(folder, limits)
    for item in found:
        if item.name == name:
            return item
    raise InputError(f"Expected a series of {folder}, found none named {name!r}. {choice(found)}")


def choice(found: Iterable[Found]) -> str:
    """The stacks that there are to choose from, each with its number of slices."""
    named = [f"{item.name} ({len(item.files)} slices)" for item in found if item.name]
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f"Its series: {', '.join(named[:MOST_NAMED]) or 'none'}{more}."
