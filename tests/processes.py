"""What Linux tells of processes."""

from pathlib import Path


def state_of(pid: int) -> tuple[str, int]:
    """The state of a process and its parent; `X` of one that is gone."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return "X", 0
    return state, int(parent)


def runs(pid: int) -> bool:
    return state_of(pid)[0] not in "XZ"
