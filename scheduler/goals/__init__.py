"""The goals of a week, one module each; the list of them is here.

Add one: its module with its object, its value in `scheduler.rules.goals`, and its name where documents list theirs.
"""

from __future__ import annotations

from scheduler.goals.communities import COMMUNITIES
from scheduler.goals.continuity import CONTINUITY
from scheduler.goals.functions import FUNCTIONS
from scheduler.goals.goal import Goal
from scheduler.goals.preferred import PREFERRED
from scheduler.goals.served import SERVED
from scheduler.goals.travel import TRAVEL

GOALS: dict[str, Goal] = {
    goal.name: goal for goal in (COMMUNITIES, SERVED, FUNCTIONS, CONTINUITY, PREFERRED, TRAVEL)
}
