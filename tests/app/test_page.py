"""The page in a real browser: draw, wish, send, slide, a dialogue, photographs, two people.

Debian's Chromium, driven by Playwright; where one of them or Gradio is missing, there is nothing to
test and the reason is said. Pictures of the screen are kept in pytest's temporary folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("gradio", reason="the page needs Gradio: pip install -r envs/app.txt")
sync_api = pytest.importorskip("playwright.sync_api", reason="the browser is driven by Playwright")
CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("no browser: apt-get install chromium", allow_module_level=True)

WATCHED = Path(__file__).with_name("watched.py")
BOX = "#wish textarea, #wish input"
# What a part of the page shows, without what Gradio lays over it while it waits.
SHOWN = """part => [...document.querySelectorAll(`#${part} :is(img, td, a, p.hint, p.reply)`)]
  .map(e => e.src || e.href || e.textContent).join("|")"""
LONGEST = 60_000  # ms that anything may take on a busy machine


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="module")
def address(folder, warm_python) -> Iterator[str]:
    """Of the page; when its tests are over, it has asked for no other machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [warm_python, WATCHED, folder / "asked.txt", "app", "--port", str(port)]
    with open(folder / "server.txt", "w") as said:
        server = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
    try:
        for _ in range(1200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, (folder / "server.txt").read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()
    assert not (folder / "asked.txt").exists(), (folder / "asked.txt").read_text()
    said = (folder / "server.txt").read_text()
    assert "Traceback" not in said and "share" not in said, said


@pytest.fixture(scope="module")
def browser() -> Iterator[sync_api.Browser]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, address, folder) -> Iterator[Callable[[], Visitor]]:
    """A function that opens the page anew, as another person; none of them asks another machine,
    and nothing goes wrong in their consoles.
    """
    visitors: list[Visitor] = []

    def opened() -> Visitor:
        visitors.append(Visitor(browser, address))
        return visitors[-1]

    yield opened
    for number, visitor in enumerate(visitors):
        visitor.page.screenshot(path=folder / f"last-{number}.png", full_page=True)
        visitor.page.context.close()
        elsewhere = [u for u in visitor.asked if not u.startswith((address, "data:", "blob:"))]
        assert visitor.asked and not elsewhere
        assert not visitor.errors


class Visitor:
    """A person with a browser of their own."""

    def __init__(self, browser: sync_api.Browser, address: str):
        context = browser.new_context(viewport={"width": 1320, "height": 900})
        self.page = context.new_page()
        self.page.set_default_timeout(LONGEST)
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        start = time.perf_counter()
        self.page.goto(address)
        self.page.wait_for_selector("#face img")
        self.page.wait_for_selector("#delivery img")
        self.seconds_to_open = time.perf_counter() - start

    def shown(self, part: str) -> str:
        return self.page.evaluate(SHOWN, part)

    def text(self, part: str) -> str:
        return self.page.inner_text(f"#{part}")

    def after(self, act: Callable[[], object], *parts: str, last: str = "downloads") -> float:
        """Seconds from ``act`` until the first of ``parts`` of the page is another; it returns when
        all of them are, and the ``last`` that what was done makes anew.
        """
        seconds = []
        before, start = {part: self.shown(part) for part in (*parts, last)}, time.perf_counter()
        act()
        for part, shown in before.items():
            self.page.wait_for_function(
                f"([part, shown]) => ({SHOWN})(part) !== shown", arg=[part, shown]
            )
            seconds.append(time.perf_counter() - start)
        return seconds[0]

    def wish(self, sentence: str) -> float:
        self.page.fill(BOX, sentence)
        return self.after(lambda: self.page.click("#edit"), "wishes", "delivery")

    def refused(self, act: Callable[[], object]) -> str:
        """What the page says of something that it cannot do."""
        act()
        self.page.wait_for_selector(".toast-body")
        said = self.page.inner_text(".toast-body")
        self.page.click(".toast-close")
        self.page.wait_for_selector(".toast-body", state="detached")
        return said


def columns(visitor: Visitor) -> list[str]:
    return [head.inner_text() for head in visitor.page.query_selector_all("#delivery thead b")]


def test_draw_wish_send_and_slide(visit, folder):
    person = visit()
    page = person.page
    # Seconds on free cores; where there is more to do than there are cores, so many times longer.
    busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert person.seconds_to_open < 10 * busy  # all of Gradio's own files and the first picture
    assert columns(person)[:3] == ["Original", "True edit", "Editable-DeepSC"]
    assert len(columns(person)) == 7
    assert "smiling" in person.text("wishes")
    page.screenshot(path=folder / "opened.png", full_page=True)

    seconds = {"open": person.seconds_to_open}
    seconds["another face"] = person.after(lambda: page.click("#another"), "face", "delivery")
    assert seconds["another face"] < 5 * busy
    assert page.input_value("#seed input") == "8"

    degree = page.locator("#face-eyeglasses input[type=range]")
    seconds["degree"] = person.after(lambda: degree.fill("5"), "face", "delivery")

    seconds["wish"] = person.wish("remove the glasses completely")
    assert "eyeglasses −5" in person.text("wishes")
    assert "Degree of eyeglasses" in person.text("delivery")

    face, wishes = person.shown("face"), person.shown("wishes")
    snr = page.locator("#snr input[type=range]")
    seconds["slide"] = person.after(lambda: snr.fill("9"), "delivery", "link")
    assert "those for 6 dB, the nearest, serve" in person.text("link")
    person.after(lambda: page.click("text=Rayleigh fading"), "delivery", "link")
    assert "This fade leaves" in person.text("link")
    person.after(lambda: page.uncheck("#known input"), "delivery")
    seconds["send again"] = person.after(lambda: page.click("#again"), "delivery", "link")
    assert (person.shown("face"), person.shown("wishes")) == (face, wishes)  # no new inversion
    page.screenshot(path=folder / "sent.png", full_page=True)
    (folder / "seconds.json").write_text(json.dumps(seconds, indent=1))


def test_a_dialogue_and_what_can_be_kept(visit, folder):
    person = visit()
    page = person.page
    person.wish("give her a beard and make her look older")
    rows = page.locator("#wishes tbody tr")
    assert rows.count() == 3
    person.after(lambda: page.click("#undo"), "wishes", "delivery")
    assert rows.count() == 1 and "Back to the turn before" in person.text("wishes")
    person.wish("a bit more")
    assert rows.count() == 2 and "Is this enough?" in person.text("wishes")
    page.fill(BOX, "sing a song")
    said = person.refused(lambda: page.press(BOX, "Enter"))
    assert "names none of the attributes" in said and rows.count() == 2
    person.after(lambda: page.click("#over"), "wishes", "delivery")
    assert "No wish" in person.text("wishes")

    files = {}
    for link in page.locator("#downloads a").all():
        with page.expect_download() as download:
            link.click()
        path = folder / download.value.suggested_filename
        download.value.save_as(path)
        files[path.suffix] = path
    about = json.loads(files[".json"].read_text())
    assert about["face"]["seed"] == 7 and len(about["systems"]) == 5 and about["wishes"] == []
    assert files[".png"].read_bytes().startswith(b"\x89PNG")

    heights = set()
    page.click("#draw-curve")
    page.wait_for_selector("#curve progress")
    while page.locator("#curve progress").count():  # it grows by one SNR after the other
        heights |= set(re.findall("[0-5] of 5", person.text("curve")))
        page.wait_for_timeout(50)
    assert len(heights) >= 3 and page.locator("#curve img").count() == 1
    page.screenshot(path=folder / "curve.png", full_page=True)


REMOVE = "#photograph button[aria-label='Remove Image']"


def test_photographs_whole_and_broken(visit, folder, photograph_folder):
    person = visit()
    page = person.page
    page.get_by_role("tab", name="Give a photograph").click()
    upload = page.locator("#photograph input[type=file]")
    astronaut = photograph_folder / "astronaut.png"
    person.after(lambda: upload.set_input_files(astronaut), "face", "delivery")
    assert "True edit" not in columns(person) and len(columns(person)) == 6
    assert "unlike" in person.text("face")
    page.screenshot(path=folder / "photograph.png", full_page=True)
    face = person.shown("face")
    broken = folder / "broken.png"
    for content in (astronaut.read_bytes()[:2000], b"no picture at all"):
        broken.write_bytes(content)
        page.click(REMOVE)
        # the page makes a new place to drop pictures; what is dropped into the old one is lost
        page.wait_for_selector(REMOVE, state="detached")
        page.wait_for_timeout(1000)
        said = person.refused(lambda: upload.set_input_files(broken))
        assert "cannot be read as an image" in said
        assert person.shown("face") == face


def test_two_people_do_not_mix(visit):
    one, other = visit(), visit()
    one.after(lambda: one.page.click("#another"), "face", "delivery")
    face = one.shown("face")
    other.wish("give her a beard")
    one.after(lambda: one.page.click("#again"), "delivery")
    assert one.shown("face") == face and "beard" not in one.text("wishes")
    assert "beard" in other.text("wishes") and other.shown("face") != face
    one.page.reload()
    one.page.wait_for_selector("#delivery img")
    assert one.shown("face") != face  # a page that is loaded again begins anew
