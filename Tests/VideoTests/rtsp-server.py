"""A camera that speaks RTSP, for tests: rtsp-server.py PORT FILM.h264 sends the film again and again as
rtsp://127.0.0.1:PORT/FILM.h264/play_count_0.

The server is aio-rtsp-toolkit. It reads films with PyAV, which brings all of FFmpeg along and stays out: what is called av below cuts a film
of plain H.264 into its pictures, and knows nothing else.
"""

import asyncio
import fractions
import os
import sys
import types


class Packet:
    """One picture, with what belongs before it."""

    time_base = fractions.Fraction(1, 25)
    duration = 1
    dts = None

    def __init__(self, stream, number, units):
        self.stream, self.pts = stream, number
        self.is_keyframe = any(unit[0] & 31 == 5 for unit in units)
        # As in MP4, with lengths in the place of start codes: the server looks for those first.
        self.data = b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)
        self.size = len(self.data)

    def __bytes__(self):
        return self.data


class Film:
    """What PyAV's container is for a film, with its one stream."""

    type, index, average_rate = "video", 0, 25

    def __init__(self, file, mode):
        with open(file, "rb") as opened:
            data = opened.read()
        # Start codes have three bytes or four.
        self.units = [unit.rstrip(b"\0") for unit in data.split(b"\0\0\1") if unit.strip(b"\0")]
        parameters = [unit for unit in self.units if unit[0] & 31 in (7, 8)][:2]
        self.codec_context = types.SimpleNamespace(
            name="h264", extradata=b"".join(b"\0\0\0\1" + unit for unit in parameters))
        self.streams = [self]

    def demux(self, _):
        units, number = [], 0
        for unit in self.units:
            units.append(unit)
            if unit[0] & 31 in (1, 5):
                yield Packet(self, number, units)
                units, number = [], number + 1

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


sys.modules["av"] = types.ModuleType("av")
sys.modules["av"].open = Film

from aio_rtsp_toolkit import server, server_media  # noqa: E402

port, film = int(sys.argv[1]), sys.argv[2]
server_media.ALLOWED_EXTENSIONS.add(".h264")
asyncio.run(server.serve(os.path.dirname(film), "127.0.0.1", port))
