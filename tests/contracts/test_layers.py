"""Imports point one way; the package imports fast and never needs torchvision."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "radloupe"
LAYERS = [  # each imports only what stands above it; rooms of one line never import each other
    {"errors", "limits", "files", "seeds", "settings", "tables"},
    {"camera", "geometry", "image", "intensity", "kernels", "projected"},
    {"formats", "degradation", "drr", "nets", "losses", "metrics", "pages"},
    {"data", "infer", "zoo"},
    {"train", "evaluate"},
    {"recipes"},
    {"api"},
    {"serve", "scale"},
    {"cli"},
]
LEVEL = {room: number for number, rooms in enumerate(LAYERS) for room in rooms}
FRIENDS = {0, 1}  # the ground and the values are one room each


def rooms_of(path):
    """The rooms that a file imports, with the line of each."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] if node.module != "radloupe" else [f"radloupe.{a.name}" for a in node.names]
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "radloupe" and len(parts) > 1 and parts[1] in LEVEL:
                yield parts[1], node.lineno


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_point_one_way(path):
    own = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    if own == "__init__":
        return  # the public names are looked up on use
    for room, line in rooms_of(path):
        allowed = room == own or LEVEL[room] < LEVEL[own] or (LEVEL[room] == LEVEL[own] and LEVEL[own] in FRIENDS)
        assert allowed, f"{path.relative_to(SOURCE)}:{line}: {own} must not import {room}"


def test_every_room_has_a_level():
    rooms = {p.name.removesuffix(".py") for p in SOURCE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert rooms - {"__init__"} <= LEVEL.keys()


def test_torchvision_is_absent():
    assert importlib.util.find_spec("torchvision") is None, "torchvision breaks torchmetrics and lightning where it cannot load"


def modules_after(code):
    """The names of the modules that a fresh interpreter holds after some code."""
    done = subprocess.run([sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_import_is_light():
    # What costs time is what gets imported: torch alone takes 1.5 s, numpy 0.1 s.
    assert not modules_after("import radloupe") & {"torch", "numpy", "pydicom", "SimpleITK", "scipy"}


def test_help_is_light():
    heavy = {"torch", "pydicom", "SimpleITK", "scipy", "highdicom", "nibabel", "PIL"}
    assert not modules_after("import radloupe.cli.main") & heavy
