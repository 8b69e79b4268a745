"""Addresses and servers that are wrong, slow or wicked: one sentence each, in bounded time, with no
more bytes on the disk than were announced, and never a file under the target's name.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import threading
import time
from pathlib import Path

import pytest

from editable_deepsc.data import download
from editable_deepsc.data.connection import Limits
from editable_deepsc.data.download import fetch

from .bad_files import refusal

BODY = bytes(range(256)) * 100
SIZE, SHA256 = len(BODY), hashlib.sha256(BODY).hexdigest()
QUICK = Limits(whole=1.2, stall=0.4)


def answer(head: str, body: bytes = b""):
    """A server that says this and closes."""

    def speak(connection, request):
        lines = f"HTTP/1.1 {head}".replace("\n", "\r\n")
        connection.sendall(f"{lines}\r\nConnection: close\r\n\r\n".encode() + body)

    return speak


def length(n: object, more: str = "") -> str:
    return f"200 OK\nContent-Length: {n}{more}"


def trickle(pieces, every: float = 0.05):
    """A server that sends one piece after another, as long as anybody listens."""

    def speak(connection, request):
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(every)

    return speak


def endless(head: bytes, piece: bytes, every: float = 0.0, count: int = 100_000):
    return trickle((head if i == 0 else piece for i in range(count)), every)


def chunks(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces)


def partial(connection, request):
    """Answers every request with the wrong part."""
    head = f"206 Partial Content\nContent-Range: bytes 5-9/{SIZE}\nContent-Length: 5"
    answer(head, BODY[5:10])(connection, request)


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
NOTHING = "brought nothing in 2 tries"
SLOW = "less than 256 bytes a second|took more than 1.2 seconds"
KNOWN = {"size": SIZE, "sha256": SHA256}

# name -> what the server does, what is known of the file, what the sentence says
SERVERS = {
    "silent": (lambda c, r: time.sleep(3), {}, f"{SLOW}|timed out"),
    "closes": (lambda c, r: None, {}, NOTHING),
    "resets": (lambda c, r: c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0" * 2),
               {}, NOTHING),
    "speaks nonsense": (lambda c, r: c.sendall(b"\0\1\2nonsense\r\n\r\n"), {}, NOTHING),
    "speaks ssh": (lambda c, r: c.sendall(b"SSH-2.0-OpenSSH_9.6\r\n"), {}, NOTHING),
    "speaks version 9": (lambda c, r: c.sendall(b"HTTP/9 200 OK\r\n\r\n"), {}, NOTHING),
    "status of letters": (answer("abc OK"), {}, NOTHING),
    "head without end": (endless(OK, b"A: " + b"b" * 60_000 + b"\r\n"), {}, NOTHING),
    "line without end": (endless(OK + b"A: ", b"b" * 60_000), {}, NOTHING),
    "head drop by drop": (endless(OK, b"A", 0.05, 100), {}, SLOW),
    "body drop by drop": (endless(OK + b"Content-Length: 9000\r\n\r\n", b"A", 0.05, 100), {}, SLOW),
    "body drop by drop, known": (endless(OK + b"\r\n", b"A", 0.05, 100), KNOWN, SLOW),
    "chunk drop by drop": (endless(CHUNKED + b"5;", b"x", 0.05, 100), {}, SLOW),
    "stops in the middle": (
        trickle([OK + b"Content-Length: 9000\r\n\r\n" + b"a" * 5000, b""], 3), {}, f"{SLOW}|timed"),
    "a steady stream for ever": (
        endless(OK + b"\r\n", b"a" * 2000, 0.05, 100), {}, "took more than 1.2 seconds; try again"),
    "a flood": (endless(OK + b"\r\n", b"a" * 500_000), {}, "more than 2,000,000 bytes"),
    "a flood, known": (endless(OK + b"\r\n", b"a" * 500_000), KNOWN, f"more than {SIZE:,} bytes"),
    "a flood of chunks": (endless(CHUNKED, chunks(b"a" * 500_000)), {}, "more than 2,000,000"),
    "a flood of chunks, known": (endless(CHUNKED, chunks(b"a" * 9000)), KNOWN, "more than 25,600"),
    "states a terabyte": (answer(length(1 << 40), b"a" * 99), {}, "more than 2,000,000"),
    "states a terabyte, known": (answer(length(1 << 40), b"a" * 99), KNOWN, "instead of 25600"),
    "states one more": (answer(length(SIZE + 1), BODY + b"a"), KNOWN, "25601 bytes instead of"),
    "states one less": (answer(length(SIZE - 1), BODY), KNOWN, "25599 bytes instead of 25600"),
    "one less, unstated": (answer("200 OK", BODY[:-1]), {"size": SIZE}, "more than|nothing|took"),
    "another of the size": (answer(length(SIZE), BODY[::-1]), KNOWN, "SHA-256 .* instead of"),
    "empty": (answer(length(0)), {}, "it is empty"),
    "empty, unstated": (answer("200 OK"), {}, "it is empty"),
    "empty chunks": (answer("200 OK\nTransfer-Encoding: chunked", b"0\r\n\r\n"), {}, "it is empty"),
    "no content": (answer("204 No Content"), {}, "answers 204, without a file"),
    "reset content": (answer("205 Reset Content\nContent-Length: 0"), {}, "answers 205"),
    "accepted": (answer("202 Accepted\nContent-Length: 4", b"wait"), {}, "answers 202"),
    "a wrong part": (partial, {}, "another part than was asked for"),
    "a web page": (answer(length(13, "\nContent-Type: text/html"), b"<html></html>"), {},
                   "a web page \\(HTML\\)"),
    "a web page with a charset": (
        answer(length(13, "\nContent-Type: TEXT/HTML; charset=utf-8"), b"<html></html>"),
        {"size": 13}, "a web page"),
    "packed": (answer(length(9, "\nContent-Encoding: gzip"), b"\x1f\x8bpacked."), {}, "by gzip"),
    "packed by brotli": (answer(length(9, "\nContent-Encoding: br"), b"a" * 9), {}, "packed by br"),
    "bad chunks": (answer("200 OK\nTransfer-Encoding: chunked", b"zz\r\nabc\r\n"), {}, NOTHING),
    "negative chunk": (answer("200 OK\nTransfer-Encoding: chunked", b"-5\r\nabc\r\n"), {}, NOTHING),
    **{
        f"{code}": (answer(f"{code} {text}\nContent-Length: 0"), {}, f"answers {code} {text}")
        for code, text in [
            (400, "Bad Request"), (401, "Unauthorized"), (402, "Payment Required"),
            (403, "Forbidden"), (404, "Not Found"), (405, "Method Not Allowed"), (407, "Proxy"),
            (410, "Gone"), (418, "Teapot"), (451, "Unavailable For Legal Reasons"), (304, "Same"),
        ]
    },
    **{
        f"{code}": (answer(f"{code} {text}\nContent-Length: 0"), {}, f"{NOTHING} \\({code} {text}")
        for code, text in [(429, "Too Many"), (500, "Error"), (502, "Bad Gateway"), (503, "Busy"),
                           (599, "Odd")]
    },
    "reason with escapes": (answer("404 \x1b[2J\nContent-Length: 0"), {}, "answers 404 .x1b"),
    **{
        f"redirects to {to[:12]}": (answer(f"302 Found\nLocation: {to}"), {}, "answers 302")
        for to in ["ftp://127.0.0.1/a", "file:///etc/passwd", "data:text/plain,a", "gopher://a/",
                   "javascript:1"]
    },
    "redirects to itself": (
        lambda c, r: answer(f"302 Found\nLocation: {r.split()[1]}")(c, r), {}, "answers 302"),
    "redirects to nowhere": (answer("302 Found"), {}, "answers 302"),
    "redirects to no host": (answer("302 Found\nLocation: http:///a"), {}, "nothing in|answers"),
}  # fmt: skip


@pytest.fixture(scope="module")
def address():
    """One server for all of SERVERS, by the first part of the path."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=50)

    def serve(connection):
        with connection:
            try:
                request = b""
                while b"\r\n\r\n" not in request:
                    request += connection.recv(4096) or b"\r\n\r\n"
                words = request.decode("latin-1").split()
                name = list(SERVERS)[int(words[1].strip("/"))]
                SERVERS[name][0](connection, request.decode("latin-1"))
            except (OSError, IndexError, ValueError):
                pass

    def accept():
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()


@pytest.mark.parametrize("name", SERVERS)
def test_a_bad_server_gets_its_sentence_and_no_room(address, tmp_path, monkeypatch, name):
    monkeypatch.setattr(download, "MOST_BYTES", 2_000_000)
    _, known, expected = SERVERS[name]
    url = f"{address}/{list(SERVERS).index(name)}"
    start = time.monotonic()
    said = refusal(fetch, url, tmp_path / "f.pt", **known, attempts=2, pause=0, limits=QUICK)
    assert re.search(expected, said) and "127.0.0.1" in said, said
    assert time.monotonic() - start < 8
    assert not (tmp_path / "f.pt").exists()
    part = tmp_path / "f.pt.part"
    assert not part.exists() or part.stat().st_size <= known.get("size", 2_000_000)


ADDRESSES = [
    "", " ", "file", "ftp://host/file", "file:///etc/passwd", "data:,a", "//host/file", None, 5,
    b"http://host", ["http://host"], "http:host/file", "javascript:1", "s3://bucket/file",
]  # fmt: skip
NO_ADDRESSES = [
    "http://", "https://", "http:///file", "http://[::1/file", "http://[no]/file",
    "http://host:port/file", "http://host:99999/file", "http://host:0/file", "http://host:-1/a",
    "http://ho st/file", "http://host/a b", "http://host/a\nb", "http://host/a\r\nX: y",
    "http://host/\x00", "http://host/\u00e9", "http://h\u00f6st/file", "http://me:secret@host/file",
    "http://me@host/file", "http://host/\x7f", "http://?a",
]  # fmt: skip


@pytest.mark.parametrize("url", ADDRESSES, ids=ascii)
def test_what_is_no_http_address_is_refused_before_anything_is_asked(tmp_path, url):
    assert "is not an http address" in refusal(fetch, url, tmp_path / "sub/f")
    assert not (tmp_path / "sub").exists()


@pytest.mark.parametrize("url", NO_ADDRESSES, ids=ascii)
def test_what_is_no_address_at_all_is_refused_too(tmp_path, url):
    assert "is no address of a public file" in refusal(fetch, url, tmp_path / "sub/f")
    assert not (tmp_path / "sub").exists()


@pytest.mark.parametrize("size", [0, -1, 1.0, True, "9", float("nan"), float("inf"), 1 << 60, [9]])
def test_a_size_that_is_none_is_refused(tmp_path, size):
    assert "the size is" in refusal(fetch, "http://127.0.0.1:9/f", tmp_path / "f", size)


@pytest.mark.parametrize("digest", ["", "abc", "g" * 64, "0" * 65, 5, b"0" * 64, "0x" + "0" * 62])
def test_a_digest_that_is_none_is_refused(tmp_path, digest):
    said = refusal(fetch, "http://127.0.0.1:9/f", tmp_path / "f", None, digest)
    assert "the SHA-256 is" in said


def test_nobody_listens(tmp_path):
    for url in ("http://127.0.0.1:9/f", "https://127.0.0.1:9/f"):
        said = refusal(fetch, url, tmp_path / "f", attempts=2, pause=0)
        assert re.search(f"{NOTHING} \\(.*refused", said)


PLACES = {
    "target a folder": (lambda d: (d / "f").mkdir(), "is a folder; give the path of a file"),
    "part a folder": (lambda d: (d / "f.part").mkdir(), "f.part is a folder; remove it"),
    "part a pipe": (lambda d: os.mkfifo(d / "f.part"), "f.part is a pipe"),
    "part a device": (lambda d: (d / "f.part").symlink_to("/dev/full"), "f.part is a pipe|a link"),
    "part a link": (lambda d: (d / "f.part").symlink_to(d / "precious"), "f.part is a link"),
}


@pytest.mark.parametrize("name", PLACES)
def test_where_no_file_can_lie_nothing_is_asked(tmp_path, name):
    (tmp_path / "precious").write_text("mine")
    PLACES[name][0](tmp_path)
    said = refusal(fetch, "http://127.0.0.1:9/f", tmp_path / "f")
    assert re.search(PLACES[name][1], said)
    assert (tmp_path / "precious").read_text() == "mine"


def test_a_file_as_folder_is_named(tmp_path):
    (tmp_path / "f").write_text("")
    assert "cannot be made" in refusal(fetch, "http://127.0.0.1:9/f", tmp_path / "f/g")


def test_a_full_disk_is_named_and_what_has_arrived_is_kept(address, tmp_path, monkeypatch):
    real = open

    class Full:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, block):
            self.file.write(block[:1000])
            self.file.flush()
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(download, "open", lambda p, m: Full(real(p, m)), raising=False)
    monkeypatch.setitem(SERVERS, "empty", (answer(length(SIZE), BODY), {}, ""))
    url = f"{address}/{list(SERVERS).index('empty')}"
    said = refusal(fetch, url, tmp_path / "f", attempts=2, pause=0)
    assert "f.part cannot be written (No space left on device)" in said
    assert Path(tmp_path / "f.part").stat().st_size == 1000


def test_a_part_of_an_earlier_and_larger_version_is_begun_again(address, tmp_path, monkeypatch):
    monkeypatch.setitem(SERVERS, "empty", (answer(length(SIZE), BODY), {}, ""))
    (tmp_path / "f.part").write_bytes(b"x" * (SIZE + 7))
    fetch(
        f"{address}/{list(SERVERS).index('empty')}", tmp_path / "f", SIZE, SHA256.upper(), pause=0
    )
    assert (tmp_path / "f").read_bytes() == BODY
