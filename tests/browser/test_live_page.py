"""The live page in a real browser: dragging turns the C-arm and the image follows."""

import io
from contextlib import contextmanager
from threading import Thread

import numpy as np
import pytest
from devtools import CHROMIUM, browsing
from PIL import Image as PILImage

from radloupe.serve.live import Server
from radloupe.serve.scene import Scene

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


def ball(view, kvp, rough):
    """Line integrals of a ball beside the isocentre, which moves when the C-arm turns."""
    rays = view.pixels() - view.source
    rays /= np.linalg.norm(rays, axis=2, keepdims=True)
    beside = np.linalg.norm(np.cross(rays, np.array([30.0, -20.0, 10.0]) - view.source), axis=2)
    return (0.2 * np.sqrt(np.clip(25.0**2 - beside**2, 0, None)) * 80 / kvp).astype(np.float32)


@contextmanager
def serving(scene):
    server = Server(scene)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def page(tmp_path):
    scene = Scene(ball, np.zeros(3), 100.0, (40.0, 150.0))
    with serving(scene) as address, browsing(address, tmp_path) as page:
        page.until("window.frames_drawn > 0 && !busy")
        yield page
        assert page.complaints == []  # nothing forbidden was loaded, nothing threw


def settled(page):
    """The image's grey levels once nothing is on its way."""
    page.until("!busy && !wanted")
    return np.array(page.evaluate("Array.from(new Uint8Array(words.buffer).filter((_, i) => i % 64 == 0))"))  # every 16th pixel


def centre_of(page):
    return page.evaluate("(r => [r.x + r.width / 2, r.y + r.height / 2])(canvas.getBoundingClientRect())")


def test_dragging_turns_the_c_arm_and_the_image_follows(page):
    before = settled(page)
    x, y = centre_of(page)
    page.drag((x, y), (x + 100, y + 50))
    after = settled(page)
    assert page.evaluate("[pose.primary, pose.secondary]") == pytest.approx([-40, 20])
    assert page.evaluate("document.getElementById('primary').textContent") == "40° RAO"
    assert before.any() and after.any() and (before != after).mean() > 0.01
    shown = np.asarray(PILImage.open(io.BytesIO(page.screenshot())).convert("L"))
    half = shown[round(y) - 250 : round(y) + 250, round(x) - 250 : round(x) + 250]
    assert half.max() - half.min() > 100  # it is on the screen, not only in memory


def test_keys_turn_and_reset(page):
    before = settled(page)
    page.evaluate("canvas.focus()")
    page.key("ArrowRight", modifiers=8)  # with Shift
    page.key("e")
    assert (settled(page) != before).any()
    assert page.evaluate("[pose.primary, pose.roll]") == [-10, 2]
    page.key("r")
    np.testing.assert_array_equal(settled(page), before)


@pytest.mark.parametrize("slider", ["sid", "kvp", "black", "white"])
def test_every_slider_changes_the_image(page, slider):
    before = settled(page)
    page.evaluate(f"(s => {{ s.value = (+s.min + 3 * +s.max) / 4; s.dispatchEvent(new Event('input')) }})(at('{slider}'))")
    assert (settled(page) != before).any()


def test_dark_bones_turn_the_image_round(page):
    before = settled(page)
    page.evaluate("at('inverted').click()")
    np.testing.assert_array_equal(settled(page), 255 - before)


def test_page_offers_no_switch_that_makes_frames_worse_or_slower(page):
    switches = page.evaluate("[...document.querySelectorAll('input[type=checkbox]')].map(one => one.id)")
    assert switches == ["inverted"]  # enlarging small frames costs more than every ray: docs/projection.md


def test_spinning_goes_on_by_itself(page):
    page.evaluate("at('spin').click()")
    page.until("window.frames_drawn > 10")
    page.evaluate("at('spin').click()")
    assert page.evaluate("+at('rate').textContent") > 0


def test_what_a_frame_took_never_moves_what_stands_below(page):
    below = "document.querySelector('dl').getBoundingClientRect().top"
    resting, moving = (page.evaluate(f"rough = {rough}; read_out('1410.4'); {below}") for rough in ("false", "true"))
    assert moving == resting
    assert "half the voxels" in page.evaluate("at('cost').textContent")


def test_page_says_when_the_program_has_ended(tmp_path):
    with serving(Scene(ball, np.zeros(3), 100.0)) as address, browsing(address, tmp_path) as page:
        page.until("window.frames_drawn > 0 && !busy")
        page.evaluate("window.fetch = () => Promise.reject(new TypeError('gone')); pose.primary = 5; changed()")
        assert page.until("at('trouble').textContent") == "The program that computes the images has ended."
        assert page.evaluate("at('kvp-row').hidden")
