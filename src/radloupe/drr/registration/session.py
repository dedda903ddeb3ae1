"""Registration session: a CT prepared once, to which X-ray images are registered."""

import time
from collections.abc import Sequence

import numpy as np
from jaxtyping import Shaped

from radloupe.core.errors import InputError
from radloupe.drr.engines.fast import fast_engine
from radloupe.drr.physics.channels import check_ct
from radloupe.drr.physics.hu_to_mu import TISSUE, apply_lookup
from radloupe.drr.registration.camera_motion import Motion
from radloupe.drr.registration.coarse_volumes import beyond_ends, block_means
from radloupe.drr.registration.matching import LEAST_USED, LEVELS, Renders, match
from radloupe.drr.registration.pose_result import PoseResult, to_result
from radloupe.drr.registration.xray_target import check_xray
from radloupe.drr.volume import Volume
from radloupe.imaging.camera import View, volume_centre
from radloupe.imaging.geometry import LPS_TO_RAS
from radloupe.imaging.image import Image


class RegistrationSession:
    """A CT prepared for registration: coarse volumes of attenuation, and the body beyond its ends.

    Args:
        ct: A CT volume in Hounsfield units, `1 z y x`.

    Raises:
        InputError: For what is no CT volume in Hounsfield units.
    """

    def __init__(self, ct: Image) -> None:
        check_ct(ct)
        volume = Volume(apply_lookup(ct.pixels[0], TISSUE), LPS_TO_RAS @ ct.affine)
        coarse = [block_means(volume, level.mm) for level in LEVELS]
        outside = beyond_ends(coarse[0])
        self.renders = Renders(list(map(fast_engine.prepare, coarse)), None if outside is None else fast_engine.prepare(outside))
        self.centre = volume_centre(ct)

    def register(
        self, xrays: Sequence[Shaped[np.ndarray, "c z y x"]], views: Sequence[View], depth_known: bool = True, seed: int = 0
    ) -> PoseResult:
        """The pose of an X-ray image, or of several that were taken of a patient who did not move.

        Args:
            xrays: Pixels of each image, a single plane of any brightness, contrast, gamma and polarity.
            views: Approximately where each was taken from. They are moved together, as one camera.
            depth_known: Whether the distance between source and detector can be trusted.
            seed: Of the further starts that are tried where the first leads nowhere.

        Raises:
            InputError: For images that are too small, coloured or constant, parallel beams, and images that do not show what the CT shows.
        """
        begun, planes = time.perf_counter(), [check_xray(pixels) for pixels in xrays]
        if any(view.source is None for view in views):
            raise InputError("Expected views with a source (cone beams), found a parallel beam. Give `sdd`, the distance to the detector.")
        motion = Motion.of(tuple(views), self.centre)
        found = match(self.renders, planes, views, motion, seed)
        if found.used < LEAST_USED:
            raise InputError(
                f"Expected X-ray images of what the CT shows, found {found.used:.0%} of their pixels behind it. "
                "Start nearer, or give a CT that covers more."
            )
        return to_result(found, motion, tuple(views), depth_known, time.perf_counter() - begun)
