"""The readers of letters (`.eml`, saved pages in `.mht`) and mailboxes (mbox): body first, attachments after it."""

from __future__ import annotations

import email
import email.policy
import email.utils
import re
from collections.abc import Iterable, Iterator
from email.message import Message

from pipeline.reading.readers import Context, Item, Member, UnreadableError, signature_of

_HEADER = re.compile(rb"[!-9;-~]{2,60}:[ \t]?.*(?:\r?\n[ \t].*)*\r?\n")
_KNOWN = re.compile(
    rb"(?im)^(?:received|message-id|mime-version|return-path|delivered-to|content-type|x-[\w-]+|date|from|to|subject):"
)
_TECHNICAL = re.compile(rb"(?im)^(?:received|message-id|mime-version|return-path|delivered-to|content-type):")
_FROM = re.compile(rb"From [^\s]+ .*\d{4}")
_BOUNDARY = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\r\n]*\r?\n")
#: What is no document unless it is attached as one.
_TRIMMINGS = re.compile(r"(?:image|audio|video|font)/|(?:text|application)/(?:css|(?:x-)?javascript|font)")
_QUOTED_FROM = re.compile(rb"(?m)^>(>*From )")
_MESSAGE = email.policy.compat32.clone(raise_on_defect=False)


class Letter:
    """A message as mail programs save it (RFC 5322 and MIME)."""

    name = "mail (eml, mht)"
    media_type = "message/rfc822"
    suffixes = frozenset({".eml", ".mht", ".mhtml"})

    def accepts(self, data: bytes, suffix: str) -> bool:
        """Whether it begins with the headers of a message; under the suffix of a text only with technical ones.

        Old press releases begin with `TO:` and `SUBJECT:` themselves.
        """
        head = data[:8192].lstrip(b"\r\n")
        if signature_of(head) is not None or not _HEADER.match(head):
            return False
        headers = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
        known, technical = len(_KNOWN.findall(headers)), len(_TECHNICAL.findall(headers))
        return known >= 2 and (suffix in self.suffixes or technical >= 2)

    def missing(self) -> str:
        """Nothing beyond the core is needed."""
        return ""

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """The best body, then what is attached. Raises `UnreadableError`."""
        try:
            message = email.message_from_bytes(data.lstrip(b"\r\n"), policy=_MESSAGE)
            yield from _letter(message)
        except (LookupError, ValueError, AttributeError, TypeError) as error:
            raise UnreadableError(f"the message is damaged ({error}): save it again from its mail program") from None


class Mailbox:
    """Many messages in one file, as Unix mail programs and Google Takeout keep them."""

    name = "mailbox (mbox)"
    media_type = "application/mbox"
    suffixes = frozenset({".mbox", ".mbx"})

    def accepts(self, data: bytes, suffix: str) -> bool:
        """Whether it begins with a `From ` line and headers after it."""
        line, _, rest = data[:8192].partition(b"\n")
        return bool(_FROM.match(line)) and bool(_HEADER.match(rest))

    def missing(self) -> str:
        """Nothing beyond the core is needed."""
        return ""

    def read(self, data: bytes, context: Context) -> Iterable[Item]:
        """Each message as a member, by number."""
        starts = list(_BOUNDARY.finditer(data))
        for number, start in enumerate(starts, 1):
            end = starts[number].start() if number < len(starts) else len(data)
            message = _QUOTED_FROM.sub(rb"\1", data[start.end() : end])
            yield Member(f"{number:06d}", message, ".eml")


def _letter(message: Message) -> Iterator[Item]:
    subject, date, sender = _header(message, "subject"), _date(message), _header(message, "from")
    bodies: dict[str, list[Message]] = {"text/plain": [], "text/html": []}
    attached: list[tuple[str, Message]] = []
    passed_over = 0
    for part in _leaves(message):
        kind, name = part.get_content_type(), part.get_filename() or ""
        disposition = part.get_content_disposition()
        if kind in bodies and disposition != "attachment" and not name:
            bodies[kind].append(part)
        elif disposition != "attachment" and _TRIMMINGS.match(kind):
            passed_over += 1
        else:
            attached.append((name, part))
    if message.get_content_type() == "multipart/related":  # a saved page: the other pages in it are its frames
        passed_over += len(bodies["text/html"][1:])
        del bodies["text/html"][1:]
    chosen = _best(bodies)
    note = f"pictures, styles and frames passed over: {passed_over}" if passed_over else ""
    address = _header(message, "content-location") or _header(message, "snapshot-content-location") or sender
    html = bool(chosen) and chosen[0].get_content_type() == "text/html"
    data = b"\n".join(_payload(part) for part in chosen)
    encoding = (chosen[0].get_content_charset() or "") if chosen else ""
    yield Member("", data, ".html" if html else ".txt", subject, date, address, note, encoding)
    for number, (name, part) in enumerate(attached, 1):
        fallback = f"attachment-{number}" + {"message/rfc822": ".eml", "text/html": ".html"}.get(
            part.get_content_type(), ""
        )
        yield Member(_decoded(name) or fallback, _payload(part), "", "", date, sender, "", "")


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, in order; a letter in the letter stays whole."""
    pending = [message]
    seen = 0
    while pending:
        part = pending.pop()
        seen += 1
        if seen > 10_000:
            raise ValueError("it has more than 10,000 parts")
        payload = part.get_payload()
        if part.is_multipart() and isinstance(payload, list) and part.get_content_type() != "message/rfc822":
            pending += [p for p in reversed(payload) if isinstance(p, Message)]
        else:
            yield part


def _best(bodies: dict[str, list[Message]]) -> list[Message]:
    """Plain text, unless it only says that there is a web page."""
    plain, html = bodies["text/plain"], bodies["text/html"]
    if html and sum(len(_payload(p).strip()) for p in plain) < 0.1 * sum(len(_payload(p)) for p in html) ** 0.8:
        return html
    return plain or html


def _payload(part: Message) -> bytes:
    payload = part.get_payload()
    if part.get_content_type() == "message/rfc822" and isinstance(payload, list) and payload:
        inner = payload[0]
        return inner.as_bytes() if isinstance(inner, Message) else b""
    data = part.get_payload(decode=True)
    data = data if isinstance(data, bytes) else b""
    if "flowed" in str(part.get_param("format", "")).lower():
        # A space at the end of a line means that the paragraph goes on; `-- ` begins the signature.
        data = re.sub(rb"(?m)(?<!^--) \r?\n(?!$)", b" ", data)
    return data


def _header(message: Message, name: str) -> str:
    return _decoded(str(message.get(name, "")))


def _decoded(value: str) -> str:
    """A header as people read it; one that is damaged stays as it is."""
    from email.header import decode_header, make_header

    try:
        text = str(make_header(decode_header(value)))
    except (LookupError, ValueError, email.errors.MessageError):
        text = value
    text = (
        text.encode("utf-8", "replace").decode("utf-8")
        if not any("\udc80" <= c <= "\udcff" for c in text)
        else (text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    )
    return " ".join(text.split())


def _date(message: Message) -> str:
    try:
        return email.utils.parsedate_to_datetime(str(message.get("date", ""))).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


LETTER, MAILBOX = Letter(), Mailbox()
