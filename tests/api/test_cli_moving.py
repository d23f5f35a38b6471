"""The command line at the telephone: places for one session, and moves with the reasons that they are kept with."""

from __future__ import annotations

import json

from tests.api.conftest import Run

WEEK = "--area town --week 2026-W49"
CHOIR = f"{WEEK} --request choir"


def test_suggestion_is_listed_taken_and_kept_with_its_reason(released: Run) -> None:
    told = json.loads(released(f"lyceum suggest {CHOIR} --other-day --json").out)
    listed = released(f"lyceum suggest {CHOIR} --other-day")
    refused = released(f'lyceum suggest {CHOIR} --other-day --take 1 --why "painters"')
    accepted = " ".join(f"--accept {rule}" for rule in {one["rule"] for one in told[0]["warnings"]})
    taken = released(f'lyceum suggest {CHOIR} --other-day --take 1 --why "painters" {accepted}')
    (event,) = json.loads(released(f"lyceum history {WEEK} --limit 1 --json").out)

    assert listed.out.startswith(f"1. {told[0]['sentence']}\n")
    assert "call anna (moved, choir); tell 50 learners" in listed.out
    assert (refused.code, refused.out) == (1, "")
    assert "accept continuity" in refused.err
    assert (taken.code, taken.out) == (0, f"done in the draft: {told[0]['sentence']}\n")
    assert event["event"] == "timetable.session_moved"
    assert "accepted=continuity" in event["what"]


def test_move_passes_a_soft_rule_only_by_its_name(released: Run) -> None:
    move = f'lyceum move {WEEK} --request smartphones --why "the other one is away" --lead'
    line = f"{move} cora" if "is there already" in released(f"{move} ben").out else f"{move} ben"
    refused, unknown = released(line), released(f"{line} --accept everything")

    assert (refused.code, refused.out) == (1, "")
    assert "the move changes the lead" in refused.err
    assert (unknown.code, unknown.out) == (1, "")
    assert "'everything' is no soft rule; there are pin, whole" in unknown.err
    assert released(f"{line} --accept continuity").code == 0


def test_number_that_was_not_suggested_is_refused(released: Run) -> None:
    ran = released(f'lyceum suggest {CHOIR} --day 7 --take 3 --why "painters"')

    assert (ran.code, ran.out) == (1, "")
    assert "there are 0 suggestions for choir#1, not 3" in ran.err
    assert "no other place was found" in released(f"lyceum suggest {CHOIR} --day 7").out


def test_differences_tell_why_a_session_was_moved_by_hand(released: Run) -> None:
    released(f'lyceum suggest {CHOIR} --take 1 --why "painters" --accept continuity --accept preferred')
    before = json.loads(released(f"lyceum diff {WEEK} --json").out)
    released(f"lyceum release {WEEK} --name Second")
    after = released(f"lyceum diff {WEEK}").out

    assert [one["by_hand"] for one in before["changes"] if one["by_hand"]] == []
    assert "      by hand: painters (passes continuity" in after


def test_step_is_taken_back_and_done_again(released: Run) -> None:
    released(f'lyceum drop {CHOIR} --why "called off"')
    tried = released("lyceum undo town 2026-W49 --dry-run")
    undone, nothing = released("lyceum undo town 2026-W49"), released("lyceum undo town 2026-W49")
    redone = released("lyceum redo town 2026-W49")

    assert tried.out.startswith("the drop of choir#1 would be taken back (called off)\n")
    assert undone.out.startswith("the drop of choir#1 is taken back (called off)\ncall ")
    assert (nothing.code, nothing.out) == (1, "")
    assert "there is no step of yours in 2026-W49 to take back" in nothing.err
    assert redone.out.startswith("the drop of choir#1 is done again (called off)\n")
