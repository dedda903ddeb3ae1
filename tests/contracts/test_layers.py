"""Imports point one way; the package imports fast and never needs torchvision."""

import ast
import importlib.util
import re
import subprocess
import sys
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "radloupe"
LAYERS = [  # each imports only what stands above it; rooms of one line never import each other
    {"core"},
    {"imaging"},
    {"formats", "degradation", "drr", "networks", "losses", "metrics", "reports"},
    {"data", "inference", "zoo"},
    {"training", "evaluation"},
    {"papers"},
    {"pipelines"},
    {"serve", "scale", "transforms"},
    {"cli"},
]
LEVEL = {room: number for number, rooms in enumerate(LAYERS) for room in rooms}
MODULES = {".".join(("radloupe", *p.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__"): p for p in SOURCE.rglob("*.py")}
REFERENCE = re.compile(r"(radloupe(?:\.\w+)+):\w+")  # a row of a table: "module:attribute"
SHARED_NAMES = {"__init__", "recipe", "table", "dataset", "printed"}  # one of each in the room of every paper
DOORS = {"cli", "pipelines"}  # a command, its pipeline and its room may share the field's word for it


def references(path):
    """The modules that a file imports, or names in the strings of a table, with the line of each."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "radloupe":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module, node.lineno
        elif isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and (found := REFERENCE.fullmatch(node.value)):
            yield found[1], node.lineno


def room_of(module):
    """The room that a module lies in; empty for the package itself."""
    return (*module.split("."), "")[1]


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda p: str(p.relative_to(SOURCE)))
def test_imports_and_table_rows_point_in_one_direction(path):
    own = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    if own == "__init__":
        return  # the public names are looked up on use
    for module, line in references(path):
        assert module in MODULES, f"{path.relative_to(SOURCE)}:{line}: there is no {module}"
        room = room_of(module)
        allowed = not room or room == own or LEVEL[room] < LEVEL[own]
        assert allowed, f"{path.relative_to(SOURCE)}:{line}: {own} must not import {room}"


def test_every_room_has_a_level():
    rooms = {p.name.removesuffix(".py") for p in SOURCE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert rooms - {"__init__"} <= LEVEL.keys()


def test_no_modules_import_each_other_in_a_circle():
    graph = {name: {module for module, _ in references(path) if module != name} for name, path in MODULES.items() if name != "radloupe"}
    TopologicalSorter(graph).prepare()  # raises CycleError that names the circle


def test_a_module_name_occurs_once():
    homes = defaultdict(set)
    for name in (name for name, path in MODULES.items() if path.stem != "__init__"):
        homes[name.rsplit(".", 1)[-1]].add(name)
    again = {leaf: sorted(names) for leaf, names in homes.items() if leaf not in SHARED_NAMES and len({*names} - doors(names)) > 1}
    assert not again


def doors(names):
    """Those of several modules of one name that only translate for another."""
    return {name for name in names if room_of(name) in DOORS}


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
