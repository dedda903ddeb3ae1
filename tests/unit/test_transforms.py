"""Dictionary transforms inside a real `monai.transforms.Compose`."""

import sys

import numpy as np
import pytest

import radloupe as rl
from radloupe.core.errors import UsageError
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo

AFFINE = np.array([[0.0, 0.7, 0.0, -20.0], [-0.7, 0.0, 0.0, 5.0], [0.0, 0.0, 3.0, 1.0], [0.0, 0.0, 0.0, 1.0]])


@pytest.fixture
def volume(tmp_path):
    """The path of an MR volume of 2 slices of 48 rows and 40 columns, whose x axis runs along the patient's y axis."""
    y, x = np.mgrid[:48, :40]
    plane = 500 + 300 * np.sin(x / 7) * np.cos(y / 9)
    image = Image(np.stack([plane, plane + 50]).astype(np.float32)[None], AFFINE, PixelInfo("arbitrary", "MR"))
    return rl.write(image, tmp_path / "mr.nii.gz")


def test_without_monai_the_extra_is_named(monkeypatch):
    from radloupe import transforms

    for name in ["monai", *(name for name in sys.modules if name.startswith("monai."))]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "radloupe.transforms.dictionary", raising=False)
    with pytest.raises(UsageError, match=r"radloupe\[monai\]"):
        transforms.LoadImaged  # noqa: B018  looked up, which imports it


def test_compose_reads_degrades_and_upscales(volume):
    compose = pytest.importorskip("monai.transforms").Compose
    from monai.transforms import CopyItemsd

    from radloupe.transforms import Degraded, LoadImaged, Upscaled, to_image

    chain = compose(
        [
            LoadImaged("image"),
            CopyItemsd("image", names="low"),
            Degraded("low", "kspace-centred", scale=2),
            Upscaled("low", model="mri-x2"),
        ]
    )
    done = chain({"image": str(volume)})
    image, large = rl.read(volume), rl.upscale(rl.degrade(rl.read(volume), "kspace-centred", 2), "mri-x2")
    assert done["image"].shape == (1, 40, 48, 2)  # c x y z
    np.testing.assert_array_equal(done["image"].affine, image.affine)
    result = to_image(done["low"])
    np.testing.assert_array_equal(result.pixels, large.pixels)
    np.testing.assert_array_equal(result.affine, large.affine)
    assert (result.info, result.history) == (large.info, large.history)
    assert result.facts["model"] == "mri-x2"


def test_random_presets_follow_the_random_state_and_batches_collate(volume):
    compose = pytest.importorskip("monai.transforms").Compose
    from monai.data import list_data_collate

    from radloupe.transforms import Degraded, LoadImaged

    def drawn(seed):
        chain = compose([LoadImaged("image"), Degraded("image", "bsrgan", scale=2)]).set_random_state(seed)
        return [chain({"image": volume}) for _ in range(2)]

    first, second = drawn(1)
    assert not np.array_equal(first["image"], second["image"])  # new parameters for every image
    np.testing.assert_array_equal(first["image"], drawn(1)[0]["image"])
    assert list_data_collate([first, second])["image"].shape == (2, 1, 20, 24, 2)


def test_a_foreign_tensor_has_arbitrary_units():
    data = pytest.importorskip("monai.data")
    import torch

    from radloupe.transforms import to_image

    image = to_image(data.MetaTensor(torch.zeros(1, 5, 4, 3), affine=torch.diag(torch.tensor([0.5, 0.6, 2.0, 1.0]))))
    assert image.shape == (3, 4, 5)
    np.testing.assert_allclose(image.spacing, (0.5, 0.6, 2.0), rtol=1e-6)  # the affine is float32 in the tensor
    assert image.info == PixelInfo()
