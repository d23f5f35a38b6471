"""What the tests of signing in share: a browser that keeps cookies, a mailbox that answers on SMTP, and a provider.

The provider is a small server of OpenID Connect of its own: discovery, keys that rotate, codes with PKCE.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.testclient import TestClient

from adapters.application.application import Lyceum
from adapters.application.unit_of_work import now
from api.http.settings import Settings, SignInSettings
from api.http.state import AppState
from api.pages.application import create_site

HOME = "https://lyceum.example"
HTML = {"accept": "text/html,application/xhtml+xml"}


@contextmanager
def browser(
    lyceum: Lyceum, sign_in: SignInSettings | None = None, public_url: str = HOME, client: str = "192.0.2.7"
) -> Iterator[TestClient]:
    """Somebody's browser at the interface."""
    settings = Settings(public_url=public_url, sign_in=sign_in or SignInSettings())
    app = create_site(settings, lyceum=lyceum, clock=lyceum.clock)
    with TestClient(app, base_url=public_url, client=(client, 40000), follow_redirects=False) as found:
        found.headers.update(HTML)
        yield found


def another(client: TestClient, address: str = "192.0.2.7") -> TestClient:
    """A second browser at the same running interface, without the first one's cookies; not to be entered."""
    found = TestClient(
        client.app, base_url=str(client.base_url), client=(address, 40001), follow_redirects=False
    )
    found.headers.update(HTML)
    return found


def house_of(client: TestClient) -> AppState:
    app: Any = client.app
    app_state: AppState = app.state.app_state
    return app_state


def field_of(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[1]


def ask_for_link(client: TestClient, address: str) -> Any:
    csrf = field_of(client.get("/sign-in").text, "csrf")
    answer = client.post("/sign-in/link", data={"csrf": csrf, "email": address})
    house_of(client).sign_in_service.settle()
    return answer


def press_button(client: TestClient, address: str) -> Any:
    """Open a link, and press the button on its page."""
    parts = urlsplit(address)
    page = client.get(f"{parts.path}?{parts.query}")
    fields = {name: field_of(page.text, name) for name in ("csrf", "link")}
    return client.post("/sign-in/open", data=fields)


# ---- Mail


@dataclass
class Mailbox:
    """What a mail server took: who each mail was for, and its text."""

    port: int = 0
    mails: list[tuple[list[str], str]] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content or b""
        self.mails.append((envelope.rcpt_tos, content.decode() if isinstance(content, bytes) else content))
        return "250 OK"

    def link(self) -> str:
        """The link in the last mail."""
        found = re.search(r"https?://\S+/sign-in/open\?link=\S+", self.mails[-1][1].replace("=\r\n", ""))
        assert found, self.mails[-1][1]
        return found[0].replace("=3D", "=")


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """A mail server on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found = Mailbox(free.getsockname()[1])
    controller = Controller(found, hostname="127.0.0.1", port=found.port)
    controller.start()
    try:
        yield found
    finally:
        controller.stop()


# ---- A provider


@cache
def a_key(kid: str) -> RSAKey:
    """Made once: that takes a while."""
    return RSAKey.generate_key(2048, {"kid": kid})


@dataclass
class Issuer:
    """What the provider signs with, and says; tests change it."""

    url: str = ""
    client_id: str = "lyceum"
    client_secret: str = "a secret of the tests"
    keys: list[RSAKey | ECKey] = field(default_factory=lambda: [a_key("one")])
    subject: str = "wang-1966"
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    signer: RSAKey | ECKey | None = None
    secret: bytes | None = None  # signs by hand, as no library would: b"" not at all
    silent: bool = False
    forgetful: bool = False  # takes a code again and again
    fetched: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    clock: Callable[[], datetime] = now

    def rotate(self, kid: str) -> None:
        self.keys = [a_key(kid)]

    def token(self, **claims: Any) -> str:
        moment = int(self.clock().timestamp())
        told = {
            "iss": self.url,
            "sub": self.subject,
            "aud": self.client_id,
            "iat": moment,
            "exp": moment + 300,
        }
        told |= claims | self.claims
        header = {"alg": "RS256", "kid": self.keys[0].kid, **self.header}
        signer = self.signer or self.keys[0]
        plain = {name: value for name, value in told.items() if value is not None}
        if self.secret is not None:
            return by_hand(header, plain, self.secret)
        return jwt.encode(header, plain, signer, algorithms=[header["alg"]])

    def consent(self, address: str, **changed: str) -> str:
        """What a browser is sent back with, after somebody has signed in at the provider."""
        asked = dict(parse_qsl(urlsplit(address).query)) | changed
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"/sign-in/callback?code={code}&state={asked['state']}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        known = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        assert authorization == f"Basic {known}"
        asked = self.codes.get(form["code"]) if self.forgetful else self.codes.pop(form["code"], None)
        challenge = hashlib.sha256(form["code_verifier"].encode()).digest()
        made = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != made or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        token = self.token(nonce=asked["nonce"])
        return 200, {"access_token": "opaque", "token_type": "Bearer", "id_token": token}

    def told(self, path: str) -> Any:
        if path.endswith("openid-configuration"):
            return {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            }
        return {"keys": [one.as_dict(private=False) for one in self.keys]}


def by_hand(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """A token whose signature is a hash with a secret, or empty."""

    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    signed = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}"
    made = hmac.new(secret, signed.encode(), hashlib.sha256).digest() if secret else b""
    return f"{signed}.{part(made)}"


@contextmanager
def provider(clock: Callable[[], datetime] = now) -> Iterator[Issuer]:
    """A provider on this machine."""
    issuer = Issuer(clock=clock)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.fetched.append(self.path)
            self._answer(503 if issuer.silent else 200, issuer.told(self.path))

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            plain = {name: values[0] for name, values in form.items()}
            self._answer(*issuer.exchange(plain, self.headers.get("authorization", "")))

        def _answer(self, status: int, told: Any) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# ---- Time


@dataclass
class Hands:
    """A clock that a test moves."""

    at: datetime = datetime(2026, 11, 22, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def on(self, **time: float) -> None:
        self.at += timedelta(**time)


def stopped(lyceum: Lyceum) -> Hands:
    """The application with a clock that stands still."""
    hands = Hands()
    lyceum.clock = hands
    return hands
