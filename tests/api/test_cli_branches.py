"""What-if branches on the command line: the commands of every day inside them, then adopt or drop."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pytest
import typer

from adapters.application.application import Lyceum
from adapters.branches import lifecycle
from adapters.branches.branch_application import BranchApplication
from adapters.branches.branches import Branch, NotInBranch, find_branch
from adapters.branches.lifecycle import BranchRef
from adapters.services.closures import pause_volunteer, retire_venue
from adapters.store.store import person_row
from adapters.store.streams import VENUES
from api.cli.branches import IN_BRANCHES
from api.cli.main import app
from domain.network import area_id
from domain.venue import venue_id
from domain.volunteer import Pause
from tests.adapters.town import TOWN as TOWN_AREA
from tests.adapters.town import WEEK
from tests.adapters.town import town as a_town
from tests.api.conftest import Run
from tests.api.http.conftest import served, someone

HERE = "--area town --week 2026-W49 what-if"
CLOSE = "close --venue school --from 2026-12-01 --why 'what if' --emergency"

WHOLE_WEEK = CLOSE.replace("2026-12-01", "2026-11-30 --until 2026-12-06")
RETIRE = "retire --venue school --on 2027-01-31 --why 'it moves out'"


@pytest.fixture
def begun(released: Run) -> Run:
    """A released week with a branch."""
    assert released(f"lyceum branch start {HERE}").code == 0
    return released


def the_branch() -> Branch:
    with Lyceum("sqlite:///lyceum.db") as lyceum:
        return find_branch(lyceum.store, area_id("town"), "2026-W49", "what-if")


def closures(venue: str = "school") -> int:
    """How many closures the venue has outside of branches."""
    with Lyceum("sqlite:///lyceum.db") as lyceum:
        return len(lyceum.must_load(VENUES, venue_id(venue)).closures)


def test_what_if_the_school_closes(begun: Run) -> None:
    changed = begun(f"lyceum branch change {HERE} -- {CLOSE}")
    assert (changed.code, changed.err) == (0, "")
    assert changed.out.splitlines()[0] == "school is closed from 2026-12-01 to 2026-12-01"
    assert changed.out.splitlines()[-1] == "branch what-if: change 1"
    assert closures() == 0

    planned = begun(f"lyceum branch plan {HERE} --time-limit 5")
    assert planned.out.startswith("draft 2: ")
    assert planned.out.endswith(
        f"next: `lyceum branch compare {HERE}`, then `lyceum branch adopt` or `drop` it\n"
    )
    compared = begun(f"lyceum branch compare {HERE}").out
    assert "venues school: changed" in compared
    assert "breaks" not in compared
    shown = begun(f"lyceum branch show {HERE}").out.splitlines()
    assert shown[1].startswith("1. close --venue school --from 2026-12-01 --why 'what if' --emergency (coord")
    assert shown[2].startswith("2. Plan the week: draft 2")
    assert begun("lyceum branch list --area town --week 2026-W49").out == (
        "what-if: open, 2 changes, by coordinator-1\n"
    )

    adopted = begun(f"lyceum branch adopt {HERE}")
    assert adopted.out.splitlines()[0].endswith("the latest draft of 2026-W49 is 2")
    assert adopted.out.endswith("next: `lyceum report --area town --week 2026-W49`, then `lyceum release`\n")
    assert closures() == 1
    assert "is adopted" in begun(f"lyceum branch undo {HERE}").err


def test_one_command_line_is_one_change(begun: Run) -> None:
    """A span of several parts is taken back as a whole."""
    span = CLOSE.replace("2026-12-01", "'2026-12-01 13:00' --until '2026-12-04 10:00'")
    begun(f"lyceum branch change {HERE} -- {span}")
    change = the_branch().changes[0]
    assert [command.name for command in change.commands] == ["close_venue"] * 3
    begun(f"lyceum branch change {HERE} -- reopen --venue school --from 2026-12-02 --why 'it works again'")
    assert len(the_branch().changes) == 2
    undone = begun(f"lyceum branch undo {HERE}").out.splitlines()
    assert undone[0].startswith(
        "taken back: 2. reopen --venue school --from 2026-12-02 --why 'it works again' (coord"
    )
    assert undone[1:] == ["branch what-if has 1 change now"]
    assert begun(f"lyceum branch undo {HERE}").out.endswith("\nbranch what-if has 0 changes now\n")

    refused = begun(f"lyceum branch undo {HERE}")
    assert (refused.code, refused.err) == (1, "lyceum: branch what-if has no change to take back\n")


def test_dry_run_inside_a_branch_keeps_nothing(begun: Run) -> None:
    tried = begun(f"lyceum branch change {HERE} -- {CLOSE} --dry-run")

    assert tried.out.startswith("dry run, nothing was changed: school is closed")
    assert tried.out.endswith("nothing changes in branch what-if\n")
    assert (the_branch().changes, the_branch().version) == ((), 1)


def test_draft_is_adjusted_inside_a_branch(begun: Run) -> None:
    """Each command sees what those before it have done in the branch."""
    week = "--area town --week 2026-W49 --request choir"
    for inner in (
        f"pin {week} --comment 'the piano'",
        f"unpin {week}",
        f"drop {week} --why 'called off'",
        "starts --area town --grid 15 --why 'short courses'",
        "letter --area town --week 2026-W49 --is A --why 'the first week'",
        "pause --volunteer anna --from 2026-12-01 --why away",
        "step --request choir --to withdrawn --why 'nobody came'",
        "retire --venue school --on 2027-01-31 --why 'it moves out'",
    ):
        ran = begun(f"lyceum branch change {HERE} -- {inner}")
        assert ran.code == 0, (inner, ran.err)

    assert [change.operation for change in the_branch().changes] == [
        "pin",
        "unpin",
        "drop",
        "set_starts",
        "letter_week",
        "pause_volunteer",
        "step_request",
        "retire_venue",
    ]
    again = begun(f"lyceum branch change {HERE} -- drop {week} --why 'called off'")
    assert again.code == 1
    assert begun(f"lyceum branch rebase {HERE}").code == 0
    assert begun(f"lyceum branch adopt {HERE}").code == 0


def test_what_a_branch_cannot_hold_is_refused(begun: Run) -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert commands.keys() >= set(IN_BRANCHES)
    for name in sorted(commands.keys() - set(IN_BRANCHES)):
        refused = begun(f"lyceum branch change {HERE} -- {name} --whatever")

        assert refused.code == 1
        assert refused.err.startswith(
            f"lyceum: {name} cannot be given in a branch, which holds facts, pins and"
        )


def test_command_that_is_none_or_is_badly_given_changes_nothing(begun: Run) -> None:
    assert "there is no command 'fly'" in begun(f"lyceum branch change {HERE} -- fly").err
    assert begun(f"lyceum branch change {HERE} -- close --venue school").code == 2
    assert begun(f"lyceum branch change {HERE} -- close --venue none --from 2026-12-01 --why x").code == 1
    assert the_branch().changes == ()
    assert begun("lyceum branch start --area town --week 2026-W49 'what if'").code == 1
    assert begun("lyceum branch start --area town --week 2026-W49 two --draft 1 --release 1").code == 1


def test_branches_start_from_drafts_and_releases_and_are_dropped(begun: Run) -> None:
    assert begun("lyceum branch start --area town --week 2026-W49 told --release 1").code == 0
    assert "from release 1" in begun("lyceum branch show --area town --week 2026-W49 told").out
    assert begun("lyceum branch repair --area town --week 2026-W49 told").code == 0
    begun(f"lyceum branch change {HERE} -- {CLOSE}")
    both = json.loads(begun(f"lyceum branch compare {HERE} --with told --json").out)
    assert (both["before"]["name"], both["after"]["name"]) == ("told", "what-if")
    assert begun(f"lyceum branch drop {HERE}").out == "branch what-if is dropped\n"
    listed = json.loads(begun("lyceum branch list --area town --week 2026-W49 --json").out)
    assert [(one["name"], one["status"]) for one in listed] == [("what-if", "dropped"), ("told", "open")]
    assert begun(f"lyceum branch change {HERE} -- {CLOSE}").code == 1
    assert "is dropped" in begun(f"lyceum branch plan {HERE}").err
    assert begun(f"lyceum branch start {HERE}").code == 0


def test_change_that_is_refused_now_is_named_and_can_be_left_out(begun: Run) -> None:
    dropped = "drop --area town --week 2026-W49 --request choir --why 'called off'"
    begun(f"lyceum branch change {HERE} -- {dropped}")
    begun(f"lyceum branch change {HERE} -- {CLOSE}")
    assert begun(f"lyceum {dropped}").code == 0
    assert "rebase the branch" in begun(f"lyceum branch adopt {HERE}").err
    refused = begun(f"lyceum branch rebase {HERE}")

    assert refused.err.startswith("lyceum: change 1 (drop): session 1 of request ")
    assert begun(f"lyceum branch rebase {HERE} --without 3").err == "lyceum: branch what-if has no change 3\n"
    assert begun(f"lyceum branch rebase {HERE} --without 1").code == 0
    assert begun(f"lyceum branch adopt {HERE}").code == 0


def test_rebase_says_what_was_left_out(begun: Run) -> None:
    begun(f"lyceum branch change {HERE} -- {RETIRE}")
    begun(f"lyceum branch change {HERE} -- {CLOSE}")
    begun(f"lyceum {RETIRE}")
    rebased = begun(f"lyceum branch rebase {HERE}").out.splitlines()

    assert rebased[0] == "branch what-if stands on the truth as it is, with 1 change"
    assert rebased[1] == f"1 change decides nothing any more and was left out: 1. {RETIRE}"


def test_adopting_names_what_it_breaks(begun: Run) -> None:
    """Also where the branch has no draft of its own; a dry run changes nothing."""
    begun(f"lyceum branch change {HERE} -- {WHOLE_WEEK}")
    tried = begun(f"lyceum branch adopt {HERE} --dry-run").out
    assert tried.startswith("dry run, nothing was changed: branch what-if is adopted: ")
    assert (the_branch().status, closures()) == ("open", 0)
    adopted = begun(f"lyceum branch adopt {HERE}").out

    assert "broken by this, and cannot take place as released:" in adopted
    assert "lyceum repair --area town --week 2026-W49" in adopted


def test_branch_that_is_compared_with_itself_breaks_each_rule_once(begun: Run) -> None:
    begun(f"lyceum branch change {HERE} -- {WHOLE_WEEK}")
    lines = begun(f"lyceum branch compare {HERE} --with what-if").out.splitlines()

    assert any("breaks" in line for line in lines)
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize(
    ("inner", "sentence"),
    [
        ("close --venue nope --from 2026-12-01 --why x", "there is no venue nope"),
        ("close --venue=nope --from 2026-12-01 --why x", "there is no venue nope"),
        ("retire --venue nope --on 2027-01-31 --why x", "there is no venue nope"),
        ("pause --volunteer nope --from 2026-12-01 --why x", "there is no volunteer nope"),
        ("step --request nope --to withdrawn --why x", "there is no request nope"),
        ("drop --area town --week 2026-W49 --request nope --why x", "session 1 of request nope is not in"),
        ("pin --area town --week 2026-W49 --request nope --comment x", "session 1 of request nope is not in"),
    ],
)
def test_refusals_speak_of_keys(begun: Run, inner: str, sentence: str) -> None:
    for line in (f"lyceum branch change {HERE} -- {inner}", f"lyceum {inner}"):
        assert begun(line).err.startswith(f"lyceum: {sentence}"), line


def test_refused_change_is_named_by_keys_and_with_the_option_that_leaves_it_out(begun: Run) -> None:
    dropped = "drop --area town --week 2026-W49 --request choir --why 'called off'"
    begun(f"lyceum branch change {HERE} -- {dropped}")
    begun(f"lyceum {dropped}")

    assert begun(f"lyceum branch rebase {HERE}").err == (
        "lyceum: change 1 (drop): session 1 of request choir is not in the draft of 2026-W49; "
        "rebase the branch with --without 1 to leave this change out\n"
    )


def test_what_to_run_instead_is_said(begun: Run) -> None:
    week = "--area town --week 2026-W49"
    for verb, instead in (
        ("plan", f"run `lyceum branch plan {HERE}`"),
        ("repair", f"run `lyceum branch repair {HERE}`"),
        ("release", "adopt the branch first, then run `lyceum release`"),
        ("token", "run `lyceum token` by itself: it does not concern branches"),
        ("init", "run `lyceum init` by itself: it does not concern branches"),
    ):
        assert begun(f"lyceum branch change {HERE} -- {verb} {week}").err.endswith(f"; {instead}\n")


def test_names_of_branches(begun: Run) -> None:
    week = "--area town --week 2026-W49"
    for name in ("学校关门", "école.2:b_-"):
        assert begun(f"lyceum branch start {week} '{name}'").code == 0
        assert begun(f"lyceum branch show {week} '{name}'").out.startswith(f"{name}: open")
    for name, what in (
        ("a b", "holds a blank; write letters of any script, digits and . _ : - alone"),
        ("a/b", "holds /, which addresses and files cannot; use - or _ in its place"),
        ("a@b", "holds @; write letters of any script"),
        (".a", "begins with .; begin it with a letter or a digit"),
        ("a" * 81, "has 81 characters; write at most 80"),
    ):
        assert begun(f"lyceum branch start {week} '{name}'").err.startswith(
            f"lyceum: the name of a branch {what}"
        )


def test_hints_inside_a_branch_stay_in_it(begun: Run) -> None:
    """What such a hint says can be run, and is about the branch."""
    closed = begun(f"lyceum branch change {HERE} -- {WHOLE_WEEK}").out
    assert f"mend it in the branch with `lyceum branch repair {HERE}`" in closed
    assert begun(f"lyceum branch repair {HERE}").code == 0
    begun(f"lyceum branch undo {HERE}")
    dropped = "drop --area town --week 2026-W49 --request choir --why 'called off'"
    begun(f"lyceum branch undo {HERE}")
    inside = begun(f"lyceum branch change {HERE} -- {dropped}").out
    assert f"`lyceum branch plan {HERE} --again`" in inside
    assert (
        "see `lyceum branch show"
        in begun(f"lyceum branch change {HERE} -- reopen --venue school --from 2026-12-02 --why x").err
    )


def test_plan_that_changes_nothing_says_what_was_tried(begun: Run) -> None:
    begun(f"lyceum branch plan {HERE} --time-limit 5")
    once = begun(f"lyceum branch plan {HERE} --time-limit 5").out
    again = begun(f"lyceum branch plan {HERE} --time-limit 5 --again --seed 3 --workers 1").out
    begun(f"lyceum branch repair {HERE} --time-limit 2")
    repaired = begun(f"lyceum branch repair {HERE} --time-limit 2")

    assert "nothing was searched, which --again does all the same" in once
    assert "draft" in again.splitlines()[0]
    assert "(at most 2 s, 1 worker, seed 0) and came to the same plan: nothing has changed" in repaired.out


def test_inner_command_without_its_dashes_is_shown_with_them(begun: Run) -> None:
    missing = begun(f"lyceum branch change {HERE} close --venue school --from 2026-12-01 --why x")

    line = f"lyceum branch change {HERE} -- close --venue school --from 2026-12-01 --why x"
    assert (missing.code, missing.err) == (1, f"lyceum: write `--` before the inner command: `{line}`\n")
    assert the_branch().changes == ()


def test_history_says_what_came_by_a_branch(begun: Run) -> None:
    begun(f"lyceum branch change {HERE} -- {CLOSE}")
    begun(f"lyceum branch plan {HERE} --time-limit 5")
    begun(f"lyceum branch plan {HERE} --time-limit 5 --again --seed 7")
    begun(f"lyceum branch adopt {HERE}")
    lines = begun("lyceum history").out.splitlines()
    rows = json.loads(begun("lyceum history --json").out)

    by_branch = [row for row in rows if row["branch"]]
    assert {row["event"] for row in by_branch} >= {"venue.closed", "timetable.draft_made"}
    assert {tuple(row["branch"].values()) for row in by_branch} == {("what-if", "coordinator-1")}
    assert lines[-1].endswith("(by branch what-if, written by coordinator-1)")
    assert not any(row["branch"] for row in rows[: -len(by_branch)])


# ---- The application inside a branch


@pytest.fixture
def lyceum() -> Iterator[Lyceum]:
    with a_town("memory:") as lyceum:
        yield lyceum


def a_branch(lyceum: Lyceum) -> Branch:
    return lifecycle.start(lyceum, TOWN_AREA, WEEK, "what-if")


def test_two_who_change_a_branch_from_the_command_line_both_do(lyceum: Lyceum) -> None:
    branch = a_branch(lyceum)
    mine = BranchApplication(lyceum, branch.id, "mine")
    theirs = BranchApplication(lyceum, branch.id, "theirs")
    unit = mine.unit("operator")
    pause_volunteer(unit, "li", Pause(date(2026, 12, 1), date(2026, 12, 1)), "away")
    retire_venue(theirs, "library", date(2027, 1, 31), "it moves out")

    with pytest.raises(Exception, match="changed by somebody else"):
        unit.save()
    pause_volunteer(mine, "li", Pause(date(2026, 12, 1), date(2026, 12, 1)), "away")
    kept = find_branch(lyceum.store, TOWN_AREA, WEEK, "what-if")
    assert [change.words for change in kept.changes] == ["theirs", "mine"]
    assert mine.views.get(VENUES, venue_id("library")) == theirs.views.get(VENUES, venue_id("library"))


def test_what_is_no_command_is_not_kept_in_a_branch(lyceum: Lyceum) -> None:
    application = BranchApplication(lyceum, a_branch(lyceum).id, "what if")
    with pytest.raises(NotInBranch):
        application.store.save((), [person_row(TOWN_AREA, None)])
    with pytest.raises(NotInBranch):
        application.commit((), [person_row(TOWN_AREA, None)])
    assert application.changed is None


def test_change_of_the_command_line_is_adopted_over_http_by_administrators(lyceum: Lyceum) -> None:
    """There is no role that it was given by."""
    branch = a_branch(lyceum)
    retire_venue(BranchApplication(lyceum, branch.id, "retire"), "library", date(2027, 1, 31), "it moves out")
    with served(lyceum) as client:
        here = f"/weeks/town/{WEEK}/branches/what-if"
        refused = someone(lyceum, client, ("coordinator", TOWN_AREA)).post(f"{here}/adopt")
        assert (refused.problem, refused.body["refused_change"]) == ("not-allowed", 1)
        assert someone(lyceum, client, ("administrator", None)).post(f"{here}/adopt").status == 200


def test_branch_that_was_changed_after_it_was_seen_is_a_lost_race(lyceum: Lyceum) -> None:
    branch = a_branch(lyceum)
    unit = lyceum.unit("operator")
    with pytest.raises(Exception, match="changed after it was looked at"):
        lifecycle.undo(unit, BranchRef(branch.id, branch.version + 1))
