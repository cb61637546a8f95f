"""``python -m tests.loopback COMMAND…``: bring the loopback device up, then become the command."""

import fcntl
import os
import socket
import struct
import sys

_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1  # SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
    flags = struct.unpack("16sh", fcntl.ioctl(device, _GET_FLAGS, struct.pack("16sh", b"lo", 0)))[1]
    fcntl.ioctl(device, _SET_FLAGS, struct.pack("16sh", b"lo", flags | _UP))
os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606
