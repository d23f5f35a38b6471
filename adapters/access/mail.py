"""Outgoing mail through the configured SMTP server; nothing of it is kept."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote, urlsplit

from domain.messages import message

PATIENCE_S = 15


class BadMailServer(ValueError):
    """An address of a mail server that cannot be."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """`tls` is `implicit` from the first byte, `starttls` before anything is said, or `none` on this machine."""

    host: str
    port: int
    tls: str
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


def mail_server(url: str, sender: str) -> MailServer:
    """Read `smtps://user:password@host` or `smtp://user:password@host:587`.

    Without TLS only on this machine, or where the address ends with `?tls=none`. Raises BadMailServer.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
        parts = urlsplit("")
    if parts.scheme not in ("smtp", "smtps") or not host:
        raise BadMailServer(message("LYCEUM_SMTP is no mail server; write smtp://user:password@host:587"))
    if "@" not in sender or set(sender) & set("\r\n"):
        raise BadMailServer(message("LYCEUM_MAIL_FROM is no address to send from; write lyceum@example.org"))
    requested = parse_qs(parts.query).get("tls", [""])[0]
    plain = requested == "none" or (is_here(host) and requested != "starttls")
    tls = "implicit" if parts.scheme == "smtps" else "none" if plain else "starttls"
    default_port = {"implicit": 465, "starttls": 587, "none": 25}[tls]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(host, port or default_port, tls, sender, user, password)


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def send(server: MailServer, to: str, subject: str, text: str) -> None:
    """Send one mail. Raises OSError (which smtplib's own errors are): what they say may name the address."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = server.sender, to, subject
    mail["Date"] = formatdate()
    mail["Message-ID"] = make_msgid(domain=server.sender.rpartition("@")[2].strip(">"))
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text, cte="7bit" if text.isascii() else None)  # no link is broken over two lines
    with _connected(server) as connection:
        if server.user:
            connection.login(server.user, server.password)
        connection.send_message(mail)


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.tls == "implicit":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=PATIENCE_S, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=PATIENCE_S)
    if server.tls == "starttls":
        try:
            connection.starttls(context=context)  # raises where the server offers none: never in clear
        except OSError:
            connection.close()
            raise
    return connection
