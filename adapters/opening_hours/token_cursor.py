"""Cursor over the tokens of opening hours, which collects the questions to ask about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from adapters.opening_hours.tokenizer import HoursToken, TokenizedText


@dataclass(slots=True)
class Cursor:
    """Position among the tokens. `questions` are sentences on what was read and may be meant otherwise."""

    tokenized: TokenizedText
    position: int = 0
    questions: list[str] = field(default_factory=list)

    @property
    def token(self) -> HoursToken:
        return self.tokenized.tokens[self.position]

    def ahead(self, steps: int = 1) -> HoursToken:
        return self.tokenized.tokens[min(self.position + steps, len(self.tokenized.tokens) - 1)]

    def take(self) -> HoursToken:
        token = self.token
        self.position = min(self.position + 1, len(self.tokenized.tokens) - 1)
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

    def since(self, start_index: int) -> str:
        """The text from the token at `start_index` up to the one before the cursor."""
        last = self.tokenized.tokens[max(start_index, self.position - 1)]
        return self.tokenized.text[self.tokenized.tokens[start_index].start : last.start + len(last.text)]

    def ask(self, question: str) -> None:
        if question not in self.questions:
            self.questions.append(question)

    def refuse(self, why: str, token: HoursToken | None = None) -> NoReturn:
        self.tokenized.refuse(token or self.token, why)

    def refuse_from(self, token: HoursToken | None = None) -> NoReturn:
        self.tokenized.refuse_from(token or self.token)
