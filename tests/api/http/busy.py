"""A town where more is asked for than can be had, so that a search has something to do for a while."""

from __future__ import annotations

from random import Random

from adapters.application.application import Lyceum
from domain.network import area_id
from domain.windows import on_day
from tests.adapters.town import ask, enrol, evenings, found_area, lend

TOPICS = ("calligraphy", "choir", "phones", "chess", "english", "dance")


def busy_town(url: str, requests: int = 90, people: int = 20) -> Lyceum:
    """The application with it; the area is "busy"."""
    draw = Random(7)
    lyceum = Lyceum(url, actor="coordinator-1")
    metadata = lyceum.metadata()
    found_area(lyceum, metadata, "busy", "city", None)
    found_area(lyceum, metadata, "quay", "street", area_id("busy"))
    for number in range(5):
        rooms = [{"key": f"room-{at}", "capacity": draw.choice((15, 25, 40, 60))} for at in range(3)]
        lend(
            lyceum,
            metadata,
            f"place-{number}",
            "quay",
            rooms=rooms,
            hours=((1, 2, 3, 4, 5, 6), "09:00", "21:00"),
        )
    for number in range(people):
        hours = [
            on_day(day, *draw.choice((("09:00", "13:00"), ("14:00", "18:00"), ("17:00", "21:00"))))
            for day in draw.sample(range(1, 7), 4)
        ]
        enrol(lyceum, metadata, f"v-{number}", "quay", tuple(draw.sample(TOPICS, 3)), hours)
    for number in range(requests):
        acceptable = draw.choice(
            (evenings(), tuple(on_day(day, "09:00", "18:00") for day in draw.sample(range(1, 7), 3)))
        )
        ask(
            lyceum,
            metadata,
            f"r-{number}",
            "quay",
            topic=draw.choice(TOPICS),
            acceptable=acceptable,
            learners=draw.randint(8, 50),
            sessions=draw.choice((1, 1, 2)),
            function=draw.choice(("arts", "leisure", "civic", "science")),
        )
    lyceum.views.catch_up()
    return lyceum
