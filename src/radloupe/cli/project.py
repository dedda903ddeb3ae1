"""`radloupe project`."""

import sys
from pathlib import Path
from typing import Any

import typer

from radloupe.cli import console
from radloupe.cli.degrade import assignment
from radloupe.core import files
from radloupe.core.errors import UsageError


def project(
    ct: Path = typer.Argument(help="A CT: DICOM series folder, NIfTI, MetaImage or NRRD."),
    output: Path | None = typer.Option(None, "-o", "--output", help="File, or folder for a series of views."),
    angles: str = typer.Option("0,0,0", help="Primary (+ LAO), secondary (+ cranial) and roll of the C-arm in degrees."),
    view: str | None = typer.Option(None, help="AP, PA, LLAT or RLAT instead of angles."),
    views: str | None = typer.Option(None, help="A series: grid:24 (15 x 15 views all around), grid:20, random:N (within 45 degrees)."),
    beam: str | None = typer.Option(None, help="parallel or cone. Default: cone where a distance is given."),
    sdd: float | None = typer.Option(None, help="Source to detector in mm. Default for a cone: 1020."),
    sid: float | None = typer.Option(None, help="Source to isocentre in mm. Default for a cone: 530."),
    isocentre: str | None = typer.Option(None, help="What the C-arm turns about: X,Y,Z in LPS mm. Default: the volume's middle."),
    size: str = typer.Option("512x512", help="Rows x columns."),
    pixel: float | None = typer.Option(None, help="Pixel pitch on the detector in mm. Default: a CT pixel at the isocentre."),
    lut: str = typer.Option("tissue", help="Attenuation: tissue, deepdrr, plastimatch, nanodrr, or a file of HU,1/mm pairs."),
    tissue: list[str] = typer.Option([], help="How much more opaque: bone=2, lung=0, soft=..., fat=...; can be repeated."),
    kvp: str | None = typer.Option(None, help="A beam of many energies: 40 to 150 kV, or chest, fluoroscopy, rqa5, ..."),
    masks: Path | None = typer.Option(None, help="Labels on the CT's grid; each becomes a channel."),
    kind: str | None = typer.Option(None, help="attenuation, display or counts. Default: display for PNG, DICOM and series."),
    photons: float | None = typer.Option(None, help="Quanta that a pixel absorbs without a patient; makes noise."),
    dose: float | None = typer.Option(None, help="The same by the dose on the detector in uGy: 2.5 in radiography."),
    settings: list[str] = typer.Option([], "--set", help="Of the detector: blur_mm=0.2, scatter=1, electronic=5; can be repeated."),
    window: str | None = typer.Option(None, help="LOW,HIGH line integrals shown black and white. Default: 0 to 99.9 % of all views."),
    polarity: str = typer.Option("radiograph", help="radiograph (bone white) or fluoroscopy (bone dark)."),
    scale: str = typer.Option("log", help="log shows line integrals, linear the X-rays themselves."),
    look: bool = typer.Option(False, help="The look of processed radiographs: flattened and sharpened."),
    bits: int | None = typer.Option(None, help="8 or 16 bits of grey. Default: 16 for DICOM, 8 for others."),
    dicom: str | None = typer.Option(None, help="Kind of DICOM: rt, dx, xa or rf. Default: rt for a cone, dx for parallel beams."),
    extension: str | None = typer.Option(None, "--format", help="Of a series: png, dcm, tif, nii.gz, nrrd, mha. Default: png, or tif."),
    engine: str = typer.Option("fast", help="fast, exact, torch or reference."),
    quality: str = typer.Option("default", help="default, fine or preview."),
    seed: int = typer.Option(0, help="Of random views and of noise."),
    live: bool = typer.Option(False, "--live", help="Open a page on this computer where dragging turns the C-arm."),
    browser: bool = typer.Option(True, "--open/--no-open", help="Whether the live page opens in a browser."),
    overwrite: bool = typer.Option(False, help="Replace outputs that exist."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Compute X-ray pictures from a CT: line integrals, radiographs or photon counts, of one view or many."""
    if live:
        show_live(ct, engine, quality, browser, as_json)
        return
    if output is None:
        raise UsageError("Expected a place for the result. Give -o FILE, -o FOLDER with --views, or --live.")
    inputs = [path for path in (ct, masks, Path(lut)) if path and path.exists()]
    files.check_output(output, overwrite, inputs)
    with console.notes_for_warnings():
        from radloupe.cli import aiming, roll, shots
        from radloupe.drr.view_series import series
        from radloupe.imaging.camera import CArm

        ending = extension or ("png" if kind in (None, "display") else "tif")
        form = aiming.form_of(output, ending if views else None)
        middle = aiming.numbers(isocentre, "--isocentre X,Y,Z in mm", (3,)) if isocentre else None
        limits = aiming.numbers(window, "--window LOW,HIGH", (2,)) if window else None
        asked: dict[str, Any] = {"kind": aiming.kind_of(kind, form), "photons": photons, "dose": dose, "window": limits}
        asked |= {"polarity": polarity, "scale": scale, "look": look, "bits": bits or (16 if form == "dicom" else 8)}
        finish = shots.Finish(form=form, settings=dict(map(assignment, settings)), dicom=dicom, seed=seed, isocentre=middle, **asked)
        poses = series(views, seed) if views else [view or aiming.three_angles(angles)]
        place: dict[str, Any] = {"beam": beam, "sdd": sdd, "sid": sid, "size": aiming.rows_columns(size), "pixel": pixel}
        image = aiming.read_ct(ct)
        aims = [CArm(isocentre=middle, **place).view(pose, image) for pose in poses]
        camera = aiming.camera(image, lut, tissue, kvp, masks, engine, quality)
        camera.line_integrals(roll.coarse(aims[0]))  # compiled code is loaded before the clock starts
        if views:
            made = roll.write_series(camera, aims, finish, output, ending, overwrite, inputs)
        else:
            made = [shots.write_shot(camera, aims[0], 0, finish, output, overwrite, inputs)]
    report([one.row for one in made], roll.mean_ms(made), engine, as_json)


def show_live(path: Path, engine: str, quality: str, browser: bool, as_json: bool) -> None:
    """Serve the live page until Ctrl-C."""
    import webbrowser

    from radloupe.cli.aiming import read_ct
    from radloupe.serve.live import Server, serve
    from radloupe.serve.stage import stage

    with console.notes_for_warnings():
        server = Server(stage(read_ct(path), engine, quality))
    if as_json:
        console.print_json({"address": server.address})
    else:
        typer.echo(f"{server.address}  (Ctrl-C ends it)")
    sys.stdout.flush()  # also when piped: whoever started this waits for the address
    if browser:
        webbrowser.open(server.address)
    serve(server)


def report(rows: list[dict[str, Any]], ms_per_view: float, engine: str, as_json: bool) -> None:
    """The rows as one JSON object, or a line for one picture and a summary for a series."""
    if as_json:
        console.print_json({"outputs": rows, "ms_per_view": ms_per_view, "engine": engine})
    elif len(rows) == 1:
        typer.echo(f"{rows[0]['output']}  {ms_per_view} ms")
    else:
        typer.echo(f"{Path(rows[0]['output']).parent}  {len(rows)} views  {ms_per_view} ms a view")
