"""State that all requests of one process share: the application, its read side, the past, and settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from adapters.application.application import Lyceum
from adapters.feeds.ready_feeds import FeedCache
from adapters.store.cached_read_models import CachedReadModels
from adapters.store.caches import CacheKind
from adapters.store.store import DATABASE_FAULTS
from adapters.store.views import Past, Views
from adapters.week.released_timetables import Editions
from adapters.workers.sidecar import Here, Sidecar
from api.http.errors import invalid
from api.http.limits.body_limits import Bodies
from api.http.limits.command_rate import Pace
from api.http.limits.thread_limits import ThreadLimits, Turns
from api.http.observability.readiness import ReadinessProbe
from api.http.settings import Settings
from api.http.signin.sign_in_service import SignInService
from domain.calendar import OutOfCalendar, bounded_instant
from domain.messages import message

_POSITION = re.compile("[0-9]{1,15}")
PASTS = CacheKind[Past](4)
INSTANTS = CacheKind[int](4)
MOST_STREAMS = 200  # of one process
MOST_STREAMS_EACH = 6  # of one caller there


@dataclass(slots=True)
class AppState:
    """One for each process. `ids` makes a new id at each call; `swept` is the day of the last tidying.

    `streams` are those that are being told.
    """

    lyceum: Lyceum
    settings: Settings
    live: CachedReadModels
    editions: Editions
    ids: Callable[[], UUID] = uuid4
    swept: date | None = None
    pace: Pace = field(default_factory=Pace)
    feeds: FeedCache = field(default_factory=FeedCache)
    sign_in_service: SignInService = field(init=False)
    lanes: ThreadLimits = field(init=False)
    bodies: Bodies = field(init=False)
    streams: Turns = field(default_factory=lambda: Turns(MOST_STREAMS, each=MOST_STREAMS_EACH, waiting=0))
    judging: Sidecar | Here = field(init=False)
    readiness: ReadinessProbe = field(init=False)

    def __post_init__(self) -> None:
        own = self.settings
        self.lanes = ThreadLimits(own.threads)
        self.bodies = Bodies(own.most_bytes)
        self.judging = Sidecar(own.database) if own.beside else Here(self.lyceum)
        self.readiness = ReadinessProbe(self._behind)
        self.sign_in_service = SignInService(own.sign_in, own.public_url, self.lyceum)

    def start(self) -> None:
        """Begin what takes a while to begin."""
        self.judging.start()

    def close(self) -> None:
        """End what was begun here; the application is its owner's."""
        self.judging.close()
        self.sign_in_service.close()

    def _behind(self) -> int | None:
        """How many events the read side misses; None where the database does not answer."""
        try:
            return max(0, self.lyceum.store.position() - self.live.position)
        except DATABASE_FAULTS:
            return None

    def views(self, moment: str | None) -> Views:
        """The read side now, or as it was at an event position or an instant."""
        now = self.live.snapshot()
        if moment is None:
            return now
        if _POSITION.fullmatch(moment):
            return now if int(moment) >= now.position else self._past(int(moment))
        instant = _instant(moment)
        return now if instant >= self.lyceum.clock() else self._past(self._position_at(instant))

    def _position_at(self, instant: datetime) -> int:
        """Reading all events takes a while, so the last answers are kept."""
        return self.lyceum.store.derived.get(
            INSTANTS, (), instant, lambda: self.lyceum.store.position_at(instant)
        )

    def _past(self, position: int) -> Past:
        return self.lyceum.store.derived.get(
            PASTS, (), position, lambda: self.lyceum.views.at_position(position)
        )


def _instant(text: str) -> datetime:
    try:
        moment = bounded_instant(datetime.fromisoformat(text))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OutOfCalendar as error:
        raise invalid("query", "at", str(error), text) from None
    except ValueError:
        raise invalid(
            "query", "at", message("must be an event position, or a time such as 2026-11-21T18:00:00Z"), text
        ) from None
