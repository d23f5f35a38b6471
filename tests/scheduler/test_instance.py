"""What a problem looks like as numbers: choices read off tables agree with the rules asked one by one."""

from random import Random

from scheduler import read_problem
from scheduler.documents.records import Request
from scheduler.instance.geography import Points, kilometres
from scheduler.instance.instance import Instance
from tests.scheduler.cases import Document, problem, request, volunteer, window


def test_points_within_a_limit_are_those_that_the_formula_says_limits_met_exactly_among_them() -> None:
    rng = Random(1)
    places = [(30 + rng.random(), 106 + rng.random()) for _ in range(60)]
    limits = [kilometres(places[0], places[at]) if at % 2 else None for at in range(60)]

    found = Points(places).within([places[0]] * 60, limits)

    for row, limit in zip(found.tolist(), limits, strict=True):
        assert row == [limit is None or kilometres(places[0], place) <= limit for place in places]


def _week_of(rng: Random) -> list[Document]:
    days = rng.sample(range(1, 8), 3)
    return [window(f"{rng.randrange(8, 13):02}:00", f"{rng.randrange(14, 21):02}:30", day) for day in days]


def _some_problem(rng: Random) -> Document:
    near = {"max_travel_km": rng.choice([None, 0.5, 3])}
    asked = request(
        "one", acceptable=_week_of(rng), learners=rng.choice([5, 15, 25]), assistants=rng.randrange(2),
        minors=rng.random() < 0.3, duration_minutes=rng.choice([45, 90]), equipment=rng.choice([[], ["piano"]]), **near,
    )  # fmt: skip
    people = [
        volunteer(
            name, available=_week_of(rng), skills=rng.choice([["music"], ["law"]]), vetted=rng.random() < 0.7,
            location=[50.0, rng.choice([4.0, 4.02, 4.1])], max_travel_km=rng.choice([None, 1, 5]),
            max_minutes_day=rng.choice([None, 60]), minor=rng.random() < 0.2,
        )
        for name in ("ann", "bob", "cem", "dee")
    ]  # fmt: skip
    rooms = {
        name: {"open": _week_of(rng), "equipment": rng.choice([[], ["piano"]]), "functions": some}
        for name, some in zip(("attic", "hall", "lab"), rng.choices([None, ["arts"]], k=3), strict=True)
    }  # fmt: skip
    return problem(asked, patch=rooms, volunteers=people, goals=["served"])


def _could(instance: Instance, wanted: Request, start: int, one: int, *, leads: bool) -> set[int]:
    """The venues at which somebody could work on the request then, asked rule by rule."""
    person, minutes, grid = instance.volunteers[one], wanted.duration_min, instance.grid
    limits = [limit for limit in (person.max_min_week, person.max_min_day) if limit is not None]
    able = wanted.topic in person.skills and not person.minor if leads else True
    if not able or (wanted.minors and not person.vetted) or min(limits, default=minutes) < minutes:
        return set()
    if start not in grid.starts(grid.mask(person.available, minutes)):
        return set()
    far = person.max_travel_km
    places = enumerate(instance.venues)
    return {at for at, venue in places if far is None or kilometres(person.location, venue.location) <= far}


def _expected(instance: Instance, wanted: Request, start: int) -> tuple[list[int], list[int], list[int]]:
    grid, minutes = instance.grid, wanted.duration_min
    rooms = [
        at
        for at, room in enumerate(instance.rooms)
        if instance.fits(wanted, room)
        and instance.in_reach(wanted, instance.room_venue[at])
        and start in grid.starts(grid.mask(room.open, minutes))
    ]
    venues = {instance.room_venue[room] for room in rooms}
    groups = []
    for needed, leads in ((wanted.leads, True), (wanted.assistants, False)):
        come = {
            one: _could(instance, wanted, start, one, leads=leads) for one in range(len(instance.volunteers))
        }
        people = [one for one, places in come.items() if needed and places & venues]
        groups.append(people)
        if len(people) < needed:
            return [], [], []
        if needed:
            met = set[int]().union(*(come[one] for one in people))
            rooms = [room for room in rooms if instance.room_venue[room] in met]
    return (rooms, *groups) if rooms else ([], [], [])  # type: ignore[return-value]


def test_choices_are_what_every_rule_allows() -> None:
    rng, found = Random(7), 0

    for _ in range(60):
        instance = Instance(read_problem(_some_problem(rng)))
        wanted, choices = instance.requests[0], instance.candidates[0]
        alone = wanted.minors and wanted.leads + wanted.assistants < 2
        for start in instance.grid.starts(instance.grid.mask(wanted.acceptable, wanted.duration_min)):
            groups = (choices.rooms, choices.leads, choices.assistants)
            expected = ([], [], []) if alone else _expected(instance, wanted, start)
            assert tuple(group.get(start, []) for group in groups) == expected
            found += len(expected[0])

    assert found > 500
