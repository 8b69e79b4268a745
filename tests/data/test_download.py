"""Downloads from a server that drops the connection, continues, starts again, or lies."""

from __future__ import annotations

import hashlib
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from editable_deepsc.data.download import fetch

CONTENT = random.Random(0).randbytes(300_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def server():
    """Serves CONTENT. ``drops``: after how many bytes each of the first answers breaks off;
    ``ranges``: whether it can continue.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            box.asked.append(self.headers.get("Range"))
            if self.path == "/gone":
                return self.send_error(404)
            start = (
                int(self.headers["Range"][6:-1]) if box.ranges and self.headers.get("Range") else 0
            )
            if start >= len(CONTENT):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(CONTENT)}")
                return self.end_headers()
            self.send_response(206 if start else 200)
            if start:
                self.send_header(
                    "Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
                )
            self.send_header("Content-Length", str(len(CONTENT) - start))
            self.end_headers()
            end = start + box.drops.pop(0) if box.drops else len(CONTENT)
            self.wfile.write(CONTENT[start:end])
            self.close_connection = True

        def log_message(self, *_):
            pass

    class Box:
        asked, drops, ranges = [], [], True

    box = Box()
    box.asked, box.drops = [], []
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    box.url = f"http://127.0.0.1:{httpd.server_port}/file"
    threading.Thread(
        target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    ).start()
    yield box
    httpd.shutdown()
    httpd.server_close()


def test_a_broken_download_goes_on_where_it_broke(server, tmp_path):
    server.drops = [100_000, 50_000]
    fetch(server.url, tmp_path / "sub/file", len(CONTENT), SHA256, pause=0)
    assert (tmp_path / "sub/file").read_bytes() == CONTENT
    assert server.asked == [None, "bytes=100000-", "bytes=150000-"]
    assert [p.name for p in (tmp_path / "sub").iterdir()] == ["file"]


def test_a_killed_download_goes_on_in_the_next_run(server, tmp_path):
    (tmp_path / "file.part").write_bytes(CONTENT[:200_000])
    fetch(server.url, tmp_path / "file", sha256=SHA256, pause=0)
    assert (tmp_path / "file").read_bytes() == CONTENT and server.asked == ["bytes=200000-"]


def test_a_server_that_cannot_continue_starts_again(server, tmp_path):
    server.ranges, server.drops = False, [100_000]
    fetch(server.url, tmp_path / "file", len(CONTENT), SHA256, pause=0)
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_what_had_arrived_completely_is_only_verified(server, tmp_path):
    (tmp_path / "file.part").write_bytes(CONTENT)
    fetch(server.url, tmp_path / "file", sha256=SHA256, pause=0)
    assert (tmp_path / "file").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("size", "sha256", "words"),
    [(None, "0" * 64, "SHA-256"), (299_999, None, "300000 bytes instead of 299999")],
)
def test_another_file_is_refused_and_not_kept(server, tmp_path, size, sha256, words):
    with pytest.raises(ValueError, match=words):
        fetch(server.url, tmp_path / "file", size, sha256, pause=0)
    assert not list(tmp_path.iterdir())


def test_a_server_that_brings_nothing_is_given_up_and_the_part_is_kept(server, tmp_path):
    (tmp_path / "file.part").write_bytes(CONTENT[:10])
    server.drops = [0] * 9
    with pytest.raises(ValueError, match="nothing in 3 tries"):
        fetch(server.url, tmp_path / "file", attempts=3, pause=0)
    assert len(server.asked) == 3 and (tmp_path / "file.part").read_bytes() == CONTENT[:10]


def test_a_wrong_address_is_not_tried_again(server, tmp_path):
    with pytest.raises(ValueError, match="404"):
        fetch(server.url.replace("/file", "/gone"), tmp_path / "file")
    with pytest.raises(ValueError, match="not an http address"):
        fetch("ftp://127.0.0.1/file", tmp_path / "file")
    assert len(server.asked) == 1
