"""Confinement of the process that parses files: what a file makes a parser do stays harmless.

On Linux, Landlock (kernel 5.13) leaves the process read access to Python, to libraries and to
fonts, and seccomp takes away the network, new processes and whatever changes the system. Both hold
for the rest of the process's life. The process gets its files as open descriptors.
"""

from __future__ import annotations

import math
import mimetypes
import os
import resource
import signal
import sys
import sysconfig
from contextlib import suppress
from errno import ENOSYS, EPERM
from pathlib import Path
from threading import Thread
from time import sleep

_SYSTEM_PATHS = (
    "/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache",
    "/etc/fonts", "/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/zoneinfo",
    "/etc/localtime", "/dev/null", "/dev/urandom", "/proc/cpuinfo", "/proc/meminfo", "/proc/self",
    "/sys/devices/system/cpu", "/sys/fs/cgroup",
)  # fmt: skip
"""What parsers, fonts and thread pools read beside Python."""

_REFUSED_CALLS = (
    # the network
    "socket", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmmsg",
    # other programs and processes
    "execve", "execveat", "fork", "vfork", "kill", "pidfd_open", "pidfd_getfd",
    "pidfd_send_signal", "ptrace", "process_vm_readv", "process_vm_writev", "setpriority",
    "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr", "ioprio_set",
    # its own limits, and memory that outlives it
    "setrlimit", "shmget", "msgget", "semget", "mq_open", "memfd_create",
    # what Landlock lets pass: owners, permissions and times of files
    "chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat",
    "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr",
    "truncate", "ftruncate", "utime", "utimes", "utimensat", "futimesat",
    # the system, and what has often held faults
    "mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "bpf", "perf_event_open",
    "keyctl", "add_key", "request_key", "userfaultfd", "io_uring_setup", "open_by_handle_at",
    "init_module", "finit_module", "kexec_load", "reboot", "swapon", "swapoff", "settimeofday",
)  # fmt: skip

_REFUSED_NUMBERS = (447, 452, 463, 466, 469)
"""``memfd_secret``, ``fchmodat2``, ``setxattrat``, ``removexattrat`` and ``file_setattr``, the same
on all machines, whose names libseccomp has learnt lately only."""

_SIGNALS = ("tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
"""Calls that name in their first argument the process they signal."""

_OWNER_COMMANDS = (8, 10, 15)
"""``F_SETOWN``, ``F_SETSIG`` and ``F_SETOWN_EX``: who gets which signal when a file is ready."""

_OWNER_REQUESTS = (0x8901, 0x8902)
"""``FIOSETOWN`` and ``SIOCSPGRP``, the same."""

_CLONE_THREAD = 0x00010000
_PARENT_SECONDS = 1.0
_SPARE_SECONDS = 5
_USED_TIMES = slice(11, 13)
"""Of the fields of ``/proc/ID/stat`` after the name: clock ticks in the program, in the kernel."""


def confine() -> None:
    """Confine this process as far as the machine can; ``unavailable`` tells what it cannot.

    Threads that run already stay as they are: call it before there are any.
    """
    # A crash is told by the process's end; a core file would only fill the disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    # Both are looked for first: the library of the second starts a program to find its own.
    landlock, seccomp = has_landlock(), has_seccomp()
    if landlock:
        _restrict_files()
    if seccomp:
        _restrict_calls()


def unavailable() -> tuple[str, ...]:
    """Return what this machine lacks to confine the process, in words for people."""
    return tuple(
        name
        for name, available in (
            ("Landlock, which keeps parsers from other files (Linux 5.13)", has_landlock()),
            ("seccomp, which keeps parsers from the network (libseccomp2)", has_seccomp()),
        )
        if not available
    )


def has_landlock() -> bool:
    """Tell whether the kernel can restrict a process's access to files."""
    if sys.platform != "linux":
        return False
    from landlock import LandlockError, landlock_abi_version

    try:
        return bool(landlock_abi_version() >= 1)
    except LandlockError:
        return False


def has_seccomp() -> bool:
    """Tell whether the library is there that restricts a process's system calls."""
    if sys.platform != "linux":
        return False
    try:
        import pyseccomp  # noqa: F401
    except RuntimeError:  # libseccomp is not installed
        return False
    return True


def allow_processor_time(process: int, seconds: float) -> None:
    """Let ``process`` use all processors for so long from now on; then the system ends it.

    A parser that runs on when this process was killed may keep its own watch from running. Only
    Linux lets one process set a limit of another.
    """
    if sys.platform != "linux":
        return
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    used = sum(map(int, fields[_USED_TIMES])) / os.sysconf("SC_CLK_TCK")
    most = math.ceil(used + seconds * (os.cpu_count() or 1)) + _SPARE_SECONDS
    # A system may forbid it, which is no reason to read nothing: there is a limit of time beside.
    with suppress(PermissionError):
        resource.prlimit(process, resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def end_with_parent() -> None:
    """End this process when its parent has ended, whatever it is doing then."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            sleep(_PARENT_SECONDS)
        os._exit(signal.SIGKILL)

    Thread(target=watch, daemon=True).start()


def _restrict_files() -> None:
    from landlock import FSAccess, Ruleset

    rules = Ruleset()
    paths = {
        *_SYSTEM_PATHS,
        *mimetypes.knownfiles,
        sys.prefix,
        sys.base_prefix,
        *sysconfig.get_paths().values(),
    }
    for path in {*paths, *filter(None, sys.path)}:
        if Path(path).is_dir():
            rules.allow(path, rules=FSAccess.READ_FILE | FSAccess.READ_DIR | FSAccess.EXECUTE)
        elif Path(path).exists():
            rules.allow(path, rules=FSAccess.READ_FILE)
    rules.apply()


def _restrict_calls() -> None:
    import pyseccomp as seccomp

    calls = seccomp.SyscallFilter(seccomp.ALLOW)
    for call in (*_REFUSED_CALLS, *_REFUSED_NUMBERS):
        calls.add_rule(seccomp.ERRNO(EPERM), call)
    # Threads are made by the same call as processes. What clone3 is told cannot be looked at:
    # the C library uses clone where it is not known.
    is_process = seccomp.Arg(0, seccomp.MASKED_EQ, _CLONE_THREAD, 0)
    calls.add_rule(seccomp.ERRNO(EPERM), "clone", is_process)
    calls.add_rule(seccomp.ERRNO(ENOSYS), "clone3")
    # A process may signal itself: that is how a failed assertion ends it.
    is_other = seccomp.Arg(0, seccomp.NE, os.getpid())
    for name in _SIGNALS:
        calls.add_rule(seccomp.ERRNO(EPERM), name, is_other)
    for command in _OWNER_COMMANDS:
        calls.add_rule(seccomp.ERRNO(EPERM), "fcntl", seccomp.Arg(1, seccomp.EQ, command))
    for request in _OWNER_REQUESTS:
        calls.add_rule(seccomp.ERRNO(EPERM), "ioctl", seccomp.Arg(1, seccomp.EQ, request))
    # Limits can be looked at, but neither raised nor, for others, lowered.
    calls.add_rule(seccomp.ERRNO(EPERM), "prlimit64", seccomp.Arg(2, seccomp.NE, 0))
    calls.load()
