"""Put hostile values into every field of every form and every column of every table, then ask every question.

The description of the interface names the fields and an example of each form; the list of tables names the columns. In
turn each field takes each value, and the others stay as in the example. No answer may be a mistake of the program, no
question may stop being answered, and no file may carry what its readers would take for something else.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from icalendar import Calendar

from adapters.application.application import Lyceum
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from bench.torture_servers import Client, Heard, Running, serve
from bench.torture_world import tokens
from tests.adapters.town import TOWN, WEEK, town

Subject: TypeAlias = Literal["dates", "texts"]
Json: TypeAlias = Any

DATES = (
    "0001-01-01", "1582-10-15", "1899-12-31", "1989-12-31", "1990-01-01", "2000-02-29", "2026-12-31", "2028-12-31",
    "2199-12-31", "2200-12-31", "2201-01-01", "9999-01-01", "9999-12-31",
)  # fmt: skip
WEEKS = (
    "0001-W01", "1989-W52", "1990-W01", "2026-W53", "2027-W53", "2028-W52", "2199-W52", "2200-W52", "2201-W01",
    "9999-W01", "9999-W52",
)  # fmt: skip
TEXTS = (
    "line\nbreak", "carriage\r\nX-Injected: yes", "nul\0", "\x1b]0;owned\x07\x1b[2K", "over\u202eride",
    "isolate\u2066d", "line\u2028separator", "paragraph\u2029separator", "next\u0085line", "tab\tulator",
    "\ufeffmark", "invisible\u200b", "tag\U000e0041", "private\ue000", "noncharacter\uffff", "lone\ud800",
    "=cmd|' /C calc'!A0", "x;=cmd|'/C calc'!A0;y", "\u00a0@SUM(1)", "\uff1d1+1", "-1+1", '"quoted"',
    "<script>alert(1)</script>", "{{ 7 * 7 }}", "%s%n%x", "../../etc/passwd", "con.csv", "\\,;:", "e\u0301", "中文",
    "שלום", "پن\u200cج", "👩\u200d🏫", "ﬁ", " ", "", "a" * 20_000,
)  # fmt: skip
KEYS = {
    "venue": "school",
    "room": "hall",
    "volunteer": "wang",
    "request": "r-brush",
    "area": "river",
    "week": WEEK,
}
NEVER_AGAIN = (
    "/withdraw",
    "/leave",
    "/erase",
    "/dissolve",
    "/merge",
    "/close",
    "/retire",
    "/decline",
    "/drop",
    "/end",
)
WEEK_PATTERN = re.compile(r"\[0-9\]\{4\}-W")
UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass
class Values:
    """What came of it: `answers` counts statuses, `wrong` says every fault in a sentence."""

    subject: Subject
    fields: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def judge(self, what: str, answer: Heard, expected: Iterable[int] = ()) -> None:
        self.answers[answer.status] += 1
        if answer.status >= 500 or (expected and answer.status not in expected):
            self.wrong.append(f"{what}: {answer.status} {answer.body[:200]!r}")


def torment(
    url: str,
    subject: Subject,
    *,
    every: int = 1,
    tell: Callable[[str], None],
    start: Callable[[str], Running] = serve,
) -> Values:
    """All forms and tables on one database, which must be empty; `every` takes each so-many-eth value alone."""
    result = Values(subject)
    with town(url) as lyceum:
        plan_week(lyceum, TOWN, WEEK, effort=Effort(5, 1))
        release_week(lyceum, TOWN, WEEK, "First")
        (token,) = tokens(lyceum, 1)
    running = start(url)
    client = Client(running.port, token)
    try:
        spec = client.get("/v1/openapi.json").json
        _forms(result, client, spec, every)
        tell(f"{result.fields} fields of forms, {len(result.wrong)} faults")
        _tables(result, client, every)
        tell(f"{result.fields} fields and columns, {len(result.wrong)} faults")
        _questions(result, client, spec)
        _files(result, client)
        tell(f"{sum(result.answers.values())} answers, {len(result.wrong)} faults")
    finally:
        client.close()
        running.kill()
    with Lyceum(url) as lyceum:
        lyceum.views.rebuild()  # every event that was stored loads again
    return result


# ---- Forms


def _forms(result: Values, client: Client, spec: Json, every: int) -> None:
    posts = [path for path, methods in spec["paths"].items() if "post" in methods]
    for path in sorted(posts, key=lambda path: path.endswith(NEVER_AGAIN)):
        described = spec["paths"][path]["post"]
        content = described.get("requestBody", {}).get("content", {}).get("application/json")
        if not content or path == "/v1/imports/{kind}":
            continue
        for number, (where, body) in enumerate(variants(spec, content, result.subject)):
            if number % every == 0:
                result.judge(f"POST {path} with {where}", _sent(client, _filled(path, described), body))
                result.fields += 1


def _sent(client: Client, path: str, body: Json) -> Heard:
    try:
        return client.post(path, body)
    except OSError as error:
        client.close()
        return Heard(599, str(error).encode(), None)


def _filled(path: str, described: Json) -> str:
    """The path with keys of the town, or with the example of what the town has not."""
    examples = {
        parameter["name"]: parameter.get("example", "x")
        for parameter in described.get("parameters", ())
        if parameter["in"] == "path"
    }
    for name, example in examples.items():
        path = path.replace(f"{{{name}}}", str(KEYS.get(name, example)))
    return path


def variants(spec: Json, content: Json, subject: Subject) -> Iterator[tuple[str, Json]]:
    """The example of a form with one field replaced, for each field of the subject and each value."""
    example = content.get("example", {})
    for steps, values in _fields(spec, content["schema"], example, subject):
        for value in values:
            yield f"{'.'.join(map(str, steps))} = {value[:40]!r}", _replaced(example, steps, value)


def _fields(
    spec: Json, schema: Json, example: Json, subject: Subject
) -> Iterator[tuple[tuple[str | int, ...], Sequence[str]]]:
    """The way to each field, and what to put there."""
    for plain in _alternatives(spec, schema):
        if plain.get("type") == "string":
            values = _values(plain, subject)
            if values:
                yield (), values
        elif plain.get("type") == "object" and isinstance(example, Mapping):
            for name, inner in plain.get("properties", {}).items():
                for steps, values in _fields(spec, inner, example.get(name), subject):
                    yield (name, *steps), values
        elif plain.get("type") == "array" and isinstance(example, Sequence) and example:
            items = plain.get("items") or (plain.get("prefixItems") or [{}])[0]
            for steps, values in _fields(spec, items, example[0], subject):
                yield (0, *steps), values


def _alternatives(spec: Json, schema: Json) -> Iterator[Json]:
    if "$ref" in schema:
        schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    inner = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    if not inner:
        yield schema
    for alternative in inner:
        yield from _alternatives(spec, alternative)


def _values(schema: Json, subject: Subject) -> Sequence[str]:
    if schema.get("format") == "date":
        return DATES if subject == "dates" else ()
    if schema.get("format") == "date-time":
        return tuple(f"{day}T00:00:00Z" for day in DATES) if subject == "dates" else ()
    if WEEK_PATTERN.search(schema.get("pattern", "")):
        return WEEKS if subject == "dates" else ()
    if "enum" in schema or "const" in schema or subject == "dates":
        return ()
    return TEXTS


def _replaced(example: Json, steps: Sequence[str | int], value: str) -> Json:
    if not steps:
        return value
    inner = example[steps[0]] if isinstance(steps[0], int) else (example or {}).get(steps[0])
    changed = _replaced(inner, steps[1:], value)
    if isinstance(steps[0], int):
        return [changed, *example[1:]]
    return {**(example or {}), steps[0]: changed}


# ---- Tables


def _tables(result: Values, client: Client, every: int) -> None:
    for kind in client.get("/v1/imports").json["items"]:
        name = kind["name"]
        header, row = list(
            csv.reader(io.StringIO(client.get(f"/v1/imports/{name}/template/csv").body.decode("utf-8-sig")))
        )[:2]
        for index, column in enumerate(header):
            values: Sequence[str] = TEXTS
            if result.subject == "dates":
                values = (
                    DATES
                    if re.fullmatch(r"\d{4}-\d\d-\d\d", row[index])
                    else WEEKS
                    if "-W" in row[index]
                    else ()
                )
            for value in values[::every]:
                changed = [*row[:index], value, *row[index + 1 :]]
                result.judge(
                    f"table of {name}, {column} = {value[:40]!r}", _imported(client, name, header, changed)
                )
                result.fields += 1


def _imported(client: Client, kind: str, header: Sequence[str], row: Sequence[str]) -> Heard:
    text = io.StringIO()
    csv.writer(text).writerows([header, row])
    try:
        return client.post(
            f"/v1/imports/{kind}?accept_warnings=true&why=torture", text.getvalue().encode("utf-8", "replace")
        )
    except OSError as error:
        client.close()
        return Heard(599, str(error).encode(), None)


# ---- Questions


def _questions(result: Values, client: Client, spec: Json) -> None:
    """Every question about the town, and about the weeks at both ends."""
    for path, methods in spec["paths"].items():
        described = methods.get("get")
        if described is None or path.endswith("/progress"):
            continue
        weeks = (WEEK, *WEEKS) if "{week}" in path else (WEEK,)
        for week in weeks:
            question = _filled(path.replace("{week}", week), described)
            result.judge(f"GET {question}", client.get(question))
    must = (f"/v1/weeks/town/{WEEK}/sessions", f"/v1/weeks/town/{WEEK}/warnings", f"/v1/weeks/town/{WEEK}/problem",
            f"/v1/reports/town/{WEEK}", f"/v1/exports/weeks/town/{WEEK}", "/v1/requests", "/v1/venues", "/v1/areas",
            "/v1/volunteers", "/v1/catalogue")  # fmt: skip
    for path in must:
        result.judge(f"GET {path}", client.get(path), expected=(200,))


# ---- Files


def _files(result: Values, client: Client) -> None:
    """Every export and feed, read by a library of its format."""
    archive = client.get(f"/v1/exports/weeks/town/{WEEK}").body
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        for name in files.namelist():
            result.wrong += [f"{name}: {fault}" for fault in file_faults(name, files.read(name))]
    for kind in ("venues", "volunteers", "requests", "network", "rooms", "hours", "closures", "catalogue"):
        answer = client.get(f"/v1/exports/data/{kind}/csv")
        result.judge(f"GET export of {kind}", answer)
        if answer.status == 200:
            result.wrong += [f"{kind}.csv: {fault}" for fault in file_faults(f"{kind}.csv", answer.body)]
    for path in (
        "areas/river",
        "areas/town",
        "venues/school",
        "venues/school/rooms/hall",
        "requests/r-brush",
        "volunteers/wang",
    ):
        feed = client.post(f"/v1/{path}/feeds", {})
        result.judge(f"POST {path}/feeds", feed)
        if feed.status < 300:
            answer = client.get("/v1/feeds" + feed.json["url"].partition("/v1/feeds")[2])
            expected = (200, 404) if path == "volunteers/wang" else (200,)  # who has left is followed no more
            result.judge(f"GET the feed of {path}", answer, expected)
            if answer.status == 200:
                result.wrong += [f"feed of {path}: {fault}" for fault in file_faults("feed.ics", answer.body)]


def file_faults(name: str, body: bytes) -> Iterator[str]:
    """What a reader of the file would take for something else than text."""
    match name.rpartition(".")[2]:
        case "ics":
            text = body.decode().replace("\r\n ", "").replace("\r\n", "\n")
            Calendar.from_ical(body)
        case "csv":
            text = body.decode("utf-8-sig")
            for cell in _cells(text):
                if re.match(r"\s*[=+@\uff1d\uff0b\uff20]|\s*-(?!\d|$)", cell):
                    yield f"a formula: {cell[:60]!r}"
        case "html":
            text = body.decode()
            if "<script>alert(1)" in text:
                yield "a script of somebody else"
        case _:
            return
    match = UNSAFE.search(text)
    if match:
        start = max(0, match.start() - 30)
        yield f"a character that is not for text: {text[start : match.end() + 10]!r}"


def _cells(text: str) -> Iterator[str]:
    """As spreadsheets of either separator would cut it."""
    for separator in ",;":
        for row in csv.reader(io.StringIO(text), delimiter=separator):
            yield from row
