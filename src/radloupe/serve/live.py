"""HTTP server of the live page: loopback only, behind a secret in the address."""

import json
import secrets
import sys
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from typing import Any

from radloupe import __version__
from radloupe.core.errors import RadloupeError
from radloupe.serve.pose import parse
from radloupe.serve.scene import Scene

PAGE = Path(__file__).parent / "live.html"
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Server(ThreadingHTTPServer):
    """Server of one scene on a loopback port; the address holds a secret that pages of other origins cannot know."""

    daemon_threads = True

    def __init__(self, scene: Scene, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.scene, self.token, self.nonce = scene, secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        self.hosts = {f"{name}:{self.server_port}" for name in ("127.0.0.1", "localhost")}

    @property
    def address(self) -> str:
        """URL of the page."""
        return f"http://127.0.0.1:{self.server_port}/{self.token}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore connections that the browser closed before its frame was sent."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def page(self) -> bytes:
        """The page with the scene's ranges filled in."""
        scene = self.scene
        black, white = scene.window()
        facts = {
            "nearest": scene.nearest,
            "usual": scene.usual,
            "kvp": scene.kvp,
            "black": black,
            "white": white,
        }
        text = Template(PAGE.read_text(encoding="utf-8"))
        return text.substitute(facts=json.dumps(facts), nonce=self.nonce, version=__version__).encode()


class Handler(BaseHTTPRequestHandler):
    """Request handler for the page and its frames, which are raw grey levels: encoding an image takes longer than sending it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server
    timeout = 60

    def do_GET(self) -> None:
        """The page or a frame; 421 for other host names (DNS rebinding), 404 without the secret."""
        if self.headers.get("Host") not in self.server.hosts:
            return self.answer(HTTPStatus.MISDIRECTED_REQUEST)
        path, _, query = self.path.partition("?")
        token, *rest = path.removeprefix("/").split("/", 1)
        if not secrets.compare_digest(token.encode(), self.server.token.encode()):
            return self.answer(HTTPStatus.NOT_FOUND)
        try:
            match rest:
                case [""]:
                    self.answer(HTTPStatus.OK, self.server.page(), "text/html; charset=utf-8", self.policy())
                case ["frame"]:
                    self.frame(query)
                case _:
                    self.answer(HTTPStatus.NOT_FOUND)
        except RadloupeError as error:
            self.answer(HTTPStatus.BAD_REQUEST, str(error).encode(), "text/plain; charset=utf-8")
        return None

    def frame(self, query: str) -> None:
        """Respond with one frame and its rendering time in milliseconds."""
        begun = time.perf_counter()
        grey = self.server.scene.frame(parse(query))
        took = {"X-Milliseconds": f"{1000 * (time.perf_counter() - begun):.1f}"}
        self.answer(HTTPStatus.OK, grey.tobytes(), "application/octet-stream", took)

    def policy(self) -> dict[str, str]:
        """Content security policy: the page runs its own script and fetches its own frames, nothing else."""
        own = f"'nonce-{self.server.nonce}'"
        return {"Content-Security-Policy": f"default-src 'none'; connect-src 'self'; style-src {own}; script-src {own}; base-uri 'none'"}

    def answer(self, status: HTTPStatus, body: bytes = b"", kind: str = "text/plain", more: dict[str, str] | None = None) -> None:
        """Send a complete response."""
        self.send_response(status)
        for name, value in (HEADERS | {"Content-Type": kind, "Content-Length": str(len(body))} | (more or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the terminal shows the address alone."""


def serve(server: Server) -> None:
    """Serve until Ctrl-C."""
    try:
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        return
    finally:
        server.server_close()
