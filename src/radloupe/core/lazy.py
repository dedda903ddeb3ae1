"""Public names of a package that are imported when first used, so that importing the package costs nothing."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any


def lazy_attribute(package: str, modules: Mapping[str, str], name: str) -> Any:
    """The public `name` of a package from the module that `modules` says it lives in; raises `AttributeError` for any other name."""
    if name not in modules:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    module = import_module(modules[name])
    return module if modules[name] == f"{package}.{name}" else getattr(module, name)  # a public name may be a module itself
