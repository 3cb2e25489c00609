"""The desk as a local web application: for this machine alone, with a random token, and for nobody's other pages.

Only 127.0.0.1 is served, only requests that name it as their host are answered, only a browser that was opened with the
token may ask, and only the desk's own page may change anything.
"""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from pipeline.normalisation.judgements import JudgementError
from pipeline.reading import InputError
from pipeline.records import LABELS
from pipeline.reporting.desk.decisions import Desk, DeskError
from pipeline.running.corrections import CorrectionError

HOST = "127.0.0.1"
_HOSTS = [HOST, "localhost"]
_COOKIE, _HEADER = "rollcall_desk", "x-rollcall-desk"
#: Errors that are told to the page.
_TOLD = (DeskError, JudgementError, CorrectionError, InputError, OSError, ValueError)
#: The longest request that is read.
_MOST = 200_000
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
}  # fmt: skip


def _cookie(request: Request) -> str:
    """The name of the cookie: browsers share cookies between ports, and several desks may be open at once."""
    return f"{_COOKIE}_{request.url.port}"


class _Guard:
    """Lets in only who has the token, and lets only the desk's own page change anything."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self.app, self.token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        given = request.query_params.get("token") or request.cookies.get(_cookie(request)) or ""
        refusal = ""
        if not secrets.compare_digest(given.encode(), self.token.encode()):
            refusal = "This desk opens with the address that `rollcall review` printed, token and all."
        elif request.method != "GET":
            origin = request.headers.get("origin")
            own = f"http://{request.headers.get('host', '')}"
            sent = request.headers.get(_HEADER, "")
            if (origin is not None and origin != own) or not secrets.compare_digest(sent.encode(), self.token.encode()):
                refusal = "Only the page of the desk itself may decide anything."
        if refusal:
            await PlainTextResponse(refusal, 403, _HEADERS)(scope, receive, send)
            return
        await self.app(scope, receive, send)


def application(desk: Desk, token: str, interface: str = "en") -> Starlette:
    """The application.

    Args:
        desk: what is looked at and decided.
        token: without which nothing is answered.
        interface: the language that the page begins in: `en`, `ru` or `kk`.
    """
    home = resources.files("pipeline.reporting")
    words = json.loads((home / "words.json").read_text(encoding="utf-8"))
    assets = {
        "room.css": ("text/css", (home / "assets" / "room.css").read_bytes()),
        "desk.css": ("text/css", (home / "assets" / "desk.css").read_bytes()),
        "desk.js": ("text/javascript", (home / "assets" / "desk.js").read_bytes()),
    }

    async def page(request: Request) -> Response:
        if "token" in request.query_params:  # from now on it is in a cookie and not in the address
            moved = RedirectResponse("/", 303, _HEADERS)
            moved.set_cookie(_cookie(request), token, httponly=True, samesite="strict")
            return moved
        told = {"words": words, "labels": LABELS, "token": token, "interface": interface}
        html = (home / "templates" / "desk.html").read_text(encoding="utf-8")
        data = json.dumps(told, ensure_ascii=True).replace("<", "\\u003c")
        return Response(html.replace("{{ data }}", data), media_type="text/html", headers=_HEADERS)

    async def asset(request: Request) -> Response:
        found = assets.get(request.path_params["name"])
        if found is None:
            return PlainTextResponse("There is no such file.", 404, _HEADERS)
        return Response(found[1], media_type=found[0], headers=_HEADERS)

    async def item(request: Request) -> Response:
        number = int(request.query_params.get("number") or 0)
        exact = request.query_params.get("exact") == "1"
        return JSONResponse(await run_in_threadpool(desk.item, number, exact) | desk.progress(), headers=_HEADERS)

    async def find(request: Request) -> Response:
        name = request.query_params.get("name", "")
        return JSONResponse(await run_in_threadpool(desk.find, name), headers=_HEADERS)

    async def entity(request: Request) -> Response:
        identifier = request.query_params.get("id", "")
        return JSONResponse(await run_in_threadpool(desk.entity, identifier), headers=_HEADERS)

    async def decide(request: Request) -> Response:
        asked = await _sent(request)
        await run_in_threadpool(desk.decide, int(asked.get("number", -1)), asked)
        return JSONResponse({}, headers=_HEADERS)

    async def judge(request: Request) -> Response:
        asked = {k: str(v) for k, v in (await _sent(request)).items()}
        made = await run_in_threadpool(
            desk.judge, asked.get("verdict", ""), asked.get("one", ""), asked.get("other", ""), asked.get("why", "")
        )
        return JSONResponse({"said": made.said}, headers=_HEADERS)

    async def undo(_: Request) -> Response:
        return JSONResponse({"said": await run_in_threadpool(desk.undo)}, headers=_HEADERS)

    return Starlette(
        routes=[
            Route("/", page), Route("/assets/{name}", asset), Route("/item", item), Route("/find", find),
            Route("/entity", entity), Route("/decide", decide, methods=["POST"]),
            Route("/judge", judge, methods=["POST"]), Route("/undo", undo, methods=["POST"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=_HOSTS), Middleware(_Guard, token=token)],
        exception_handlers=dict.fromkeys(_TOLD, _told),
    )  # fmt: skip


async def _sent(request: Request) -> dict[str, Any]:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST:
            raise DeskError("The request is too long.")
    sent = json.loads(body)
    if not isinstance(sent, dict):
        raise DeskError("The request was not understood.")
    return sent


async def _told(_: Request, error: Exception) -> Response:
    """What went wrong, for the page to say; nothing was written then."""
    return JSONResponse({"error": str(error)}, 400, _HEADERS)


def serve(desk: Desk, port: int, interface: str, ready: Callable[[str], Awaitable[None] | None]) -> None:
    """Serve the desk until it is interrupted.

    Args:
        desk: what is looked at and decided.
        port: the port; 0 takes a free one.
        interface: the language that the page begins in.
        ready: called with the address, token and all, once the port is taken.

    Raises:
        OSError: where the port is taken.
    """
    import uvicorn

    token = secrets.token_urlsafe(32)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((HOST, port))
        door.listen()  # a browser that comes before the server is ready waits, and is not refused
        config = uvicorn.Config(application(desk, token, interface), log_level="critical", access_log=False,
                                server_header=False, lifespan="off")  # fmt: skip
        ready(f"http://{HOST}:{door.getsockname()[1]}/?token={token}")
        uvicorn.Server(config).run(sockets=[door])
