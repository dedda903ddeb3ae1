"""The manifest of a data set (JSON lines with paths relative to its folder), and the checks before training."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from radloupe import formats
from radloupe.core.errors import InputError, quoted

MANIFEST, DESCRIPTION = "manifest.jsonl", "dataset.json"
SALT = "patient_salt"
"""Key of the description that holds the salt of the patients' keys."""
ManifestRow = Mapping[str, Any]
ROLES = ("high", "low", "clean", "reference", "near", "image")
"""What an item's images can be."""
PNG_BEGINS, PNG_ENDS = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
Size = tuple[int, int, int]


def write(folder: Path, rows: Iterable[ManifestRow]) -> None:
    """Write the manifest."""
    lines = (json.dumps(row, sort_keys=True, separators=(",", ":")) + "\n" for row in rows)
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8")


def read(folder: Path, part: str) -> list[ManifestRow]:
    """The items of a part. Raises `InputError` for a missing or damaged manifest, one without the part, and paths outside the folder."""
    path = folder / MANIFEST
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        text = f"Expected a data set with {MANIFEST} in {folder}, could not read one: {error}."
        raise InputError(f"{text} `radloupe dataset` makes one.") from error
    found: list[ManifestRow] = [row for row in rows if isinstance(row, dict) and row.get("split") == part]
    if not found:
        raise InputError(f"Expected items of the part {part} in {path}, found none.")
    for number, name in ((n, row.get(role)) for n, row in enumerate(found) for role in ROLES):
        if name is not None and not (isinstance(name, str) and (folder / name).resolve().is_relative_to(folder.resolve())):
            raise InputError(f"Expected paths inside {folder}, found {quoted(name)} in item {number} of the part {part}.")
    return found


def patient_salt(folder: Path) -> str | None:
    """The salt of the patients' keys in a data set; empty in those of version 0.1, None for a folder that is no data set.

    Raises `InputError` for a damaged description.
    """
    path = folder / DESCRIPTION
    if not path.exists():
        return None
    try:
        return str(json.loads(path.read_text(encoding="utf-8")).get(SALT, ""))
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"Cannot read the description of the data set {path}: {error}.") from error


def check(folder: Path, rows: Sequence[ManifestRow], roles: Sequence[str], side: int, scale: int) -> None:
    """Raise `InputError`, before the first step, for items that cannot be trained on.

    Every role must be present, complete, of one bit depth and large enough for a patch `side` low pixels wide; a low image must have
    1/scale of the rows and columns of its high one. Sizes come from the files' headers.
    """
    depths: dict[str, int] = {}
    for row in rows:
        sizes = {role: size_of(folder, row, role) for role in (*roles, *(one for one in ("low",) if one in row))}
        for role, (height, width, bits) in sizes.items():
            needed = side if role in ("low", "clean") else side * scale
            if min(height, width) < needed:
                text = f"Expected images of at least {needed}x{needed} pixels, found {width}x{height} in {folder / row[role]}."
                raise InputError(f"{text} Choose smaller patches with data.patch.")
            if depths.setdefault(role, bits) != bits:
                raise InputError(f"Expected {role} images of {depths[role]} bits as the others have, found {bits} in {folder / row[role]}.")
        for role in sizes.keys() & {"low", "clean"}:
            if tuple(n * scale for n in sizes[role][:2]) != sizes["high"][:2]:
                (y, x, _), (height, width, _) = sizes[role], sizes["high"]
                raise InputError(
                    f"Expected a {role} image {scale} times smaller than {width}x{height}, found {x}x{y} in {folder / row[role]}."
                )


def size_of(folder: Path, row: ManifestRow, role: str) -> Size:
    """Rows, columns and bits of an item's image; raises `InputError` where there is none, or it is not whole."""
    if role not in row:
        raise InputError(
            f"Expected items with a {role} image in {folder / MANIFEST}, found one without. Choose another recipe or data set."
        )
    path = folder / row[role]
    if not path.is_file():
        raise InputError(f"Expected the image {path}, which {MANIFEST} names, found none.")
    with path.open("rb") as file:
        head = file.read(26)
        if head.startswith(PNG_BEGINS):
            file.seek(-min(len(PNG_ENDS), path.stat().st_size), 2)
            if file.read() != PNG_ENDS:
                raise InputError(f"Expected a whole image, found one that ends too early in {path}. Make the data set again.")
            return int.from_bytes(head[20:24]), int.from_bytes(head[16:20]), head[24]
    image = formats.read(path)
    return image.shape[1], image.shape[2], 8 * image.pixels.dtype.itemsize
