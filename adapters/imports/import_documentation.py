"""Generator of docs/import.md from the columns and profiles themselves, so that it cannot fall behind them.

Run as `python -m adapters.imports.import_documentation > docs/import.md`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from adapters.imports.columns import Column
from adapters.imports.import_kind import ImportKind
from adapters.imports.importing import KINDS
from adapters.imports.profiles import find_profile, profile_names

INTRODUCTION = """\
# Import

An import brings one file of one kind into the database: areas, venues, rooms, opening hours, closures, volunteers,
course requests, day types or words of the catalogue. This page is made from the program's own list of columns.

## How it goes

- **All or nothing.** A file is imported in one transaction. If one value is wrong, nothing is imported, and every wrong
  row is listed with its number, the column, the value and what would be right.
- **Odd values wait.** What is possible but rarely meant (a library that opens at midnight, a room for 3,000 people, a
  point in the sea) is listed as a warning. Nothing is imported until the warnings are accepted; then the file is taken
  as it is.
- **A dry run** says what would be new, what would change and in which fields, and changes nothing.
- **Released sessions that an import breaks are named**, in the dry run and afterwards: a smaller room, other hours, a
  holiday, somebody who no longer leads. They stay released until the week is repaired and released again.
- **Twice is once.** Every row has a natural key. What is there already is compared, and only a difference becomes an
  event. Importing the same file twice changes nothing.
- **Nothing is deleted.** What a file does not name stays as it is: a record without a row, and a column that the file
  does not have. So a table with two columns, the key and a new telephone number, changes telephone numbers and nothing
  else. (The table of hours is the exception: the rows of one venue are its hours, see there.)
- **An empty cell** keeps what is known or clears it, as the lists below say for each column. What is cleared is counted
  in the report, and named in a dry run.
- **Rows are counted**: new, changed and unchanged are rows of the file, also where only personal data change.
- **Personal data** (names, telephone numbers, e-mail addresses, homes) goes to a table of its own, whose rows can be
  erased. Events carry an id alone. Choose keys that say nothing about a person. No report shows them. An empty cell
  never takes them away, and a row that would bring an erased record back is asked about first.

## Keys that a spreadsheet changed

Spreadsheets take the zeros in front of a number away, write 1E+05, and make dates of 1-2. Signs that nobody sees
(blanks of all kinds, zero width signs, full-width letters, an apostrophe in front) are taken out of keys without a
word. A key that is new and looks like a known one, but for zeros, capitals, dashes, a power of ten or a date, is asked
about, and so is a volunteer with a new key whose name and telephone or e-mail are known, and a new key that is
somebody's name, telephone or e-mail. Format the column of keys as text. A cell such as #N/A or 3.58E+11 is asked about.

## Files

- CSV with a comma, a semicolon or a tab between cells, or with what a line such as `sep=;` says. The first line that is
  not empty names the columns; titles above it are passed over.
- UTF-8 with or without a byte order mark, UTF-16, or GBK (GB 18030) where the text reads like Chinese. Anything else
  is asked about rather than guessed: name it with `--encoding`, such as `windows-1252`, `big5` or `euc-kr`, and look at
  the names in a dry run.
- Days that are rarely meant, such as a course whose weeks were over half a year ago or a closure in sixty years, are
  warned of.
- Workbooks: .xlsx, .xlsm, .xlsb, .xls, .ods. The first sheet is read, or the one that is named. The value of cells
  merged downwards counts for each of their rows.
- Cells are text. Dates are written 2026-11-30, times 09:30, weeks 2026-W49, numbers with a point, and yes or no. Times
  are read in all spellings of opening hours, such as 1 pm, 13.00 or １３：００; the end of a day is 24:00.
- Dates and weeks run from 1990 to 2200; a course begins at most ten years ahead, for 520 weeks at most. Nothing new is
  put into an area that was dissolved.
- Hours of a week (what volunteers offer, what communities accept): `Mo,We 09:00-12:00; Sa 14:00-17:00`. Rules for the
  same weekday add up. A window lies within one day and may end at 24:00.
- Opening hours: the syntax of OpenStreetMap, such as `Mo-Fr 09:00-17:00; Sa 09:00-12:00; PH off`. A rule behind a
  semicolon takes the place of those before it on its days; one behind a comma adds to them.
  - Seasons that recur (`Apr-Sep`, `Dec 24-26`), dates with a year (`2026 Jul 1-2026 Aug 31`), weeks (`week 10-12`), the
    first or last weekday of a month (`Sa[1]`, `Su[-1]`), public holidays (`PH`) and school holidays (`SH`) are kept.
  - Weekdays may stand in words, in English, Chinese (`周一至周五 9:00-17:00，法定节假日除外`), German, French, Spanish,
    Portuguese, Greek, Turkish, Korean, Japanese and a dozen other languages; times as 9am-5pm, 9:00 AM – 5:30 p.m.,
    9h30, 9.30 or 上午9点; signs in full width. Hours of a week are read in the same spellings.
  - A warning asks first about a night, a day without times (`Sa`, `2026`, `open`), times behind a semicolon without
    weekdays, weekdays without a semicolon before them, a rule that undoes one before it (`9-12; 14-18` is 14-18 alone,
    `9-12, 14-18` is both), a comment, and opening or closing at midnight or in the night. A whole day is written `24/7`
    or `00:00-24:00`, 18:00 is never written 6:00, and 14:00 never 2:00.
  - Easter, the sun, a day beside a holiday, and words that name different days in different languages are refused, with
    the part that cannot be kept.
- Names, keys and sentences are tidied without a word: blanks around them go, line breaks and tabs become one blank,
  letters are composed (Unicode NFC), invisible characters and what word processors leave go. Control characters,
  characters that turn the order of reading round, and hidden letters are refused, with row and column. A name has at
  most 300 characters, a key 200, a sentence 2,000. A new key begins with a letter, a digit or `_`, has none of
  `/ \\ ? # % " < > | *`, and does not look like an id.
- An apostrophe that an export put before a would-be formula is taken away again.
- An area is named by its key or id, by scheme:code (as it is on the day), or by a name that no other area has. What is
  the key of one area and a code or a name of another is refused, and both are named; it means the first where the other
  lies inside it. No new area gets a key that is a code or a name of another.

A template of each kind, with one example row, is written on demand as CSV or XLSX; the workbook explains its columns on
a second sheet.

## Kinds

Import in this order: the network, then venues, rooms, opening hours and closures, then volunteers, their days, and
requests. A column that is required `always` must be in the file; one that is required `for new` records may be left out
where every row is known.
"""

PROFILES = """\
## Profiles

A profile is a small YAML file that says how somebody else's file is read as one of the kinds above, so that the file
itself stays untouched. Give the name of one that comes with the program, or the path of your own.

```yaml
kind: venues
about: libraries of a county, from its open data
columns: # ours: theirs
  key: LibraryID
  name: Library name
  hours: Opening
templates: # ours, put together from their columns
  area: "gss:{Ward code}"
values: # words of theirs under one column of ours; others stay as they are, or become the default
  kind:
    Central Library: library
    default: learning_room
constants: # where a cell is blank
  kind: library
choose: # the first choice whose condition holds
  price:
    - when: {Charges: {matches: "(?i)hire|fee"}}
      value: reduced
    - value: free
keep: # rows for which at least one of these holds
  - Open: [yes, partly]
drop: # rows for which any of these holds
  - Status: {not: active}
blank: [n/a, None] # texts that mean nothing
unique: true # rows with the same key are one, if they say the same
```

| key | what it says |
| --- | --- |
| `kind` | one of the kinds above; the only key that must be there |
| `about` | one sentence for people |
| `columns` | ours: theirs |
| `templates` | ours: a text with their columns in braces; blank where all of these are |
| `values` | for a column of ours that `columns` fills: their word: ours, and `default` for all others |
| `choose` | for a column of ours: a list of `when` (a condition) and `value` (a template); it goes before the others |
| `times` | their columns `start`, `end`, and `date` or `day`: windows of a request are made of them, see below |
| `constants` | ours: a value where nothing else fills the cell; the importer may give constants too, which go first |
| `keep`, `drop` | conditions: their column: a text, a list of texts, `{matches: regular expression}` or `{not: …}` |
| `blank` | texts of theirs that mean nothing |
| `unique` | fold rows with the same key into one |
| `before`, `after` | rows of ours that the file lacks; the constants hold for them |
| `areas` | columns of the kind network as templates: areas that are not there yet are founded |
| `only_known` | a column of ours: rows whose value there the database does not know are left out, not wrong |
| `assumed` | a column of ours: how its values were made up; every report repeats it |

With `times`, an appointment becomes the `preferred` window of a request, `duration_minutes` and, where it has a date,
`first_week`; `acceptable` is that window with `pad_minutes` on either side, on the same day.

All words and numbers of a profile are taken as they are written, No, on, 007 and 12:30 among them.

These profiles come with the program:

| name | kind | what it reads |
| --- | --- | --- |
"""

ENDING = """\

## How it ends

The report says what was imported, or why nothing was. For programs it is JSON: `imported`, `rows`, `left_out`, `new`,
`changed`, `unchanged`, `cleared`, `removed`, `events`, `personal`, `errors`, `warnings`, `changes`, `broken`,
`assumed` and `position`. An import is refused where there are errors, and where there are warnings that were not
accepted. A file, a profile or a kind that cannot be read at all is one sentence that says what to do next. If somebody
else changes the same things at the same time, the import is tried again by itself.

`lyceum import KIND FILE` ends with exit code 0 where the file was imported or a dry run found nothing wrong, 1 where
values are wrong or the file cannot be read, and 3 where warnings wait for `--accept-warnings`. `--profile` names a
profile, `--set COLUMN=VALUE` gives a constant, `--encoding` says how a CSV file is stored, `--keep-others` keeps
seasons that a table of hours does not name, `--json` prints the report for programs.
"""


def page() -> str:
    """The whole of docs/import.md."""
    return "".join((INTRODUCTION, *map(_section, KINDS.values()), "\n", PROFILES, *_profile_rows(), ENDING))


def _section(kind: ImportKind) -> str:
    rows = "".join(
        f"| `{column.name}` | {_needed(column)} | {column.holds} | {_on_blank(kind, column)} | "
        f"{_code(column.example)} |\n"
        for column in kind.columns
    )
    head = "| column | required | what it holds | empty cell | example |\n| --- | --- | --- | --- | --- |\n"
    return f"\n### {kind.name}\n\n{kind.about}\n\n{head}{rows}"


def _needed(column: Column) -> str:
    if column.always:
        return "always"
    return "for new" if column.required else ""


def _on_blank(kind: ImportKind, column: Column) -> str:
    """What an empty cell means, in words; nothing for a kind that acts, where each row is read alike."""
    if column.required:
        return "refused"
    is_record = bool(kind.key) and not kind.acts
    return column.on_blank if is_record and column.name not in kind.key else ""


def _code(example: str) -> str:
    return f"`{example}`" if example else ""


def _profile_rows() -> Iterator[str]:
    for name in profile_names():
        profile = find_profile(name)
        yield f"| `{name}` | {profile.kind} | {profile.about} |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
