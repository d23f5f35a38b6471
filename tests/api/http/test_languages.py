"""Sentences over HTTP in the language that a caller asks for, with their messages beside them."""

from __future__ import annotations

import pytest

from tests.api.http.conftest import Person

CHINESE = {"accept_language": "zh-CN,zh;q=0.9"}
CLOSED_BACKWARDS = {"first": "2026-12-02", "last": "2026-12-01", "why": "painting"}


def test_problem_speaks_english_where_nobody_asks_for_a_language(administrator: Person) -> None:
    refused = administrator.get("/venues/nowhere")

    assert (refused.body["title"], refused.headers["content-language"]) == ("Not there", "en")
    assert refused.body["detail"] == "there is no venue nowhere; check the spelling"
    assert refused.body["message"] == {
        "id": "there is no {what}; check the spelling",
        "values": {"what": {"id": "venue {key}", "values": {"key": "nowhere"}}},
    }
    assert "Accept-Language" in refused.headers["vary"]


@pytest.mark.parametrize(
    ("header", "language", "title", "detail"),
    [
        ("zh-CN,zh;q=0.9", "zh", "不存在", "没有场馆 nowhere；请检查拼写"),
        ("es-MX,es;q=0.8", "es", "No existe", "no existe la sede nowhere; revise la ortografía"),
        ("en-XA", "en-XA", "⟦Not there⟧", "⟦there is no ⟦venue nowhere⟧; check the spelling⟧"),
    ],
)
def test_problem_speaks_the_language_that_is_asked_for(
    administrator: Person, header: str, language: str, title: str, detail: str
) -> None:
    refused = administrator.get("/venues/nowhere", accept_language=header)

    assert refused.headers["content-language"] == language
    assert (refused.body["title"], refused.body["detail"]) == (title, detail)
    assert refused.body["message"] == administrator.get("/venues/nowhere").body["message"]


def test_wrong_fields_are_worded_each(administrator: Person) -> None:
    (error,) = administrator.get("/venues?limit=many", **CHINESE).body["errors"]

    assert error["detail"] == "应为整数，无法把文本识别为整数"
    assert error["message"]["id"] == "Input should be a valid integer, unable to parse string as an integer"


def test_refusal_of_the_domain_is_worded_with_its_dates(administrator: Person) -> None:
    refused = administrator.post("/venues/school/close", CLOSED_BACKWARDS, accept_language="es")

    assert refused.body["detail"] == (
        "el cierre de school termina antes de empezar (del 2 de diciembre de 2026 al 1 de diciembre de 2026)"
    )
    assert refused.body["message"]["values"]["first"] == {"date": "2026-12-02"}


def test_what_an_operation_finds_is_worded_and_says_in_which_language(administrator: Person) -> None:
    english = administrator.get("/problems")
    chinese = administrator.get("/problems", **CHINESE)

    assert (english.headers["content-language"], chinese.headers["content-language"]) == ("en", "zh")
    assert english.headers["etag"] != chinese.headers["etag"]
    by_type = {kind["type"]: kind["title"] for kind in chinese.body["items"]}
    assert by_type["/v1/problems/no-draft"] == "没有草案"
    known = administrator.get("/problems", if_none_match=chinese.headers["etag"], **CHINESE)
    assert known.status == 304
    assert administrator.get("/problems", if_none_match=chinese.headers["etag"]).status == 200


def test_answer_without_sentences_has_no_language(administrator: Person) -> None:
    answer = administrator.get("/venues", **CHINESE)

    assert "content-language" not in answer.headers
    assert "Accept-Language" not in answer.headers["vary"]
