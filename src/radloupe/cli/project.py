"""`radloupe project`."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from radloupe.cli import console, projection_args
from radloupe.cli.options import MODALITY, declared
from radloupe.core.errors import UsageError
from radloupe.drr.project_options import ProjectOptions

if TYPE_CHECKING:
    from radloupe.pipelines.project import Written

RENAMED = "--scale of the intensity is now --intensity-scale; the old name goes with the next release."


def project(
    ct: Path = typer.Argument(help="A CT: DICOM series folder, NIfTI, MetaImage or NRRD."),
    output: Path | None = typer.Option(None, "-o", "--output", help="File, or folder for a series of views."),
    modality: str | None = MODALITY,
    angles: str = declared(ProjectOptions, "angles", text="0,0,0"),
    view: str | None = typer.Option(None, help="AP, PA, LLAT or RLAT instead of angles, or the JSON file of a view."),
    views: str | None = declared(ProjectOptions, "views"),
    beam: str | None = declared(ProjectOptions, "beam"),
    sdd: float | None = declared(ProjectOptions, "sdd"),
    sid: float | None = declared(ProjectOptions, "sid"),
    isocentre: str | None = declared(ProjectOptions, "isocentre"),
    size: str = declared(ProjectOptions, "size", text="512x512"),
    pixel: float | None = declared(ProjectOptions, "pixel"),
    offset: str | None = declared(ProjectOptions, "offset", text=""),
    mirror: bool = declared(ProjectOptions, "mirror"),
    lut: str = declared(ProjectOptions, "lut"),
    tissues: list[str] = typer.Option([], "--tissue", help="Factor of attenuation: bone=2, lung=0, soft=..., fat=...; can be repeated."),
    spectrum: str | None = declared(ProjectOptions, "spectrum", "--kvp"),
    masks: Path | None = declared(ProjectOptions, "masks"),
    kind: str | None = declared(ProjectOptions, "kind"),
    photons: float | None = declared(ProjectOptions, "photons"),
    dose: float | None = declared(ProjectOptions, "dose"),
    settings: list[str] = typer.Option([], "--set", help="Detector setting: blur_mm=0.2, scatter=1, electronic=5; can be repeated."),
    seed: int = declared(ProjectOptions, "seed"),
    window: str | None = declared(ProjectOptions, "window"),
    polarity: str = declared(ProjectOptions, "polarity"),
    intensity_scale: str = declared(ProjectOptions, "intensity_scale"),
    scale: str | None = typer.Option(None, hidden=True, help=RENAMED),
    look: bool = declared(ProjectOptions, "look"),
    bits: int | None = declared(ProjectOptions, "bits"),
    dicom: str | None = declared(ProjectOptions, "dicom"),
    extension: str | None = typer.Option(None, "--format", help="Of a series: png, dcm, tif, nii.gz, nrrd, mha. Default: png or tif."),
    engine: str = declared(ProjectOptions, "engine"),
    quality: str = declared(ProjectOptions, "quality"),
    live: bool = typer.Option(False, "--live", help="Open a page on this computer where dragging turns the C-arm."),
    browser: bool = typer.Option(True, "--open/--no-open", help="Whether the live page opens in a browser."),
    overwrite: bool = typer.Option(False, help="Replace outputs that exist."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Compute digitally reconstructed radiographs (DRRs) from a CT: line integrals, radiographs or photon counts, of one view or many."""
    if live:
        show_live(ct, modality, engine, quality, browser, as_json)
        return
    if output is None:
        raise UsageError("Expected an output. Give -o FILE, -o FOLDER with --views, or --live.")
    if scale is not None:
        console.note(RENAMED)
    detector = projection_args.detector(settings, photons)
    stored = projection_args.stored_view(view)
    options = ProjectOptions(
        stored or views,
        angles="PA" if stored else view or projection_args.three_angles(angles),
        beam=beam,
        sdd=sdd,
        sid=sid,
        isocentre=projection_args.numbers(isocentre, "--isocentre X,Y,Z in mm", (3,)) if isocentre else None,
        size=projection_args.rows_columns(size),
        pixel=pixel,
        offset=projection_args.pair(offset, "--offset DOWN,RIGHT in mm") if offset else (0.0, 0.0),
        mirror=mirror,
        lut=lut,
        tissues=projection_args.tissue_factors(tissues),
        spectrum=projection_args.beam(spectrum),
        kind=kind,
        photons=None if detector else photons,
        dose=dose,
        detector=detector,
        seed=seed,
        window=projection_args.pair(window, "--window LOW,HIGH") if window else None,
        polarity=polarity,
        intensity_scale=intensity_scale if scale is None else scale,
        look=look,
        bits=bits,
        dicom=dicom,
        engine=engine,
        quality=quality,
    )
    with console.notes_for_warnings():
        from radloupe.pipelines.project import mean_ms, prepare_files

        work = prepare_files(ct, output, options, masks=masks, extension=extension, modality=modality, overwrite=overwrite)
        with console.progress(output.name, len(work.projection.views)) as tick:
            written = work.write(tick)
    report(written, mean_ms(written), engine, as_json)


def show_live(path: Path, modality: str | None, engine: str, quality: str, browser: bool, as_json: bool) -> None:
    """Serve the live page until Ctrl-C."""
    import webbrowser

    from radloupe.pipelines.project import read_ct
    from radloupe.serve.live import Server, serve
    from radloupe.serve.stage import stage

    with console.notes_for_warnings():
        server = Server(stage(read_ct(path, modality), engine, quality))
    if as_json:
        console.print_json({"address": server.address})
    else:
        typer.echo(f"{server.address}  (Ctrl-C ends it)")
    sys.stdout.flush()  # also when piped: the caller waits for the address
    if browser:
        webbrowser.open(server.address)
    serve(server)


def report(written: Sequence["Written"], ms_per_view: float, engine: str, as_json: bool) -> None:
    """Print the rows as one JSON object, or as a line for one image or a summary for a series."""
    rows: list[dict[str, Any]] = [one.row for one in written]
    if as_json:
        console.print_json({"outputs": rows, "ms_per_view": ms_per_view, "engine": engine})
    elif len(rows) == 1:
        typer.echo(f"{rows[0]['output']}  {ms_per_view} ms")
    else:
        typer.echo(f"{Path(rows[0]['output']).parent}  {len(rows)} views  {ms_per_view} ms a view")
