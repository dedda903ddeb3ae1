"""Compiled networks are kept: in the process, on the disk, and only while they are the network's."""

import numpy as np
import pytest
import torch

from radloupe.core.user_cache import user_cache

openvino = pytest.importorskip("openvino")
from radloupe.inference import compiled_network  # noqa: E402  it needs OpenVINO
from radloupe.inference.compiled_network import COMPILED, compiled, fingerprint  # noqa: E402

LOW = torch.rand(1, 1, 12, 10)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return torch.nn.Conv2d(1, 2, 3, padding=1).eval()


@pytest.fixture
def conversions(monkeypatch, tmp_path):
    """A cache of its own, an empty memory, and a count of conversions."""
    monkeypatch.setenv("RADLOUPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(compiled_network, "COMPILED", {})
    done, convert = [], openvino.convert_model
    monkeypatch.setattr(openvino, "convert_model", lambda *args, **kwargs: (done.append(1), convert(*args, **kwargs))[1])
    return done


def agrees(network):
    with torch.inference_mode():
        return np.allclose(compiled(network, (LOW,))(LOW.numpy()), network(LOW).numpy(), atol=1e-5)  # float32 sums of nine products


def test_a_network_is_converted_once(network, conversions, monkeypatch):
    assert agrees(network)
    assert agrees(network)
    assert len(conversions) == 1
    monkeypatch.setattr(compiled_network, "COMPILED", {})  # as in another process
    assert agrees(network)
    assert len(conversions) == 1


def test_other_weights_are_another_network(network, conversions):
    assert agrees(network)
    with torch.no_grad():
        network.weight += 0.5
    assert agrees(network)
    assert len(conversions) == 2


def test_a_damaged_file_is_replaced(network, conversions, monkeypatch, tmp_path):
    assert agrees(network)
    (path,) = (tmp_path / "cache").rglob("*.xml")
    for damage in (b"", b"<net", path.read_bytes()[: path.stat().st_size // 2]):
        path.write_bytes(damage)
        monkeypatch.setattr(compiled_network, "COMPILED", {})
        assert agrees(network)
    assert len(conversions) == 4


def test_plain_settings_count(network):
    before = fingerprint(network, [1])
    network.level = 0.5  # such as a noise level that a wrapper holds
    assert fingerprint(network, [1]) != before
    assert fingerprint(network, [3]) != fingerprint(network, [1])


def test_a_cache_folder_that_cannot_be_written_is_not_used(network, conversions, monkeypatch, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    for place in ("", str(blocked / "inside")):
        monkeypatch.setenv("RADLOUPE_CACHE", place)
        assert user_cache("openvino") is None
        assert agrees(network)
    monkeypatch.delenv("RADLOUPE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert user_cache("openvino") == tmp_path / "xdg" / "radloupe" / "openvino"
    assert not COMPILED.keys() & compiled_network.COMPILED.keys()
