"""Pairing of inputs with outputs and formats; inputs that cannot be used are set aside."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from radloupe.core.errors import InputError, RadloupeError, UsageError
from radloupe.formats.contents import listed, survey
from radloupe.formats.found import Aside, Found
from radloupe.formats.table import EXTENSIONS, FORMATS, Format

HERE = PurePath()


@dataclass(frozen=True)
class Job:
    """One image to read and the path of its result."""

    input: Path
    """Input path of the row: a file, or the folder of a stack of DICOM slices."""
    files: tuple[Path, ...]
    output: Path
    form: Format
    series: str | None = None
    """Name of a stack, without patient data."""
    why: str = ""
    """Reason why a stack is not its whole series."""

    @property
    def source(self) -> Path | tuple[Path, ...]:
        """Path or paths to read."""
        return self.files if self.series else self.input


@dataclass(frozen=True)
class Target:
    """An image and its target folder in the output folder."""

    input: Path
    found: Found
    folder: PurePath = HERE
    """Relative to the output folder."""


def outputs(inputs: list[Path], output: Path, recursive: bool = False) -> list[Job | Aside]:
    """Pairs of inputs and outputs, in the order of the inputs; unreadable inputs are set aside with a reason.

    One image becomes the named output; several become files of their names in the named folder, or folders for series, each under its
    input folder's name where there are several inputs. The format is that of the output's extension, else that of the input. With
    `recursive`, folders inside folders are looked into and their layout is kept.

    Raises `UsageError` where two results would share a path or contain each other, or several would go to one file.
    """
    items = [item for path in inputs for item in expand(path, output, recursive, PurePath(name_of(path)) if len(inputs) > 1 else HERE)]
    targets = [item for item in items if isinstance(item, Target)]
    if len(inputs) == len(targets) == 1 and not recursive and is_single(targets[0], inputs[0], output):
        jobs = [single(targets[0], output)]
    else:
        if targets and output.name.lower().endswith(EXTENSIONS) and not output.is_dir():
            raise UsageError(f"Expected a folder for {len(targets)} result(s), found a file's name: {output}. Drop the extension.")
        used = Counter(folder for target in targets for folder in (target.folder, *target.folder.parents))
        jobs = [into_folder(target, output, used[target.folder] == 1) for target in targets]
    check_apart([job.output for job in jobs], output)
    made = iter(jobs)
    return [item if isinstance(item, Aside) else next(made) for item in items]


def expand(path: Path, output: Path, recursive: bool, folder: PurePath) -> Iterator[Target | Aside]:
    """Images of an input; those of a folder go to `folder` in the output folder."""
    from radloupe.formats import detect

    try:
        if not path.exists():
            raise InputError(f"There is no file or folder {path}.")
        if not path.is_dir():
            yield Target(path, Found((path,), detect(path)))
            return
        if folder != HERE and resolved(path) == resolved(output):
            yield Aside(path, "It is the output folder.")
            return
        items = list(walk(path, resolved(path), resolved(output), recursive, folder))
        yield from items
        if not any(isinstance(item, Target) or item.error for item in items):
            raise InputError(f"Expected images or DICOM slices in the folder {path}, found none. {advice(items)}")
    except OSError as error:
        refusal = InputError(f"Cannot read {path}: {error.strerror}.")
        yield Aside(path, str(refusal), refusal)
    except RadloupeError as error:
        yield Aside(path, str(error), error)


def advice(items: list[Target | Aside]) -> str:
    """Advice for a folder without images."""
    below = any(isinstance(item, Aside) and item.input.is_dir() for item in items)
    return "Pass --recursive to look into the folders inside it." if below else "Give the folder that holds them."


def walk(path: Path, root: Path, output: Path, recursive: bool, folder: PurePath) -> Iterator[Target | Aside]:
    """Images of a folder and its subfolders in sorted order, without following links, leaving `root` or entering the output folder.

    `root` and `output` are resolved.
    """
    names, folders = listed(path)
    outside = [file for file in names if recursive and not resolved(file).is_relative_to(root)]
    found, aside = survey(path, without=outside)
    yield from (Target(path if item.name else item.files[0], item, folder) for item in found)
    yield from (*aside, *(Aside(file, "It is a link out of the folder; links are not followed there.") for file in outside))
    for inner in folders:
        if reason := why_not_into(inner, output, recursive):
            yield Aside(inner, reason)
            continue
        try:
            yield from walk(inner, root, output, recursive, folder / inner.name)
        except RadloupeError as error:
            yield Aside(inner, str(error), error)


def why_not_into(folder: Path, output: Path, recursive: bool) -> str | None:
    """Reason for skipping a subfolder; None if it is not skipped."""
    if not recursive:
        return "It is a folder, and --recursive is not given."
    if folder.is_symlink():
        return "It is a link to a folder; links are not followed."
    return "It is the output folder." if resolved(folder) == output else None


def is_single(target: Target, path: Path, output: Path) -> bool:
    """Whether the single image of a single input is written to the named output itself rather than into it."""
    if path.is_dir():
        return bool(target.found.name) or (target.found.form is FORMATS[0] and output.name.lower().endswith(EXTENSIONS))
    return not output.is_dir()


def single(target: Target, output: Path) -> Job:
    """Job of one image to the named output, in the format of its extension if known."""
    from radloupe.formats import format_for

    form = format_for(output) if output.name.lower().endswith(EXTENSIONS) else writable(target.found.form)
    return job(target, output, form)


def into_folder(target: Target, output: Path, only: bool) -> Job:
    """Job of one of many images to a path in a folder; a series that is the `only` image becomes the folder itself."""
    found, folder, form = target.found, output / target.folder, writable(target.found.form)
    if not found.name:
        path = found.files[0]
        return job(target, folder / (path.name if form is found.form else path.stem + form.extensions[0]), form)
    if len(found.files) == 1:
        return job(target, folder / (found.name + form.extensions[0]), form)
    return job(target, folder if only and target.folder != HERE else folder / found.name, form)


def job(target: Target, output: Path, form: Format) -> Job:
    """Job of an image with a given output."""
    return Job(target.input, target.found.files, output, form, target.found.name, target.found.why)


def writable(form: Format) -> Format:
    """The format itself, or PNG for a read-only one."""
    return form if form.writes else next(f for f in FORMATS if f.name == "png")


def name_of(path: Path) -> str:
    """Subfolder of an input in the output folder; empty for a file."""
    if not path.is_dir():
        return ""
    return path.name if path.name not in ("", "..") else resolved(path).name


def below(result: Path, output: Path) -> PurePath:
    """Path of a result relative to the output folder."""
    return result.relative_to(output) if result.is_relative_to(output) and result != output else PurePath(result.name)


def check_apart(results: list[Path], output: Path) -> None:
    """Raise `UsageError` for results that share a path or contain each other."""
    shared = [path for path, count in Counter(results).items() if count > 1]
    if shared:
        raise UsageError(f"Two inputs have the same name, so their results would share {shared[0]}. Work on them one by one.")
    above = {parent for path in results for parent in path.parents}
    if around := sorted(above.intersection(results)):
        raise UsageError(f"A result would lie inside of another, {around[0]}, in {output}. Work on those inputs one by one.")


def resolved(path: Path) -> Path:
    """Absolute path with links resolved; circular links, for which `Path.resolve` raises, are left to the reader."""
    return Path(os.path.realpath(path))
