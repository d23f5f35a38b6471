"""Sentences are messages: no refusal, finding, breach or problem is an f-string or a plain text."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SOURCES = ("domain", "scheduler", "adapters", "api/http", "api/pages")
# Mistakes of the program, which nobody reads but who mends it; and what a library or a process catches.
OF_PROGRAMMERS = frozenset(
    {
        "ArithmeticError", "AssertionError", "AttributeError", "ClaimLost", "IndexError", "IntegrityError", "KeyError",
        "LookupError", "NotImplementedError", "OSError", "RuntimeError", "StopIteration", "SystemExit", "TypeError",
        "PydanticCustomError", "UnknownRequest", "EOFError", "TimeoutError", "ValueError",
    }
)  # fmt: skip
# Functions and records that take a sentence, and at which place.
TAKES = {
    "HttpProblem": 1, "invalid": 2, "wrong": 3, "odd": 3, "missing": 3, "CellProblem": 3, "Finding": 3, "Breach": 1,
    "BlockingFact": 1, "_kind": 2, "_warn": 4, "require_draft": 1,
}  # fmt: skip
NAME = re.compile(r"[a-z_][a-z0-9_]*")


def modules() -> Iterator[tuple[str, ast.Module]]:
    for source in SOURCES:
        for file in sorted((ROOT / source).rglob("*.py")):
            yield file.relative_to(ROOT).as_posix(), ast.parse(file.read_text("utf-8"))


def called(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def is_bare(node: ast.expr) -> bool:
    """Whether it is a text with words in it that is no message."""
    match node:
        case ast.JoinedStr(values=values):
            return any(isinstance(part, ast.Constant) and " " in str(part.value) for part in values)
        case ast.Constant(value=str(text)):
            return " " in text.strip()
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return is_bare(left) or is_bare(right)
        case ast.IfExp(body=body, orelse=orelse):
            return is_bare(body) or is_bare(orelse)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="format" | "join")):
            return True
    return False


def bare_sentences(path: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Raise(exc=ast.Call(func=function, args=arguments)) if (
                called(function) not in OF_PROGRAMMERS
            ):
                bare = [argument for argument in arguments if is_bare(argument)]
            case ast.Call(func=function, args=arguments) if called(function) in TAKES:
                bare = [
                    argument for argument in arguments[TAKES[called(function)] :][:1] if is_bare(argument)
                ]
            case _:
                continue
        yield from (f"{path}:{argument.lineno}: {ast.unparse(argument)[:80]}" for argument in bare)


def bad_templates(path: str, tree: ast.Module) -> Iterator[str]:
    """Calls of `message` and `plural` whose templates are no literals, or have other placeholders than values."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and called(node.func) in ("message", "plural")):
            continue
        if not isinstance(node.func, ast.Name):
            continue
        templates = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        where = f"{path}:{node.lineno}"
        if len(templates) != (2 if node.func.id == "plural" else 1) or len(templates) != len(node.args):
            yield f"{where}: a template is no literal"
            continue
        values = {keyword.arg for keyword in node.keywords}
        names = {
            name
            for template in templates
            for _, name, _, _ in string.Formatter().parse(str(template))
            if name is not None
        }
        if names - {"count"} != values - {"count"} or not all(NAME.fullmatch(name) for name in names):
            yield f"{where}: {sorted(names)} are not {sorted(map(str, values))}"


def test_every_sentence_is_a_message() -> None:
    trees = list(modules())

    assert len(trees) > 300
    assert [bare for path, tree in trees for bare in bare_sentences(path, tree)] == []


def test_every_template_is_a_literal_with_the_names_of_its_values() -> None:
    assert [
        bad for path, tree in modules() if path != "domain/messages.py" for bad in bad_templates(path, tree)
    ] == []


@pytest.mark.parametrize(
    "text",
    [
        'raise BadRoom(f"room {key} is closed")',
        'raise BadRoom("the room is closed")',
        'raise BadRoom("the room " + key)',
        'raise BadRoom("the {} room".format(key))',
        'raise BadRoom(message("a") if key else "the room is closed")',
        'HttpProblem("invalid", f"{key} is none")',
        'run.wrong(row, "key", "", "this is no key")',
        'Breach("open", f"{session} is closed", ())',
    ],
)
def test_bare_sentence_is_seen(text: str) -> None:
    assert len(list(bare_sentences("domain/venue.py", ast.parse(text)))) == 1


@pytest.mark.parametrize(
    "text", ['raise TypeError("not an event")', 'raise BadRoom(message("closed"))', "raise BadRoom(key)"]
)
def test_message_and_mistake_are_let_through(text: str) -> None:
    assert list(bare_sentences("domain/venue.py", ast.parse(text))) == []


@pytest.mark.parametrize(
    "text",
    [
        "message(text)",
        'message(f"{key}")',
        'message("{key}")',
        'message("{key.id}", key=1)',
        'plural("a", count=1)',
    ],
)
def test_template_that_is_not_found_or_not_filled_is_seen(text: str) -> None:
    assert len(list(bad_templates("domain/venue.py", ast.parse(text)))) == 1
