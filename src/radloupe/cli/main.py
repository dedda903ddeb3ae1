"""`radloupe`: one command per file, errors as one paragraph and an exit code."""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

import typer

from radloupe import __version__
from radloupe.cli import (
    audit,
    calibrate,
    console,
    convert,
    dataset,
    degrade,
    demo,
    evaluate,
    export,
    info,
    inspect,
    measure,
    models,
    networks,
    project,
    publish,
    recipes,
    register,
    reproduce,
    train,
    upscale,
)

ABOUT = "Make medical images sharper and say how far to trust the result. Research software, not a medical device."
COMMANDS: tuple[Callable[..., Any], ...] = (
    upscale.upscale,
    info.info,
    inspect.inspect,
    models.models,
    networks.networks,
    degrade.degrade,
    project.project,
    dataset.dataset,
    recipes.recipes,
    train.train,
    publish.publish,
    calibrate.calibrate,
    convert.convert,
    export.export,
    measure.measure,
    evaluate.evaluate,
    audit.audit,
    reproduce.reproduce,
    register.register,
    demo.demo,
)

app = typer.Typer(help=ABOUT, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
for command in COMMANDS:
    app.command()(command)


def show_version(asked: bool) -> bool:
    """Print the version and exit."""
    if asked:
        typer.echo(__version__)
        raise typer.Exit
    return asked


@app.callback(epilog="Add --debug anywhere to see a traceback.")
def options(version: bool = typer.Option(False, "--version", callback=show_version, is_eager=True, help="Print the version.")) -> None:
    """Options before the command."""


def main() -> None:
    """Run the command line and exit with the code of an error."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # unwinds the stack, so that no partial file remains
    debug = "--debug" in sys.argv
    sys.argv = [argument for argument in sys.argv if argument != "--debug"]
    try:
        app()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader of a pipe has gone: no error at exit
        sys.exit(0)
    except Exception as error:
        if debug:
            traceback.print_exc()
        known = console.known(error)
        console.note(str(known))
        sys.exit(known.exit_code)
