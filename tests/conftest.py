"""What tests of several folders share."""

import os
import sys

import pytest

os.environ["RADLOUPE_CACHE"] = ""  # tests leave nothing in the home of whoever runs them


@pytest.fixture
def radloupe(monkeypatch, capsys):
    """Run a command line; gives exit code, standard output and standard error."""
    from radloupe.cli.main import main  # here: annotations are only checked in what is imported after the test run has begun

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["radloupe", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code or 0, *capsys.readouterr()

    return run
