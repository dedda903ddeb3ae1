"""`radloupe convert` on files that are damaged or mean harm: nothing in them runs, one paragraph, nothing left behind."""

import io
import os
import pickle
import zipfile

import numpy as np
import pytest
import torch

from radloupe.core.errors import WeightsError
from radloupe.networks.checkpoints import foreign
from radloupe.networks.facts import skeleton
from radloupe.networks.registry import NETWORKS


def saved(held, **options):
    target = io.BytesIO()
    torch.save(held, target, **options)
    return target.getvalue()


@pytest.fixture(scope="module")
def good():
    """A file that would be taken; every tensor is one number, so it is small."""
    shapes = {key: value.shape for key, value in skeleton(NETWORKS["psrgan"], 4).state_dict().items()}
    return saved({key: torch.tensor(0.5).expand(shape) for key, shape in shapes.items()})


@pytest.fixture
def refused(radloupe, tmp_path):
    """See that a file, or what `make` leaves at its path, is refused."""

    def run(make, code=5, name="in.pth"):
        source = tmp_path / name
        make(source) if callable(make) else source.write_bytes(make)
        before = sorted(tmp_path.rglob("*"))
        found, out, err = radloupe("convert", source, "--network", "psrgan", "--scale", 4, "-o", tmp_path / "model")
        assert (found, out) == (code, "")
        assert "Traceback" not in err
        assert err.strip()
        assert sorted(tmp_path.rglob("*")) == before

    return run


class Harm:
    """Makes a file when it is unpickled without care."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.mark.parametrize("wrap", [lambda harm: harm, lambda harm: {"state_dict": {"head.weight": torch.zeros(1)}, "args": harm}])
@pytest.mark.parametrize("form", ["torch", "old", "pickle"])
def test_code_in_a_pickle_does_not_run(refused, wrap, form, tmp_path):
    mark = tmp_path / "harm.txt"
    held = wrap(Harm(mark))
    refused(pickle.dumps(held) if form == "pickle" else saved(held, _use_new_zipfile_serialization=form == "torch"))
    assert not mark.exists()


def test_a_whole_module_is_not_unpickled(refused):
    refused(saved(torch.nn.Linear(1, 1)))


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_ends_early_is_refused(refused, good, share):
    refused(good[: int(share * len(good))])


@pytest.mark.parametrize("seed", range(25))
def test_flipped_bytes_never_end_in_a_bug(radloupe, good, tmp_path, seed):
    random = np.random.default_rng(seed)
    data = bytearray(good)
    pickled = data.index(b"head.weight") - 200 if b"head.weight" in data else 0
    for place in random.integers(pickled, pickled + 4000, 3):  # in the pickle, where damage is not mere numbers
        data[place] = random.integers(256)
    (tmp_path / "in.pth").write_bytes(data)
    code, _, err = radloupe("convert", tmp_path / "in.pth", "--network", "psrgan", "--scale", 4, "-o", tmp_path / "model")
    assert code in (0, 5), err
    assert "Traceback" not in err


@pytest.mark.parametrize("seed", range(10))
def test_a_flipped_bit_of_a_tensor_is_refused(refused, seed):
    # PyTorch reads such a file without a word, as the archive's checksums are not looked at
    data = bytearray(saved({key: torch.rand(value.shape) for key, value in skeleton(NETWORKS["psrgan"], 4).state_dict().items()}))
    place = int(np.random.default_rng(seed).integers(len(data) // 4, 3 * len(data) // 4))  # far from the pickle at the front
    data[place] ^= 1
    refused(bytes(data))


@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"{}", b"<html>not found</html>", b"version https://git-lfs.github.com/spec/v1\n"])
@pytest.mark.parametrize("name", ["in.pth", "in.pt", "in.safetensors"])
def test_something_else_is_refused(refused, data, name):
    refused(data, name=name)


def test_paths_that_hold_no_file_are_refused(refused):
    refused(lambda path: path.mkdir())
    refused(lambda path: None, 2, "nowhere.pth")
    refused(lambda path: path.mkdir(), name="in.safetensors")


def test_a_zip_of_nothing_and_a_huge_declared_shape_are_refused(refused):
    def empty(path):
        zipfile.ZipFile(path, "w").close()

    def header(path):
        text = b'{"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}'
        path.write_bytes(len(text).to_bytes(8, "little") + text)

    refused(empty)
    refused(header, name="in.safetensors")


def test_containers_that_hold_themselves_come_to_an_end(refused):
    ring = {}
    ring["model"] = ring
    refused(saved(ring))
    refused(saved([torch.zeros(1)]))
    refused(saved(torch.zeros(1)))
    refused(saved({1: torch.zeros(1), ("a", 2): torch.zeros(1)}))


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_refused_at_once(make, tmp_path):
    make(tmp_path / "net.pth")
    with pytest.raises(WeightsError, match="something else"):
        foreign.read(tmp_path / "net.pth")
