"""Linux namespaces by system call: a network, a process tree and file systems of a unit's own.

An ordinary user gets them through a user namespace. Nothing here needs a program or a privilege beyond that.
"""

import ctypes
import fcntl
import os
import shutil
import socket
import struct
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

NEW_MOUNTS, NEW_PROCESSES, NEW_NETWORK, NEW_USERS = 0x20000, 0x20000000, 0x40000000, 0x10000000
READ_ONLY, REMOUNT, BIND, RECURSIVE, PRIVATE = 0x1, 0x20, 0x1000, 0x4000, 0x40000
#: statvfs flags that an ordinary user may not drop in a remount, and their names for mount(2).
KEPT_FLAGS = {2: 2, 4: 4, 8: 8, 1024: 1024, 2048: 2048, 4096: 1 << 21}
#: Directories of which a root gets its own.
PRIVATE_FOLDERS = ("etc", "var", "tmp", "run", "srv", "opt", "charm")
#: And, where the machine has them, these inside a folder that is otherwise to read.
PRIVATE_INSIDE = ("usr/local/share/ca-certificates",)
LEFT_OUT = {*PRIVATE_FOLDERS, "proc", "sys", "dev", "mnt", "media", "boot", "lost+found"}
COPIED_FROM_ETC = (
    *("passwd", "group", "hosts", "nsswitch.conf", "resolv.conf", "localtime", "ld.so.cache", "ld.so.conf"),
    *("ld.so.conf.d", "mime.types", "services", "protocols", "alternatives", "ssl/openssl.cnf"),
    "ssl/certs/ca-certificates.crt",
)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare() -> None:
    """Enters new namespaces; the next child is the first process of the new tree.

    Raises:
        OSError: The kernel or the container we run in forbids it.
    """
    user, group = os.getuid(), os.getgid()
    flags = NEW_MOUNTS | NEW_PROCESSES | NEW_NETWORK | (NEW_USERS if user else 0)
    _check(_libc().unshare(flags), "unshare")
    if user:
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"0 {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"0 {group} 1", encoding="ascii")


def possible() -> bool:
    """Tries in a child whether a unit can have namespaces here, mounts and a network included."""
    if sys.platform != "linux":
        return False
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    code = 1
    try:
        unshare()
        grandchild = os.fork()
        if grandchild:
            code = os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1])
        else:
            isolate_mounts()
            raise_loopback()
            mount("tmpfs", "/tmp", "tmpfs", 0)  # noqa: S108 - in the child's own view
            code = 0
    except OSError:
        pass
    finally:
        os._exit(code)


@contextmanager
def new_process_tree() -> Generator[None]:
    """The first process that the block starts is the root of a tree that ends with it; later ones are ours again."""
    ours = os.open("/proc/self/ns/pid", os.O_RDONLY)
    try:
        _check(_libc().unshare(NEW_PROCESSES), "unshare")
        try:
            yield
        finally:
            _check(_libc().setns(ours, NEW_PROCESSES), "setns")
    finally:
        os.close(ours)


def mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """mount(2); raises OSError."""
    texts = [text.encode() if text is not None else None for text in (source, target, kind)]
    _check(_libc().mount(*texts, ctypes.c_ulong(flags), data.encode() if data else None), f"mount {target}")


def unmount(target: str) -> None:
    """Detaches a mount, in use or not."""
    _check(_libc().umount2(target.encode(), 2), f"umount {target}")


def bind(source: str, target: str) -> None:
    """Shows a file or folder, and what is mounted under it, at another place."""
    mount(source, target, None, BIND | RECURSIVE)


def make_read_only(target: str) -> None:
    """Forbids writes through one mount."""
    kept = sum(new for old, new in KEPT_FLAGS.items() if os.statvfs(target).f_flag & old)
    mount("none", target, None, REMOUNT | BIND | READ_ONLY | kept)


def isolate_mounts() -> None:
    """Keeps later mounts from reaching the machine."""
    mount("none", "/", None, RECURSIVE | PRIVATE)


def raise_loopback() -> None:
    """Brings up the loopback device of a new network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh22x", b"lo", 0)
        flags: int = struct.unpack("16sh22x", fcntl.ioctl(control, 0x8913, request))[1]
        fcntl.ioctl(control, 0x8914, struct.pack("16sh22x", b"lo", flags | 1))


def build_root(root: Path, private: Path, *, strict: bool) -> None:
    """Makes a root: the machine's programs to read, and `PRIVATE_FOLDERS` of its own.

    Args:
        root: An existing empty folder, where the root appears.
        private: Where the own folders are kept on the machine; made afresh.
        strict: Whether a folder that cannot be made read-only is an error. It is for root, who has nothing else to
            keep a program off the system; an ordinary user is kept off by the files' modes.
    """
    mount("tmpfs", str(root), "tmpfs", 0, "mode=755")
    for entry in sorted(Path("/").iterdir()):
        target = root / entry.name
        if entry.name in LEFT_OUT:
            continue
        if entry.is_symlink():
            target.symlink_to(entry.readlink())
        elif entry.is_dir():
            target.mkdir()
            bind(str(entry), str(target))
            _protect(str(target), strict=strict)
    for name in ("proc", "dev"):
        (root / name).mkdir()
        bind(f"/{name}", str(root / name))
    _own_folders(root, private)


def _protect(target: str, *, strict: bool) -> None:
    try:
        make_read_only(target)
    except OSError:
        if strict:
            raise


def _own_folders(root: Path, private: Path) -> None:
    shutil.rmtree(private, ignore_errors=True)
    for name in PRIVATE_FOLDERS:
        (private / name).mkdir(parents=True)
        (root / name).mkdir()
        bind(str(private / name), str(root / name))
    for name in PRIVATE_INSIDE:
        if (root / name).is_dir():
            (private / name).mkdir(parents=True)
            bind(str(private / name), str(root / name))
    (root / "tmp").chmod(0o1777)
    for name in ("var/lib", "var/log", "var/tmp", "var/cache"):
        (root / name).mkdir()
    for name in COPIED_FROM_ETC:
        source, target = Path("/etc") / name, root / "etc" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        elif source.exists():
            shutil.copy2(source, target)


def place(source: str, root: Path, location: str) -> None:
    """Shows a folder of the machine at an absolute location inside a root."""
    target = root / location.lstrip("/")
    target.mkdir(parents=True, exist_ok=True)
    bind(source, str(target))
