"""Benchmarks write what they measured into their own section, and say in one sentence what they lack."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import sections

PAGE = (
    "# Page\n\n<!-- one: begin -->\nold\n<!-- one: end -->\n\n<!-- two: begin -->\nkept\n<!-- two: end -->\n"
)


def test_section_replaces_what_stood_between_its_own_markers() -> None:
    page = sections.replaced(PAGE, "one", "new")

    assert page == PAGE.replace("\nold\n", "\n\nnew\n\n")


def test_section_written_twice_stands_there_once() -> None:
    page = sections.replaced(PAGE, "one", "new")

    assert sections.replaced(page, "one", "new") == page


def test_section_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="no markers"):
        sections.replaced(PAGE, "three", "new")


def test_written_section_says_command_day_and_machine(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE, encoding="utf-8")

    sections.write_section("one", "figures", page)

    text = page.read_text(encoding="utf-8")
    assert "`python bench/one.py`, measured on 20" in text
    assert sections.machine() in text
    assert "figures" in text


def test_machine_is_read_from_what_linux_tells() -> None:
    assert sections.processor("processor : 0\nmodel name\t: Some CPU @ 2.00GHz\n") == "Some CPU @ 2.00GHz"
    assert sections.memory("MemTotal:       24641000 kB\n") == "23 GiB memory"
    assert sections.system('NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12"\n') == "Debian GNU/Linux 12"


def test_machine_that_tells_nothing_has_no_words() -> None:
    assert (sections.processor(""), sections.memory(""), sections.system("")) == ("", "", "")


def test_missing_data_end_the_program_with_one_sentence_and_code_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(sections.SHARED, str(tmp_path))

    with pytest.raises(SystemExit) as ended:
        sections.shared("bench", "make_problem.py")

    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        "this benchmark needs bench/make_problem.py, which is not shipped: put it into ../shared, or name the folder "
        "that holds it in LYCEUM_SHARED\n"
    )


def test_table_is_markdown() -> None:
    assert sections.table(("a", "b"), [(1, "x")]) == "| a | b |\n| --- | --- |\n| 1 | x |"


def test_page_has_a_section_for_every_benchmark() -> None:
    page = sections.PAGE.read_text(encoding="utf-8")
    scripts = sorted(file.stem for file in (sections.ROOT / "bench").glob("bench_*.py"))

    assert [name for name in scripts if f"<!-- {name}: begin -->" in page] == scripts
