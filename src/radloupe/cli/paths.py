"""Which input becomes which output, in which format."""

from dataclasses import dataclass
from pathlib import Path

from radloupe.errors import InputError, UsageError
from radloupe.formats.table import EXTENSIONS, FORMATS, Format


@dataclass(frozen=True)
class Job:
    """One image to read and the place of its result."""

    input: Path
    output: Path
    form: Format


def outputs(inputs: list[Path], output: Path) -> list[Job]:
    """Pair inputs with outputs: one with the named file, many with files of the same names in the named folder.

    The format is that of the output's extension, else that of the input. Raises `UsageError` when an output would replace its source or
    two inputs would share one output, `InputError` for inputs that cannot be read.
    """
    found = [item for path in inputs for item in expand(path)]
    many = len(found) > 1 or len(inputs) > 1 or found != inputs or (output.is_dir() and not found[0].is_dir())
    jobs = [into_folder(path, output) if many else single(path, output) for path in found]
    if len({job.output for job in jobs}) < len(jobs):
        raise UsageError(f"Two inputs have the same name, so their results would share one file in {output}. Enlarge them one by one.")
    for job in jobs:
        if job.output.resolve() == job.input.resolve():
            raise UsageError(f"The output {job.output} is the source itself, which is never replaced. Choose another output.")
    return jobs


def expand(path: Path) -> list[Path]:
    """A file or a series folder as it is; a folder of other images as its files."""
    from radloupe.formats import detect

    if not path.exists():
        raise InputError(f"There is no file or folder {path}.")
    if not path.is_dir():
        return [path]
    named = tuple(extension for form in FORMATS[1:] for extension in form.extensions)
    images = sorted(p for p in path.iterdir() if p.is_file() and p.name.lower().endswith(named) and detect(p).name != "dicom")
    return images or [path]


def single(path: Path, output: Path) -> Job:
    """One input to the named output, in the format of its extension if it has one that is known."""
    from radloupe.formats import detect, format_for

    return Job(path, output, format_for(output) if output.name.lower().endswith(EXTENSIONS) else writable(detect(path)))


def into_folder(path: Path, folder: Path) -> Job:
    """One of many inputs to a file of its name in a folder."""
    from radloupe.formats import detect

    found = detect(path)
    form = writable(found)
    name = path.name if form is found else path.stem + form.extensions[0]
    return Job(path, folder / name, form)


def writable(form: Format) -> Format:
    """The format itself, or PNG for one that is only read."""
    return form if form.writes else next(f for f in FORMATS if f.name == "png")
