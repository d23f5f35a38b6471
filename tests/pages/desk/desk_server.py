"""A small server with the desk's page and the operations behind it; moves are judged, saved once, and taken back.

It stands in for the operations of the interface, with faults that a test switches on: requests that never arrive,
answers that are lost, and delays.
"""

from __future__ import annotations

import hashlib
import html
import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.pages.desk.invented_week import DAY_MIN, SLOTS, STEP_MIN, VERDICTS, Place, Session, Week, clock
from tests.pages.desk.words import ENGLISH

ASSETS = Path(__file__).parents[3] / "api" / "pages" / "assets"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MEDIA = {".js": "text/javascript", ".css": "text/css"}
WEEK = "/v1/weeks/town/2026-W49"
DATES = ("2026-11-30", *(f"2026-12-0{day}" for day in range(1, 7)))


class Problem(Exception):
    def __init__(self, status: int, name: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.body = {
            "type": f"/v1/problems/{name}",
            "title": name,
            "status": status,
            "detail": detail,
            "next": "",
            **more,
        }


@dataclass
class Step:
    kind: str
    id: str
    before: Session | None
    after: Session | None


@dataclass
class Faults:
    """What goes wrong with requests under /v1: a share of them is lost, before or after it was done."""

    share: float = 0.0
    longest_s: float = 0.0
    down: bool = False
    rng: random.Random = field(default_factory=lambda: random.Random(3))


@dataclass
class DeskState:
    """The week, its version, the events that were saved, and the answers given under each key."""

    week: Week
    version: int = 1
    events: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[tuple[str, str], tuple[str, dict[str, Any]]] = field(default_factory=dict)
    undo: dict[str, list[Step]] = field(default_factory=dict)
    redo: dict[str, list[Step]] = field(default_factory=dict)
    jobs: dict[str, int] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    received: list[str] = field(default_factory=list)
    """The keys of all commands, as often as they came."""
    lose_answers: int = 0
    """So many of the answers to come are lost after the command was done."""
    acknowledged: list[tuple[str, str]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)

    # ---- Reads

    def desk(self, who: str) -> dict[str, Any]:
        week = self.week
        return {
            "area": "town", "week": "2026-W49", "zone": "Asia/Shanghai", "version": self.version, "draft": 1,
            "step_min": STEP_MIN,
            "days": [
                {"date": date, "type": "school_day" if day < 5 else "weekend", "name": None}
                for day, date in enumerate(DATES)
            ],
            "venues": week.venues, "rooms": week.rooms, "people": week.people,
            "sessions": [self._shown(session) for session in week.sessions.values()],
            "unserved": week.unserved,
            "undo": self._label(self.undo.get(who, [])), "redo": self._label(self.redo.get(who, [])),
        }  # fmt: skip

    def _shown(self, session: Session) -> dict[str, Any]:
        start = session.place.start
        return {
            "request": session.request, "session": session.number, "title": session.title, "community": "Community 7",
            "function": session.function, "learners": session.learners, "room": session.place.room, "start": start,
            "end": start + session.minutes, "leads": list(session.leads), "assistants": [], "pin": session.pin,
            "moved": session.moved, "by": session.by,
            "warnings": ["travel"] if sum(map(ord, session.id)) % 41 == 0 else [],
        }  # fmt: skip

    @staticmethod
    def _label(steps: list[Step]) -> dict[str, Any] | None:
        if not steps:
            return None
        step = steps[-1]
        session = step.after or step.before
        return {"label": {"kind": step.kind, "title": session.title if session else ""}}

    def session(self, request: str, number: int) -> Session:
        session = self.week.sessions.get(f"{request}#{number}")
        if session is not None:
            return session
        for waiting in self.week.unserved:
            if waiting["request"] == request:
                nowhere = Place(0, 0)
                return Session(
                    request,
                    number,
                    waiting["title"],
                    waiting["function"],
                    waiting["learners"],
                    waiting["duration_min"],
                    nowhere,
                    (),
                )
        raise Problem(404, "not-there", f"there is no session {request}#{number}")

    def places(self, request: str, number: int) -> dict[str, Any]:
        rooms = self.week.places(self.session(request, number))
        return {
            "version": self.version,
            "step_min": STEP_MIN,
            "slots": SLOTS,
            "verdicts": VERDICTS,
            "rooms": rooms,
        }

    def suggestions(self, request: str, number: int, query: dict[str, str]) -> dict[str, Any]:
        session = self.session(request, number)
        day = DATES.index(query["day"]) if "day" in query else None
        items = []
        for room, record in enumerate(self.week.rooms):
            venue = self.week.venues[record["venue"]]["key"]
            if query.get("venue", venue) != venue or ("venue" not in query and room % 8):
                continue
            for slot, verdict in enumerate(self.week.verdicts(session, room)):
                place = Place(room, slot * STEP_MIN)
                if (
                    verdict not in {"same", "others"}
                    or place == session.place
                    or day not in {None, place.start // DAY_MIN}
                    or query.get("room", record["key"]) != record["key"]
                    or int(query.get("start_min", place.start)) != place.start
                ):
                    continue
                same = verdict == "same"
                people = session.leads[:1] if same else self.week.free_people(session, place)[:3]
                items += [self._suggestion(session, place, person) for person in people]
                if day is None and "start_min" not in query:
                    break
        return {"items": items[: int(query.get("limit", 10))], "next": None}

    def _suggestion(self, session: Session, place: Place, person: int) -> dict[str, Any]:
        room = self.week.rooms[place.room]
        key = self.week.people[person]["key"]
        moved = replace(session, place=place)
        return {
            "sentence": f"{self.week.say(moved)}, led by {self.week.people[person]['name']}.",
            "warnings": self.week.soft(session, place), "goals": {}, "moves": [],
            "people": [{"key": key, "part": "asked"}], "learners": session.learners,
            "command": {
                "request": session.request, "session": session.number, "start_min": place.start,
                "venue": f"id-{self.week.venues[room['venue']]['key']}", "room": f"id-{room['key']}",
                "leads": [f"id-{key}"], "assistants": [],
                "also": [], "accept": [],
            },
        }  # fmt: skip

    def job(self, id: str) -> dict[str, Any]:
        self.jobs[id] = self.jobs.get(id, 0) + 1
        status = ("queued", "running", "done")[min(2, self.jobs[id])]
        return {"id": id, "status": status, "place": 1, "why": ""}

    # ---- Commands

    def command(self, who: str, path: str, key: str | None, body: dict[str, Any]) -> dict[str, Any]:
        """Done once for each key; refusals are not kept."""
        fingerprint = hashlib.sha256(json.dumps([path, body], sort_keys=True).encode()).hexdigest()
        if key is not None and (who, key) in self.answers:
            known, answer = self.answers[who, key]
            if known != fingerprint:
                raise Problem(
                    422, "key-used-otherwise", "this Idempotency-Key came with another request before"
                )
            return answer
        answer = self._do(who, path.removeprefix(WEEK), body, key)
        if key is not None:
            self.answers[who, key] = fingerprint, answer
        return answer

    def _do(self, who: str, path: str, body: dict[str, Any], key: str | None) -> dict[str, Any]:
        if path == "/moves/try":
            return self._try(body)
        if path == "/explain":
            return self.job(f"job-{len(self.jobs) + 1}")
        if path in {"/undo", "/redo"}:
            return self._step(who, path[1:], key)
        lift = re.fullmatch("/pins/([^/]+)/([0-9]+)/lift", path)
        if lift:
            body = {"request": unquote(lift[1]), "session": int(lift[2])}
        session = self.session(body["request"], body["session"])
        before = self.week.sessions.get(session.id)
        self._check_from(before, body)
        kind, after = self._decided(path, session, body)
        if after is not None:
            after = replace(after, by=who)
        self._save(who, Step(kind, session.id, before, after), key)
        self.undo.setdefault(who, []).append(Step(kind, session.id, before, after))
        self.redo[who] = []
        people = [{"key": self.week.people[person]["key"]} for person in session.leads]
        return {"changed": True, "version": self.version, "people": people, "learners": session.learners}

    def _decided(self, path: str, session: Session, body: dict[str, Any]) -> tuple[str, Session | None]:
        if path == "/moves":
            return "moved", self._moved(session, body)
        if session.id not in self.week.sessions:
            raise Problem(409, "not-placed", f"{session.title} is not in the draft any more.")
        if path == "/pins":
            return "pinned", replace(session, pin=body["comment"])
        if path == "/drops":
            return "dropped", None
        return "lifted", replace(session, pin=None)

    def _moved(self, session: Session, body: dict[str, Any]) -> Session:
        place = Place(self.week.room_of(body["venue"], body["room"]), body["start_min"])
        keys = [person["key"] for person in self.week.people]
        leads = tuple(keys.index(key.removeprefix("id-")) for key in body.get("leads", ())) or session.leads
        moved = replace(session, leads=leads)
        verdict = self.week.verdict(moved, place)
        if verdict != "same":
            rule = "volunteer_clash" if verdict == "others" else verdict
            sentence = f"{session.title} cannot be at {self.week.say(replace(moved, place=place))}"
            raise Problem(409, "broken-rules", sentence, broken=[{"rule": rule, "sentence": sentence}])
        warnings = [
            warning
            for warning in self.week.soft(session, place)
            if warning["rule"] not in body.get("accept", ())
        ]
        if warnings:
            raise Problem(409, "soft-rules-need-a-reason", "wishes would be passed over", warnings=warnings)
        pin = session.pin if place == session.place else None
        return replace(moved, place=place, moved=True, pin=pin)

    def _try(self, body: dict[str, Any]) -> dict[str, Any]:
        session = self.session(body["request"], body["session"])
        place = Place(self.week.room_of(body["venue"], body["room"]), body["start_min"])
        verdict = self.week.verdict(session, place)
        broken = (
            []
            if verdict == "same"
            else [{"rule": verdict, "sentence": f"{session.title} breaks {verdict} there"}]
        )
        return {"allowed": not broken, "broken": broken, "warnings": self.week.soft(session, place)}

    def _check_from(self, session: Session | None, body: dict[str, Any]) -> None:
        was = body.get("moved_from")
        if was is None:
            return
        place = (
            None
            if was["room"] is None
            else Place(self.week.room_of(was["venue"], was["room"]), was["start_min"])
        )
        if (session and session.place) != place:
            now = "taken out" if session is None else f"at {self.week.say(session)}"
            by = session.by if session else None
            moment = datetime.now(UTC)
            at = clock(moment.hour * 60 + moment.minute)
            raise Problem(
                409, "session-changed", f"It was changed by {by or 'somebody'} at {at} and is now {now}."
            )

    def _step(self, who: str, direction: str, key: str | None) -> dict[str, Any]:
        source = (self.undo if direction == "undo" else self.redo).setdefault(who, [])
        target = (self.redo if direction == "undo" else self.undo).setdefault(who, [])
        if not source:
            raise Problem(409, "no-step", "There is no step of yours.")
        step = source[-1]
        before, after = (step.after, step.before) if direction == "undo" else (step.before, step.after)
        if self.week.sessions.get(step.id) != before:
            raise Problem(409, "session-changed", "Somebody has changed the session since.")
        if after is not None and self.week.verdict(after, after.place) != "same":
            raise Problem(409, "broken-rules", "A rule stands against it now.")
        source.pop()
        target.append(step)
        self._save(who, Step(direction, step.id, before, after), key)
        session = after or before
        assert session is not None
        undone = {
            "request": session.request,
            "session": session.number,
            "kind": step.kind,
            "title": session.title,
        }
        return {"changed": True, "version": self.version, "undone": undone}

    def _save(self, who: str, step: Step, key: str | None) -> None:
        if step.after is None:
            self.week.sessions.pop(step.id, None)
        else:
            self.week.sessions[step.id] = step.after
        self.version += 1
        self.events.append(
            {"who": who, "key": key, "kind": step.kind, "id": step.id, "version": self.version}
        )


def page(who: str, language: str) -> str:
    urls = {
        "desk": f"{WEEK}/desk?who={who}",
        "places": f"{WEEK}/sessions/{{request}}/{{session}}/places",
        "suggestions": f"{WEEK}/sessions/{{request}}/{{session}}/suggestions",
        "moves": f"{WEEK}/moves?who={who}", "try": f"{WEEK}/moves/try?who={who}", "pins": f"{WEEK}/pins?who={who}",
        "lift": f"{WEEK}/pins/{{request}}/{{session}}/lift?who={who}", "drops": f"{WEEK}/drops?who={who}",
        "undo": f"{WEEK}/undo?who={who}", "redo": f"{WEEK}/redo?who={who}", "explain": f"{WEEK}/explain?who={who}",
        "job": "/v1/jobs/{job}", "job_result": "/v1/jobs/{job}/result", "request_page": "/requests/{request}",
        "history_page": "/history/{request}/{session}", "venue_page": "/venues/{venue}",
        "what_if_page": "/branches/new?request={request}&way={way}",
    }  # fmt: skip
    data = {
        "area": "town",
        "week": "2026-W49",
        "urls": urls,
        "csrf": "token",
        "words": ENGLISH,
        "lang": language,
        "today": "2026-11-30",
    }
    block = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    shared = '<link rel="stylesheet" href="/assets/lyceum.css">' if (ASSETS / "lyceum.css").exists() else ""
    return (
        f'<!doctype html><html lang="{html.escape(language)}"><head><meta charset="utf-8"><title>Desk</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{shared}'
        '<link rel="stylesheet" href="/assets/desk.css"><link rel="icon" href="data:,">'
        '<script type="module" src="/assets/desk/main.js"></script></head>'
        '<body class="wide"><main><h1>Town, week 49</h1><div id="desk"></div></main>'
        f'<script type="application/json" id="desk-data">{block}</script></body></html>'
    )


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: DeskState

    def log_message(self, format: str, *args: object) -> None:
        self.state.log.append(format % args)

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}"))

    def _answer(self, body: dict[str, Any] | None) -> None:
        address = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        if address.path.startswith("/v1/"):
            self._operation(address.path, query, body)
        elif address.path == "/desk":
            self._send(
                200,
                page(query.get("who", "ann"), query.get("lang", "en")).encode(),
                "text/html; charset=utf-8",
            )
        else:
            self._asset(address.path)

    def _asset(self, path: str) -> None:
        file = (ASSETS / path.removeprefix("/assets/")).resolve()
        if path.startswith("/assets/") and file.is_relative_to(ASSETS.resolve()) and file.is_file():
            self._send(200, file.read_bytes(), f"{MEDIA.get(file.suffix, 'text/plain')}; charset=utf-8")
        elif path.startswith("/assets/") and (ASSETS / path.removeprefix("/assets/")).is_file():
            self._send(200, (ASSETS / path.removeprefix("/assets/")).read_bytes(), "text/css")
        else:
            self._send(404, b"", "text/plain")

    def _operation(self, path: str, query: dict[str, str], body: dict[str, Any] | None) -> None:
        faults = self.state.faults
        with self.state.lock:
            late, lost, after = (faults.rng.random() for _ in range(3))
        time.sleep(faults.longest_s * late**4)
        is_lost = faults.down or lost < faults.share
        if is_lost and after < 0.5:
            self._hang_up()
            return
        key = self.headers.get("Idempotency-Key")
        if key is not None:
            self.state.received.append(key)
        try:
            with self.state.lock:
                answer = self._done(path, query, body, key)
                content = json.dumps(answer, ensure_ascii=False).encode()
            status, media = 200, "application/json"
        except Problem as problem:
            status, media, content = (
                problem.status,
                "application/problem+json",
                json.dumps(problem.body).encode(),
            )
        if is_lost or (key is not None and self._is_answer_lost()):
            self._hang_up()
            return
        if body is not None and status == 200 and key is not None:
            self.state.acknowledged.append((query.get("who", ""), key))
        etag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
        if body is None and self.headers.get("If-None-Match") == etag:
            self._send(304, b"", media, etag)
        else:
            self._send(status, content, media, etag)

    def _done(
        self, path: str, query: dict[str, str], body: dict[str, Any] | None, key: str | None
    ) -> dict[str, Any]:
        state = self.state
        if body is not None:
            if self.headers.get("X-CSRF-Token") != "token":
                raise Problem(403, "not-from-here", "not sent from this site")
            return state.command(query.get("who", ""), path, key, body)
        if path == f"{WEEK}/desk":
            return state.desk(query["who"])
        session = re.fullmatch(f"{WEEK}/sessions/([^/]+)/([0-9]+)/(places|suggestions)", path)
        if session:
            request, number = unquote(session[1]), int(session[2])
            return (
                state.places(request, number)
                if session[3] == "places"
                else state.suggestions(request, number, query)
            )
        job = re.fullmatch("/v1/jobs/([^/]+)(/result)?", path)
        if job and job[2]:
            facts = [
                {
                    "code": "available",
                    "sentence": "Those who lead it have other sessions at the times that would do.",
                }
            ]
            ways = [
                {
                    "sentence": "The community accepts Monday 08:00–09:00 as well.",
                    "price": "It serves 10 learners more; costs nothing.",
                }
            ]
            return {"facts": facts, "ways": ways}
        if job:
            return state.job(job[1])
        raise Problem(404, "not-found", f"there is nothing at {path}")

    def _is_answer_lost(self) -> bool:
        with self.state.lock:
            self.state.lose_answers -= 1
            return self.state.lose_answers >= 0

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _send(self, status: int, content: bytes, media: str, etag: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Security-Policy", CSP)
        self.send_header("Content-Type", media)
        self.send_header("Cache-Control", "no-store")
        if etag:
            self.send_header("ETag", etag)
        if status != 304:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if status != 304:
            self.wfile.write(content)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that a fault has closed has nothing more to say."""


@contextmanager
def desk_server(state: DeskState, port: int = 0) -> Iterator[str]:
    """Serve until the end of the block; the address."""
    handler: Callable[..., Handler] = type("DeskHandler", (Handler,), {"state": state})
    server = _Server(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


__all__ = ["DAY_MIN", "DeskState", "Faults", "desk_server"]
