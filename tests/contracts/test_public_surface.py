"""The names that users import: all there, typed, documented, and cheap until they are used."""

import ast
import inspect
import re
import subprocess
import sys
import typing
from pathlib import Path

import pytest

import radloupe as rl

SOURCE = Path(rl.__file__).parent
FUNCTIONS = (
    "audit",
    "degrade",
    "evaluate",
    "list_models",
    "load_model",
    "measure",
    "project",
    "read",
    "register",
    "train",
    "upscale",
    "write",
)
PROMISED = {*FUNCTIONS, "Image", "Limits", "models"}


def test_dir_lists_the_promised_names():
    assert set(dir(rl)) == PROMISED | {"__version__"}
    assert {name for name in dir(rl) if callable(getattr(rl, name))} == PROMISED


def test_looking_at_the_names_imports_nothing():
    code = "import radloupe, sys; dir(radloupe); print(*({'numpy', 'torch', 'typer'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_public_functions_are_typed_and_have_an_example(name):
    function = inspect.unwrap(getattr(rl, name))
    parameters = inspect.signature(function).parameters.values()
    assert all(one.annotation is not inspect.Parameter.empty for one in parameters)
    assert "return" in typing.get_type_hints(function)
    assert ">>> " in inspect.getdoc(function)


ROOMS = {
    "networks": "EDSR RCAN SwinIR TTSR AIDSRGAN Network create_network list_networks",
    "losses": "FourierLoss PerceptualLoss SSIMLoss functional",
    "metrics": "psnr ssim ms_ssim lpips frc_cutoff Protocol",
    "degradation": "KSpaceCrop GaussianBlur Rician JPEG Compose bsrgan",
    "drr": "CArm Projector Detector Spectrum project project_batch",
    "inference": "TiledInferer",
    "transforms": "Degraded LoadImaged Upscaled",
}
"""The names that PyTorch users import from the rooms."""


@pytest.mark.parametrize(("room", "name"), [(room, name) for room, names in ROOMS.items() for name in names.split()])
def test_public_names_of_rooms_are_listed_and_have_an_example(room, name):
    package = pytest.importorskip(f"radloupe.{room}")  # transforms need MONAI
    assert name in dir(package)
    assert ">>> " in inspect.getdoc(getattr(package, name))


def test_models_is_the_earlier_name_of_list_models():
    assert rl.models is rl.list_models


def test_the_public_name_of_the_pixel_info_is_meaning():
    import numpy as np

    image = rl.Image(np.zeros((1, 1, 2, 3)))
    assert image.meaning is image.info


def raised(path):
    """The texts of the exceptions that a module raises, with their line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Raise) and node.exc is not None:
            for part in ast.walk(node.exc):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value, part.lineno


@pytest.mark.parametrize("path", sorted(p for p in SOURCE.rglob("*.py") if "cli" not in p.parts), ids=lambda p: str(p.relative_to(SOURCE)))
def test_errors_of_the_library_name_no_flag(path):
    # Python callers have no flags: an option stands in backticks, and `cli.options.as_flags` writes it as a flag.
    flags = [(line, text) for text, line in raised(path) if re.search(r"(?<![\w-])--[a-z]", text)]
    assert not flags
