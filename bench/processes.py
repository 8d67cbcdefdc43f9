"""What a process has worked, its children included: a measure that a busy machine does not blur."""

import os
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """Processor time of a process and all below it, since they began."""
    ticks = 0
    for each in _tree(pid):
        fields = _fields(each)
        ticks += int(fields[11]) + int(fields[12]) if fields else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def _tree(pid: int) -> list[int]:
    parents = {int(entry.name): _fields(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    found = [pid]
    for each in found:
        found += [child for child, fields in parents.items() if fields and int(fields[1]) == each]
    return found


def _fields(pid: int) -> list[str]:
    """Fields of ``/proc/PID/stat`` from the third on; nothing when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []
