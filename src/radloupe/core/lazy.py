"""Lazy import of a package's public names on first use."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any


def lazy_attribute(package: str, modules: Mapping[str, str], name: str) -> Any:
    """Public attribute of a package, imported from its module in `modules`; raises `AttributeError` for other names."""
    if name not in modules:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    module = import_module(modules[name])
    return module if modules[name] == f"{package}.{name}" else getattr(module, name)  # a public name may be a module itself
