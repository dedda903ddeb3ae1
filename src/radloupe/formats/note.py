"""A note of the modality and unit of an image, for the formats that have no field for it: written as free text, and used on reading."""

import json
import re
from typing import Any, get_args

from radloupe.imaging.modality import Modality
from radloupe.imaging.pixel_info import PixelInfo, Unit

NAME = "radloupe"
NOTE = re.compile(NAME + r"\W+(\{[^{}]*\})")
"""The name, whatever the format puts behind a name (`: `, `:=`), and an object of JSON."""


def note(info: PixelInfo) -> dict[str, str]:
    """The modality and unit of an image.

    >>> note(PixelInfo("HU", "CT"))
    {'modality': 'CT', 'unit': 'HU'}
    """
    return {"modality": info.modality, "unit": info.unit}


def text(info: PixelInfo) -> str:
    """The note as one line of text.

    >>> text(PixelInfo("HU", "CT"))
    'radloupe {"modality": "CT", "unit": "HU"}'
    """
    return f"{NAME} {json.dumps(note(info))}"


def noted(comment: str, otherwise: PixelInfo) -> PixelInfo:
    """The pixel info by the note in a comment, stored as in `otherwise`; that itself where there is no note, or none that says anything.

    >>> noted('NRRD0004 radloupe:={"modality": "MR", "unit": "arbitrary"}', PixelInfo("HU", "CT")).modality
    'MR'
    """
    found = NOTE.search(comment)
    try:
        fields = json.loads(found[1]) if found else {}
    except ValueError:
        fields = {}
    modality: Any = fields.get("modality")
    unit: Any = fields.get("unit")
    unknown = (modality, unit) == ("other", "arbitrary")
    if unknown or modality not in get_args(Modality) or unit not in get_args(Unit):
        return otherwise
    return PixelInfo(unit, modality, otherwise.inverted, otherwise.storage)
