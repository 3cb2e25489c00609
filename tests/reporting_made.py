"""A small output folder made by hand, with a hostile announcement in it, for the tests of reporting."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from pipeline.tables import TABLES, VERSION, TableWriter

HOSTILE = "<script>window.hit=1</script><img src=x onerror='window.hit=1'>"
RAW = f'Director Асанова Бахыт spoke on “{HOSTILE}”.\r\nAsanova B. left. https://x.test/"><svg onload=window.hit=1>'


def made(base: Path) -> Path:
    """An output folder with two documents, one of them failed, two people and an institution."""
    out, given = base / "out", base / "in"
    out.mkdir(parents=True)
    given.mkdir()
    data = RAW.encode("utf-8")
    (given / "a.txt").write_bytes(data)
    mentions = [("m00001", "ROLE", "Director", "director"), ("m00002", "PERSON", "Асанова Бахыт", "asanova-bahyt"),
                ("m00003", "REPORT", HOSTILE, None), ("m00004", "PERSON", "Asanova B.", "asanova-bahyt"),
                ("m00005", "INSTITUTION", "https://x.test/\"><svg onload=window.hit=1>", "=evil")]  # fmt: skip
    rows: dict[str, list[dict[str, Any]]] = {
        "documents": [
            {"document_id": "a.txt", "path": str(given / "a.txt"), "sha256": hashlib.sha256(data).hexdigest(),
             "encoding": "utf-8", "language": "en", "title": HOSTILE, "date": "1998-03", "characters": len(RAW),
             "status": "ok", "media_type": "text/plain"},
            {"document_id": "b.txt", "path": "gone", "status": "failed", "reason": f"broken {HOSTILE}"},
        ],
        "mentions": [
            {"document_id": "a.txt", "mention_id": i, "label": label, "start": RAW.index(text),
             "end": RAW.index(text) + len(text), "text": text, "normalised": text, "entity_id": entity,
             "confidence": 0.5}
            for i, label, text, entity in mentions
        ],
        "affiliations": [
            {"document_id": "a.txt", "affiliation_id": "a00001", "person_id": "asanova-bahyt", "role": "Director",
             "person": "Асанова Бахыт", "role_id": "director", "institution_id": "=evil", "institution": HOSTILE,
             "date": "1998-03", "confidence": 0.5, "start": 0, "end": 22, "person_mention": "m00002",
             "role_mention": "m00001", "institution_mention": "m00005"},
        ],
        "reports": [
            {"document_id": "a.txt", "report_id": "r00001", "speaker": 1, "title": HOSTILE, "person": "Асанова Бахыт",
             "person_id": "asanova-bahyt", "confidence": 0.5, "title_mention": "m00003", "person_mention": "m00002",
             "date": "1999", "start": 0, "end": 60},
        ],
        "people": [
            {"person_id": "asanova-bahyt", "name": "Бахыт Асанова", "variants": ["Asanova B.", "Асанова Бахыт"],
             "documents": 1, "mentions": 2, "first_date": "1998-03", "last_date": "1998-03"},
        ],
        "institutions": [{"institution_id": "=evil", "name": HOSTILE, "variants": ["=1+1", HOSTILE], "mentions": 1,
                          "documents": 1}],
        "roles": [{"role_id": "director", "role": "director", "kind": "post", "mentions": 1}],
    }  # fmt: skip
    for table in TABLES:
        with TableWriter(table, out) as writer:
            for row in rows.get(table.name, []):
                writer.write([row.get(name) for name in table.header])
    (out / "rollcall.json").write_text(json.dumps({"program": "rollcall", "tables": VERSION, "complete": True}))
    return out
