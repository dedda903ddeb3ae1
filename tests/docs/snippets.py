"""Runs the fenced `python` and `bash` blocks of a document, in their order, in the present folder and one namespace."""

import re
import shlex
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from sybil import Sybil
from sybil.parsers.markdown import CodeBlockParser


def run_document(path, root):
    """Run every block of a document; gives how many there were. A failure names file and line."""
    document = Sybil([CodeBlockParser("python", run_python), CodeBlockParser("bash", run_bash)], path=str(root)).parse(Path(path))
    examples = list(document.examples())
    for example in examples:
        with warnings_shown():
            example.evaluate()
    return len(examples)


@contextmanager
def warnings_shown():
    """Warnings are printed, as they are for a reader, and end no test."""
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        yield


def run_python(example):
    """Execute a block in the document's namespace, at its line of the file, so that a traceback points into the document.

    A block that begins with a comment of nothing but a file's name is a file that the reader saves: it is written.
    """
    if file := re.match(r"# (\w+\.py)\n", example.parsed):
        Path(file[1]).write_text(example.parsed)
        return
    source = "\n" * (example.line + example.parsed.line_offset) + example.parsed
    exec(compile(source, example.path, "exec", dont_inherit=True), example.namespace)


def run_bash(example):
    """Run the commands of a block, each a line that begins with `radloupe`, in this process: starting one takes seconds."""
    for line in example.parsed.replace("\\\n", " ").splitlines():
        words = [name for word in shlex.split(line, comments=True) for name in expanded(word)]
        if words:
            assert words[0] == "radloupe", f"{example.path}:{example.line}: a `bash` block holds commands of radloupe only, found {line!r}"
            code = exit_code(words)
            assert code == 0, f"{example.path}:{example.line}: exit code {code} from {line!r}"


def expanded(word):
    """The files that a pattern matches, as a shell would name them; any other word as it is."""
    return sorted(map(str, Path().glob(word))) if "*" in word else [word]


def exit_code(words):
    """What the command line leaves with."""
    from radloupe.cli.main import main  # here: annotations are only checked in what is imported after the test run has begun

    with mock.patch.object(sys, "argv", list(words)):
        try:
            main()
        except SystemExit as end:
            return end.code or 0
    return 0
