"""The public names of `radloupe.drr`, and the options that `project` takes as keywords."""

import inspect
import subprocess
import sys
from dataclasses import fields

import pytest

import radloupe as rl
from radloupe import drr
from radloupe.core.errors import UsageError
from radloupe.drr import ProjectOptions


def test_public_names_can_be_imported_and_are_described():
    assert {"CArm", "Projector", "Detector", "Spectrum", "project", "project_batch"} <= set(dir(drr))
    for name in drr.__all__:
        assert len(inspect.getdoc(getattr(drr, name))) > 40, name  # a sentence
    assert rl.project is drr.project
    with pytest.raises(AttributeError, match="no attribute 'projekt'"):
        drr.projekt  # noqa: B018


def test_the_room_is_imported_without_compiler_and_pytorch():
    code = "import radloupe.drr, sys; print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"numba", "torch", "numpy"} & set(names)


def test_project_takes_the_fields_of_its_options():
    ct, *found = inspect.signature(rl.project).parameters.values()
    assert ct.name == "ct"
    assert [(one.name, one.default) for one in found] == [(one.name, one.default) for one in fields(ProjectOptions)]
    with pytest.raises(TypeError, match="angel"):
        rl.project(None, angel=3)


@pytest.mark.parametrize("name", [one.name for one in fields(ProjectOptions) if one.metadata["choices"]])
def test_values_beside_the_choices_are_refused_with_all_of_them(name):
    choices = next(one.metadata["choices"] for one in fields(ProjectOptions) if one.name == name)
    with pytest.raises(UsageError, match=", ".join(choices)):
        ProjectOptions(**{name: "?"})
