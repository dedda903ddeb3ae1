"""Every command that any document shows exists, with the options that it is given; blocks marked `bash` run in `test_snippets.py`, too."""

import re
import shlex
from pathlib import Path

import pytest
import typer

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(page):
    """The words after `radloupe` of each line in a page's blocks that begins with it, as far as the next program."""
    for block in FENCE.findall(page.read_text(encoding="utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            for part in re.split(r"&&|\||;", line):
                words = shlex.split(part, comments=True)
                if words[:1] == ["radloupe"]:
                    yield words[1:]


@pytest.mark.parametrize(
    "page", [p for p in PAGES if "generated" not in p.parts and list(commands(p))], ids=lambda p: str(p.relative_to(ROOT))
)
def test_commands_and_options_exist(page):
    from radloupe.cli.main import app

    known = {
        name: {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        for name, command in typer.main.get_command(app).commands.items()
    }
    for name, *words in commands(page):
        if name.isupper():
            continue  # `radloupe COMMAND --help`
        assert name in known, f"no command {name}"
        unknown = {word for word in words if re.match(r"--?[a-z]", word)} - known[name] - {"--help", "--debug"}
        assert not unknown, f"radloupe {name} has no {unknown}"
