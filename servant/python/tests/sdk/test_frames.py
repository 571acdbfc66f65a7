"""Frames (servant contract, Framing)."""

from __future__ import annotations

import pytest

from parley.frames import MAX_BODY, FrameParser, FrameTooLargeError, frame


def parse(*pieces: bytes) -> tuple[list[bytes], list[bytes]]:
    stray: list[bytes] = []
    parser = FrameParser(stray.append)
    bodies = [body for piece in pieces for body in parser.feed(piece)]
    return bodies, stray


def test_a_frame_has_one_header() -> None:
    assert frame("ü".encode()) == b"Content-Length: 2\r\n\r\n\xc3\xbc"


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_frames_that_come_in_pieces(size: int) -> None:
    data = frame(b"first") + frame(b"") + frame(b"x" * 100)
    pieces = [data[i : i + size] for i in range(0, len(data), size)]
    assert parse(*pieces) == ([b"first", b"", b"x" * 100], [])


@pytest.mark.parametrize(
    ("data", "stray"),
    [
        (b"content-length:2\r\n\r\nok", []),
        (b"CONTENT-LENGTH:  2 \r\n\r\nok", []),
        (b"Content-Type: text\r\nContent-Length: 2\r\nX: 1\r\n\r\nok", []),
        (b"Content-Length: 2\n\nok", []),
        (b"Content-Length: 0000000000000002\r\n\r\nok", []),
        (b"\r\n\r\nContent-Length: 2\r\n\r\nok", []),
        (b"noise\nContent-Length: 2\r\n\r\nok", [b"noise"]),
        (b"noiseContent-Length: 2\r\n\r\nok", [b"noise"]),
        (b"Content-Length: 9\r\na print\r\nContent-Length: 2\r\n\r\nok", [b"a print\r"]),
        (b"Content-Length: -1\r\n\r\nContent-Length: 2\r\n\r\nok", []),
    ],
)
def test_what_is_read_although_nobody_writes_it(data: bytes, stray: list[bytes]) -> None:
    assert parse(data) == ([b"ok"], stray)


def test_a_line_without_an_end_is_stray() -> None:
    noise = b"x" * (17 << 10)
    assert parse(noise, frame(b"ok")) == ([b"ok"], [noise])


@pytest.mark.parametrize("length", [b"67108865", b"9" * 5000])
def test_a_frame_above_the_limit_is_refused(length: bytes) -> None:
    with pytest.raises(FrameTooLargeError, match="above the limit of 67108864 bytes"):
        parse(b"Content-Length: " + length + b"\r\n\r\n")


def test_the_largest_frame_is_read() -> None:
    bodies, stray = parse(frame(b"x" * MAX_BODY))
    assert [len(body) for body in bodies] == [MAX_BODY]
    assert stray == []
