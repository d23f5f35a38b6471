"""Cursor over the tokens of opening hours, which collects the questions to ask about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from adapters.opening_hours.tokenizer import Scanned, Token


@dataclass(slots=True)
class Cursor:
    """A place among the tokens. `questions` are sentences on what was read and may be meant otherwise."""

    scanned: Scanned
    place: int = 0
    questions: list[str] = field(default_factory=list)

    @property
    def token(self) -> Token:
        return self.scanned.tokens[self.place]

    def ahead(self, steps: int = 1) -> Token:
        return self.scanned.tokens[min(self.place + steps, len(self.scanned.tokens) - 1)]

    def take(self) -> Token:
        token = self.token
        self.place = min(self.place + 1, len(self.scanned.tokens) - 1)
        return token

    def take_sign(self, *signs: str) -> bool:
        if self.token.is_sign(*signs):
            self.take()
            return True
        return False

    def take_number(self, first: int, last: int) -> int:
        token = self.token
        if token.kind != "number" or not first <= token.number <= last:
            self.refuse_from()
        return self.take().number

    def since(self, place: int) -> str:
        """The text from the token at a place up to here."""
        last = self.scanned.tokens[max(place, self.place - 1)]
        return self.scanned.text[self.scanned.tokens[place].start : last.start + len(last.text)]

    def ask(self, question: str) -> None:
        if question not in self.questions:
            self.questions.append(question)

    def refuse(self, why: str, token: Token | None = None) -> NoReturn:
        self.scanned.refuse(token or self.token, why)

    def refuse_from(self, token: Token | None = None) -> NoReturn:
        self.scanned.refuse_from(token or self.token)
