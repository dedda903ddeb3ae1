"""Jinja2 templates of the reports; every text is escaped."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup


@cache
def environment() -> Environment:
    """Jinja2 environment of this package's templates, with autoescape and strict undefined variables."""
    return Environment(loader=PackageLoader("radloupe.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def page_html(**values: Any) -> str:
    """The whole page around sections."""
    return environment().get_template("page.html").render(values)


def part_html(name: str, *values: Any) -> Markup:
    """HTML of a part of a page, rendered by the macro `name` of `templates/parts.html`."""
    macro: Any = getattr(environment().get_template("parts.html").module, name)
    return Markup(macro(*values))  # noqa: S704  a macro's output is escaped already
