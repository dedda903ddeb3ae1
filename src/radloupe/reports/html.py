"""The Jinja2 templates of the pages; every text is escaped."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


@cache
def environment() -> Environment:
    """The templates of this package, with autoescape on and undefined variables refused."""
    return Environment(loader=PackageLoader("radloupe.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def page_html(**values: Any) -> str:
    """The whole page around sections."""
    return environment().get_template("page.html").render(values)


def part_html(name: str, *values: Any) -> Markup:
    """A part of a page: the macro `name` of `templates/parts.html`."""
    macro: Any = getattr(environment().get_template("parts.html").module, name)
    return Markup(macro(*values))  # noqa: S704  a macro's output is escaped already
