"""A text is read in the encoding that it has, or asked about: never turned into letters of another script."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest

from adapters.imports.importing import ImportOptions, run_import
from adapters.imports.table_reader import Unreadable, read_table
from adapters.imports.text_encodings import Undecodable, decode
from adapters.store.streams import AREAS
from tests.adapters.imports.conftest import Given, opened

WORDS = {
    ("cp1252", "latin-1", "iso8859-15", "mac_roman", "cp850"): (
        "Escola de Recreação", "Centro de Educação e Animação", "Pääkirjasto", "Jyväskylän lyseo",
        "Bücherei Königstraße", "Bibliothèque Élisée-Reclus", "Médiathèque", "Öppna förskolan", "Håndværkerskolen",
        "Añoranza", "Þjóðarbókhlaðan",
    ),
    ("cp1250", "iso8859-2", "mac_latin2"): (
        "Gminna Biblioteka Łącko", "Świetlica środowiskowa", "Městská knihovna", "Základní škola Žižkov",
        "Művelődési ház", "Knjižnica Črnomelj", "Škola", "Řeporyje",
    ),
    ("cp1251", "koi8-r", "iso8859-5", "mac_cyrillic", "cp866"): (
        "Центральная библиотека", "Дом культуры", "Школа", "Музей", "Библиотека имени Пушкина", "Хор",
    ),
    ("cp1253", "iso8859-7"): ("Δημοτική Βιβλιοθήκη", "Σχολείο", "Μουσείο", "Αθήνα"),
    ("cp1254", "iso8859-9"): ("Halk Kütüphanesi", "Öğretmenevi", "Şişli Çağdaş", "Iğdır"),
    ("cp1255", "iso8859-8"): ("ספרייה עירונית", "בית ספר"),
    ("cp1256", "iso8859-6"): ("مكتبة عامة", "مدرسة", "متحف"),
    ("cp1257", "iso8859-13"): ("Rīgas Centrālā bibliotēka", "Šiaulių kultūros namai"),
    ("cp1258",): ("Thư viện", "Nhà văn hóa"),
    ("tis-620", "cp874"): ("ห้องสมุดประชาชน", "โรงเรียน", "พิพิธภัณฑ์"),
    ("cp949", "euc-kr", "johab"): ("중앙도서관", "초등학교", "어린이 박물관", "문화센터", "서울", "노래교실"),
    ("euc-jp", "shift_jis"): ("中央図書館", "小学校", "公民館", "子どもセンター", "カラオケ", "東京"),
    ("big5", "cp950"): ("中央圖書館", "臺北市立圖書館", "國民小學", "社區活動中心"),
}  # fmt: skip
CHINESE = (
    "荣昌区图书馆", "重庆市少年宫", "仁义镇小学", "城南社区活动中心", "老年大学", "昌元街道文化站",
    "科技馆", "新余市博物馆",
)  # fmt: skip


def table(*names: str) -> str:
    return "key,name,kind,area\n" + "".join(
        f"lib{number},{name},library,east\n" for number, name in enumerate(names)
    )


def written() -> list[tuple[str, tuple[str, ...]]]:
    """Each word alone, and all words of a language together, in each of its encodings."""
    cases = [
        (encoding, names)
        for encodings, words in WORDS.items()
        for encoding, names in product(encodings, (*((word,) for word in words), words))
    ]
    return [(encoding, names) for encoding, names in cases if _can(encoding, names)]


def _can(encoding: str, names: tuple[str, ...]) -> bool:
    try:
        return not table(*names).encode(encoding).isascii()
    except UnicodeEncodeError:
        return False


@pytest.mark.parametrize(("encoding", "names"), written())
def test_foreign_bytes_are_asked_about_and_read_right_when_named(
    encoding: str, names: tuple[str, ...]
) -> None:
    content = table(*names).encode(encoding)

    with pytest.raises(Undecodable) as asked:
        decode(content, "venues.csv")

    assert str(asked.value).startswith("venues.csv is neither UTF-8 nor GBK: ")
    assert "--encoding" in str(asked.value)
    assert "\n" not in str(asked.value)
    assert decode(content, "venues.csv", encoding) == table(*names)


@pytest.mark.parametrize(
    ("encoding", "name", "shown"),
    [
        ("windows-1252", "Bücherei", "windows-1252, which reads 'Bücherei'"),
        ("windows-1251", "Библиотека имени Чехова", "windows-1251, which reads 'Библиотека'"),
        ("windows-1253", "Δημοτική Βιβλιοθήκη", "windows-1253, which reads 'Δημοτική'"),
        ("big5", "中央圖書館", "big5, which reads '中央圖書館'"),
        ("euc-kr", "도서관 중앙", "which reads '도서관'"),
        ("euc-jp", "中央図書館", "euc-jp, which reads '中央図書館'"),
    ],
)
def test_the_question_shows_the_right_reading_of_a_short_text(encoding: str, name: str, shown: str) -> None:
    with pytest.raises(Undecodable) as asked:
        decode(f"key,name,kind,area\nlib1,{name},library,east\n".encode(encoding), "venues.csv")

    assert shown in str(asked.value)


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "gb2312"])
@pytest.mark.parametrize("names", [*((name,) for name in CHINESE), CHINESE])
def test_chinese_in_gbk_is_read_even_where_it_is_short(encoding: str, names: tuple[str, ...]) -> None:
    assert decode(table(*names).encode(encoding), "venues.csv") == table(*names)


@pytest.mark.parametrize("names", [(word,) for words in (*WORDS.values(), CHINESE) for word in words])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_read_with_a_mark_and_without(encoding: str, names: tuple[str, ...]) -> None:
    assert decode(table(*names).encode(encoding), "venues.csv") == table(*names)


def test_mark_of_the_file_goes_before_an_encoding_that_is_named() -> None:
    assert decode("key\né".encode("utf-8-sig"), "a.csv", "windows-1252") == "key\né"


@pytest.mark.parametrize(
    ("content", "encoding", "sentence"),
    [
        (b"key\n1", "klingon", "'klingon' is no encoding; use one such as windows-1252"),
        (b"key\n1", "rot13", "'rot13' is no encoding of files"),
        (b"key\n1", "zip", "'zip' is no encoding of files"),
        (b"key\n\xff", "utf-8", "a.csv is not utf-8: line 2 has a byte that it does not have"),
        (b"key\n\x81", "windows-1252", "a.csv is not windows-1252: line 2 has"),
        ("key\n荣昌区图书馆\n中心小学校".encode()[:-1] + b"\n", None, "a.csv is UTF-8, but a letter on line 3"),
        (b"\xff\xfek\x00e", None, "a.csv begins as UTF-16, and byte 5 is none"),
        ("key\n図書館".encode("iso2022-jp"), None, "a.csv is neither UTF-8 nor GBK: it may be iso2022_jp"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence(content: bytes, encoding: str | None, sentence: str) -> None:
    with pytest.raises(Undecodable) as error:
        decode(content, "a.csv", encoding)

    assert str(error.value).startswith(sentence)
    assert "\n" not in str(error.value)


def test_encoding_of_a_workbook_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK")

    with pytest.raises(Unreadable, match="is a workbook, which says its own encoding"):
        read_table(tmp_path / "a.xlsx", encoding="gbk")


def test_named_encoding_reaches_the_database(tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_bytes("key,level,name,zone\na,city,Évora,Europe/Lisbon\n".encode("cp1252"))
    with opened() as lyceum:
        assert run_import(
            lyceum, "network", tmp_path / "n.csv", ImportOptions(encoding="windows-1252")
        ).imported
        (area,) = lyceum.views.all(AREAS)
    assert area.names[0].value == (("en", "Évora"),)


@pytest.mark.parametrize(
    ("name", "odd"),
    [("Recrea\ufffd\ufffdo", "a letter was lost here"), ("RecreaÃ§Ã£o", "looks like 'Recreação'")],
)
def test_letters_that_were_lost_before_are_warned_of(
    empty: object, given: Given, name: str, odd: str
) -> None:
    report = given("network", f"key,level,name,zone\na,city,{name},Europe/Lisbon\n")

    assert not report.imported
    assert odd in report.warnings[0].right
