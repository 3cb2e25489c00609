"""What a run did, or would do, with the files it found, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

#: The reasons to work on a file, in the order in which they are told.
_REASONS = {
    "new": "new",
    "changed": "changed",
    "settings": "done before with other settings",
    "retry": "failed before",
    "refresh": "done by another version",
}


def foretold(files: Mapping[str, int], keep_missing: bool = False) -> list[str]:
    """What would be done, in lines. `files` are the counts of a result."""
    work = sum(files[kind] for kind in _REASONS)
    lines = [f"{_files(work)} to work on{_why(files)}", f"{_files(files['kept'])} unchanged"]
    if files["gone"]:
        fate = "kept" if keep_missing else "to be removed from the tables"
        lines.append(f"{_files(files['gone'])} gone from the input, {fate}")
    return [*lines, *_advice(files)]


def done(files: Mapping[str, int]) -> list[str]:
    """What was done beyond reading everything for the first time, in lines: none for a first run."""
    if not files["kept"] and not files["gone"] and not any(files[k] for k in _REASONS if k != "new"):
        return []
    work = sum(files[kind] for kind in _REASONS)
    line = f"{_files(work)} worked on{_why(files)}, {files['kept']:,} unchanged"
    if files["gone"]:
        line += f", {files['gone']:,} gone from the input"
    return [line, *_advice(files)]


def hidden(masked: Mapping[str, int]) -> str:
    """How many contacts were masked, in a line."""
    names = {"phone": "phone number", "mail": "mail address", "address": "street address", "postcode": "postcode"}
    told = [_counted(masked[kind], name) for kind, name in names.items() if masked[kind]]
    if not told:
        return "masked: no contacts were found"
    return f"masked: {', '.join(told)} in {_counted(masked['documents'], 'document')}"


def _counted(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 'es' if name.endswith('s') else 's'}"


def _why(files: Mapping[str, int]) -> str:
    told = [f"{files[kind]:,} {name}" for kind, name in _REASONS.items() if files[kind]]
    return f" ({', '.join(told)})" if told else ""


def _advice(files: Mapping[str, int]) -> list[str]:
    lines = []
    if files["failed"]:
        stay = "stays" if files["failed"] == 1 else "stay"
        lines.append(f"{_files(files['failed'])} failed before and {stay} so: --retry tries again")
    if files["outdated"]:
        lines.append(f"{_files(files['outdated'])} done by another version of Rollcall: --refresh does them again")
    return lines


def _files(number: int) -> str:
    return f"{number:,} file{'' if number == 1 else 's'}"


def failed(failures: Iterable[tuple[str, str]]) -> list[str]:
    """What failed, in lines, from (document_id, reason): by reason, since there may be thousands."""
    by_reason: dict[str, list[str]] = {}
    for document_id, reason in failures:
        by_reason.setdefault(reason, []).append(document_id)
    if not by_reason:
        return []
    lines = [f"{sum(map(len, by_reason.values())):,} failed:"]
    for reason, ids in by_reason.items():
        more = f" and {len(ids) - 3:,} more" if len(ids) > 3 else ""
        lines.append(f"  {', '.join(ids[:3])}{more}: {reason}")
    return lines
