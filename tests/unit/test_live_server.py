"""The live page's server: loopback only, a secret in the address, strict about what it is asked."""

import http.client
import socket
import struct
import time
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread

import numpy as np
import pytest

from radloupe.core.errors import UsageError
from radloupe.imaging.image import Image
from radloupe.imaging.pixel_info import PixelInfo
from radloupe.serve.live import Server, serve
from radloupe.serve.pose import RANGES, Pose, parse
from radloupe.serve.scene import Scene
from radloupe.serve.stage import stage


def slope(view, kvp, rough):
    """Line integrals that rise from left to right with the voltage, and say whether they were made in a hurry."""
    return np.broadcast_to(np.linspace(0, kvp / 10, view.shape[1], dtype=np.float32) + rough, view.shape)


SCENE = Scene(slope, np.zeros(3), 100.0, (40.0, 150.0))


@contextmanager
def serving(scene=SCENE):
    server = Server(scene)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def get(server, path, host=None):
    """The answer's status, headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=20)
    connection.request("GET", path, headers={"Host": host or f"127.0.0.1:{server.server_port}"})
    answer = connection.getresponse()
    found = answer.status, answer.headers, answer.read()
    connection.close()
    return found


def test_page_and_frames_are_served():
    with serving() as server:
        status, headers, page = get(server, f"/{server.token}/")
        assert (status, headers["Cache-Control"]) == (200, "no-store")
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert b"$" not in page.replace(b"$$", b"")  # every placeholder was filled
        assert server.nonce.encode() in page
        status, headers, grey = get(server, f"/{server.token}/frame?size=128&white=8&kvp=80")
        assert (status, len(grey)) == (200, 128 * 128)
        assert grey[0] == 0 and grey[127] == 255
        assert float(headers["X-Milliseconds"]) >= 0


def test_only_this_computer_is_bound():
    with serving() as server:
        assert server.server_address[0] == "127.0.0.1"


OTHERS = ["/", "/x/", "/frame", "/x/frame?size=64", "//", "/{token}", "/{token}/other", "/{token}/frame/x", "/{token}x/"]


@pytest.mark.parametrize("path", OTHERS)
def test_other_addresses_are_not_found(path):
    with serving() as server:
        assert get(server, path.replace("{token}", server.token))[0] == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost:1", "127.0.0.1.evil.example:80"])
def test_other_names_of_this_computer_are_misdirected(host):
    with serving() as server:
        assert get(server, f"/{server.token}/", host)[0] == 421


def test_secrets_differ():
    with serving() as one, serving() as other:
        assert one.token != other.token and len(one.token) >= 20


ABSURD = ["sid=0", "sid=nan", "primary=1e9", "size=4096", "size=64.5", "white=0&black=1", "bogus=1", "primary", "a=1&" * 40, "kvp=x"]


@pytest.mark.parametrize("query", [*ABSURD, "sid=1&sid=inf", "sharper=1"])
def test_absurd_requests_are_refused(query):
    with pytest.raises(UsageError):
        parse(query)
    with serving() as server:
        status, _, text = get(server, f"/{server.token}/frame?{query}")
        assert status == 400 and text.startswith(b"Expected")
        assert get(server, f"/{server.token}/frame?size=64")[0] == 200  # and it goes on


def test_pose_has_a_range_for_each_number():
    assert RANGES.keys() == Pose.__dataclass_fields__.keys()
    assert parse("") == Pose()
    assert parse("primary=-12.5&rough=1") == Pose(primary=-12.5, rough=1)


@pytest.mark.parametrize("switch", [name for name, limits in RANGES.items() if limits == (0, 1)])
def test_every_pixel_of_a_frame_has_its_own_ray(switch):
    asked = []

    def render(view, kvp, rough):
        asked.append(view.shape)
        return slope(view, kvp, rough)

    frame = replace(SCENE, render=render).frame(Pose(size=66, **{switch: 1}))
    assert asked == [frame.shape] == [(66, 66)]


def test_inverted_frame_is_the_negative():
    np.testing.assert_array_equal(SCENE.frame(Pose(size=64, inverted=1)), 255 - SCENE.frame(Pose(size=64)))


def test_scene_of_a_ct_shows_it_from_every_side():
    pixels = np.full((1, 20, 24, 28), -1000, np.int16)
    pixels[0, 5:15, 6:18, 7:21] = 300
    scene = stage(Image(pixels, np.diag([2.0, 2.0, 2.0, 1.0]), PixelInfo("HU", "CT")))
    black, white = scene.window()
    assert (black, white) == (0, pytest.approx(1.1, abs=0.3))  # 24 to 28 mm of dense tissue: .03 /mm at 70 keV, more at the 45 of this beam
    for primary, secondary, rough in ((0, 0, 0), (90, 0, 1), (33, 77, 0)):
        shown = scene.frame(Pose(primary, secondary, 0, scene.usual, white=white, size=64, rough=rough))
        assert shown[32, 32] > 100 and not shown[[0, -1]].any() and not shown[:, [0, -1]].any()
    assert scene.frame(Pose(sid=scene.nearest, white=white, size=64))[32, 32] > 100  # the nearest source is outside the volume
    softer, harder = (scene.frame(Pose(sid=scene.usual, kvp=kvp, white=white, size=64)).max() for kvp in (50, 140))
    assert softer > harder  # bone stands out less in hard X-rays


@pytest.mark.parametrize("engine", ["exact", "reference"])
def test_frames_in_a_hurry_come_from_the_fast_engine_whichever_is_asked_for(engine):
    pixels = np.random.default_rng(1).integers(-1000, 1500, (1, 8, 10, 12), np.int16)  # texture, which half the voxels cannot show
    ct = Image(pixels, np.diag([2.0, 2.0, 2.0, 1.0]), PixelInfo("HU", "CT"))
    quick, slow = stage(ct), stage(ct, engine)
    pose = Pose(33, 20, sid=slow.usual, rough=1)
    np.testing.assert_array_equal(slow.line_integrals(pose, 64), quick.line_integrals(pose, 64))
    assert (
        slow.line_integrals(replace(pose, rough=0), 64) != slow.line_integrals(pose, 64)
    ).any()  # at rest it is the engine that was asked for


def test_a_page_that_leaves_is_no_complaint(capsys):
    with serving() as server:
        for _ in range(3):
            with socket.create_connection(server.server_address, timeout=20) as gone:
                gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing resets the connection
                gone.sendall(f"GET /{server.token}/frame?size=1024 HTTP/1.1\r\nHost: 127.0.0.1:{server.server_port}\r\n\r\n".encode())
        assert get(server, f"/{server.token}/frame?size=64")[0] == 200
        time.sleep(0.2)  # the answers to those who left are tried meanwhile
    assert capsys.readouterr().err == ""


def test_ctrl_c_ends_it_cleanly(monkeypatch):
    server = Server(SCENE)

    def interrupted(poll_interval):
        raise KeyboardInterrupt

    monkeypatch.setattr(server, "serve_forever", interrupted)
    serve(server)
    assert server.socket.fileno() == -1  # closed
