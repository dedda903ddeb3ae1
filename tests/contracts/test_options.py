"""Options are declared once: Python and the command line have the same names, defaults, choices and words for them."""

import sys
from dataclasses import fields
from importlib import import_module
from inspect import signature

import pytest
from typer.models import OptionInfo

import radloupe as rl
from radloupe.cli.options import listing
from radloupe.core.keywords import REQUIRED
from radloupe.drr.project_options import ProjectOptions
from radloupe.evaluation.evaluate_options import EvaluateOptions
from radloupe.inference.options import UpscaleOptions
from radloupe.papers.runner.reproduce_options import ReproduceOptions
from radloupe.training.run_options import TrainOptions

JOBS = {
    "upscale": (UpscaleOptions, rl.upscale),
    "project": (ProjectOptions, rl.project),
    "train": (TrainOptions, rl.train),
    "evaluate": (EvaluateOptions, rl.evaluate),
    "reproduce": (ReproduceOptions, None),
}
"""The class that declares the options of a command, and the Python function of the same job."""
OTHER_FLAGS = {"tissues": "tissue", "detector": "set", "spectrum": "kvp"}
"""Fields whose flag is not their name: given again and again, they are in the singular; a detector is set value by value."""


def declared(kind):
    """The fields that callers may set; those without a help are for measurements alone."""
    return [one for one in fields(kind) if "help" in one.metadata]


def flags_of(command):
    """The typer options of a command by their flag without dashes."""
    __tracebackhide__ = True
    function = getattr(import_module(f"radloupe.cli.{command}"), command)
    found = {}
    for name, parameter in signature(function).parameters.items():
        if isinstance(parameter.default, OptionInfo):
            long = [flag for flag in parameter.default.param_decls or () if flag.startswith("--")]
            found[(long or [f"--{name}"])[0].removeprefix("--").replace("-", "_")] = parameter.default
    return found


@pytest.mark.parametrize("job", JOBS)
def test_every_option_has_its_flag(job):
    flags = flags_of(job)
    assert {OTHER_FLAGS.get(one.name, one.name) for one in declared(JOBS[job][0])} <= flags.keys()


@pytest.mark.parametrize("job", JOBS)
def test_flags_have_the_words_and_choices_of_the_option(job):
    flags = flags_of(job)
    for one in declared(JOBS[job][0]):
        if one.metadata["choices"]:
            assert flags[OTHER_FLAGS.get(one.name, one.name)].help == listing(one.metadata["help"], one.metadata["choices"])


@pytest.mark.parametrize("job", [job for job, (_, function) in JOBS.items() if function])
def test_python_has_every_option_with_its_default(job):
    kind, function = JOBS[job]
    parameters = signature(function).parameters
    for one in declared(kind):
        default = parameters[one.name].default
        assert default is parameters[one.name].empty if one.default is REQUIRED else str(default) == str(one.default)  # a level is a number


@pytest.mark.parametrize("job", JOBS)
def test_declaring_options_imports_no_torch(job):
    import subprocess

    code = f"import {JOBS[job][0].__module__}, sys; print(*({{'torch', 'scipy', 'pydicom'}} & {{*sys.modules}}))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == ""
