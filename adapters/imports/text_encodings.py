"""Detection of text encodings: by a mark, strict UTF-8, GBK where it reads like Chinese; else people are asked.

Almost any bytes can be decoded as GBK, and what comes out looks like Chinese to a program. So it is taken for that only
where its characters are those that Chinese is written with, and where no other reading is as good. All else is asked
for: a name in wrong letters is worse than a question.
"""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from adapters.imports.chinese_text import chinese_evidence
from domain.messages import message

ENOUGH = 6.0  # evidence, as a natural logarithm: one wrong file in 400
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
_SAMPLE = 200_000  # bytes that are weighed
_ESCAPES = {
    b"\x1b$B": "iso2022_jp",
    b"\x1b$@": "iso2022_jp",
    b"\x1b$)C": "iso2022_kr",
    b"\x1b$)A": "iso2022_cn",
}
MOST_READINGS = 4  # that a question shows
USUAL = (
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "windows-1253",
    "gb18030",
    "big5",
    "shift_jis",
    "euc-kr",
    "euc-jp",
)
_WORD = re.compile(r"[^\x00-\x40\x5b-\x60\x7b-\x7f]+")  # letters of ASCII, and whatever is not ASCII


class Undecodable(ValueError):
    """The encoding of a text is not known, or is not the one that was named."""


def decode(content: bytes, name: str, encoding: str | None = None) -> str:
    """The text of a file. Raises Undecodable, in one sentence."""
    if encoding:
        return _plain(_named(content, name, encoding), name)
    for mark, marked in _MARKS:
        if content.startswith(mark):
            return _plain(_marked(content, name, marked), name)
    for escape, stated in _ESCAPES.items():
        if escape in content[:_SAMPLE]:
            raise Undecodable(_question(name, stated, content))
    if wide := _without_mark(content):
        return wide
    try:
        return _plain(content.decode("utf-8"), name)
    except UnicodeDecodeError as error:
        _refuse_broken(content, name, error.start)
    text = _chinese(content)
    if text is None:
        raise Undecodable(_question(name, _guess(content), content))
    return _plain(text, name)


def _refuse_broken(content: bytes, name: str, start: int) -> None:
    """Raises Undecodable where ten letters of UTF-8 stand against each byte that is none: it was UTF-8, and was cut."""
    text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if sum(not sign.isascii() for sign in text) > 10 * broken:
        line = content.count(b"\n", 0, start) + 1
        raise Undecodable(
            message(
                "{name} is UTF-8, but a letter on line {line} is broken ({broken} in all); write it again, "
                "and save the file as CSV UTF-8",
                name=name,
                line=line,
                broken=broken,
            )
        )


def _marked(content: bytes, name: str, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Undecodable(
            message(
                "{name} begins as {upper}, and byte {start} is none; save it as CSV UTF-8 and import it again",
                name=name,
                upper=encoding.removesuffix("-sig").upper(),
                start=error.start + 1,
            )
        ) from error


def _named(content: bytes, name: str, encoding: str) -> str:
    try:
        info = codecs.lookup(encoding)
    except (LookupError, ValueError) as error:
        raise Undecodable(
            message(
                "{encoding!r} is no encoding; use one such as {usual}",
                encoding=encoding[:40],
                usual=tuple(USUAL),
            )
        ) from error
    if not getattr(info, "_is_text_encoding", True) or info.name in {
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
        "utf-7",
    }:
        raise Undecodable(
            message(
                "{encoding!r} is no encoding of files; use one such as {usual}",
                encoding=encoding[:40],
                usual=tuple(USUAL),
            )
        )
    mark = next((marked for mark, marked in _MARKS if content.startswith(mark)), None)
    if mark is not None and not info.name.startswith(mark[:6]):
        return _marked(content, name, mark)  # what the file says itself is never wrong
    try:
        return content.decode(info.name).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Undecodable(
            message(
                "{name} is not {encoding}: line {line} has a byte that it does not have; name another "
                "encoding, or save the file as CSV UTF-8",
                name=name,
                encoding=encoding,
                line=line,
            )
        ) from error


def _plain(text: str, name: str) -> str:
    if "\0" in text:
        raise Undecodable(
            message("{name} is no text; give a CSV file or a workbook that ends in .xlsx or .xls", name=name)
        )
    return text


def _without_mark(content: bytes) -> str | None:
    """UTF-16 without its mark: every second byte of what stands in all tables, the separators, is nothing."""
    sample = content[:_SAMPLE]
    for encoding, little in (("utf-16-le", True), ("utf-16-be", False)):
        high = sample[1::2] if little else sample[::2]
        low = sample[::2] if little else sample[1::2]
        breaks = any(
            mark in sample
            for mark in ((b",\0", b";\0", b"\t\0", b"\n\0") if little else (b"\0,", b"\0;", b"\0\t", b"\0\n"))
        )
        if len(content) % 2 == 0 and breaks and high.count(0) > max(4, 4 * low.count(0)):
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\0" not in text and text[:1].isprintable():
                return text
    return None


def _chinese(content: bytes) -> str | None:
    """The text as GBK where its evidence of being Chinese is enough, else None."""
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return text if chinese_evidence(text[:_SAMPLE]) >= ENOUGH else None


# ---- Asking


def _guess(content: bytes) -> str:
    best = from_bytes(content[:_SAMPLE]).best()
    return best.encoding.replace("_", "-") if best and best.encoding not in {"utf-8", "ascii"} else ""


def _question(name: str, guess: str, content: bytes) -> str:
    read = _readings(content, guess)
    seems = (
        message(
            "it may be {readings: or }; ",
            readings=[
                message("{encoding}, which reads {shown!r}", encoding=encoding, shown=shown)
                for encoding, shown in read
            ],
        )
        if read
        else ""
    )
    named = read[0][0] if read else guess or USUAL[0]
    return message(
        "{name} is neither UTF-8 nor GBK: {seems}save it as CSV UTF-8, or say what it is (--encoding "
        "{named}, over HTTP encoding={named}) and look at the names in a dry run",
        name=name,
        seems=seems,
        named=named,
    )


def _readings(content: bytes, guess: str) -> list[tuple[str, str]]:
    """Encodings that make words of all foreign letters, with the first of these words: short texts mislead a guess."""
    encodings: dict[str, str] = {}
    for encoding in filter(None, (guess, *USUAL)):
        try:
            every = _WORD.findall(content[:_SAMPLE].decode(encoding))
        except UnicodeDecodeError:
            continue
        words = [word for word in every if not word.isascii()]
        if words and encoding != "gb18030" and all(map(_is_word, words)):
            encodings.setdefault(words[0][:30], encoding)
    return [(encoding, shown) for shown, encoding in encodings.items()][:MOST_READINGS]


def _is_word(text: str) -> bool:
    return text.isalpha() and (text[1:] == text[1:].lower() or text.isupper())


# ---- What was lost before


_SHEET_ERROR = re.compile(r"#(?:N/A|N/D|NV|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|#+)|Err:\d{3}")
_ROUNDED = re.compile(r"\d[.,]\d+E\+\d{2,}", re.IGNORECASE)


def damage(cell: str, *, secret: bool = False) -> str:
    """What is odd about a cell that was changed before the file came here; "" where nothing is.

    `secret`: the sentence does not repeat what stands there.
    """
    if _SHEET_ERROR.fullmatch(cell):
        return message(
            "is what a spreadsheet shows where a formula fails; write the value itself, or leave the "
            "cell empty"
        )
    if _ROUNDED.fullmatch(cell):
        return message(
            "is a long number that a spreadsheet rounded; format the column as text and write it again"
        )
    if cell.isascii():
        return ""
    if "\ufffd" in cell:
        return message("a letter was lost here (�); write it again, or take the file as it was before")
    try:
        meant = cell.encode("cp1252").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return ""
    like = "a text" if secret else repr(meant)
    return message(
        "looks like {like}, read in a wrong encoding by whoever made the file; check the names", like=like
    )
