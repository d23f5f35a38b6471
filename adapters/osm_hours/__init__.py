"""Read and write opening hours in OpenStreetMap's `opening_hours` syntax, exactly or not at all.

The library knows the whole syntax; the domain knows less. So a text is parsed by the library, the part of its
canonical form that the domain can express is translated, and the result is compared with the library's own
evaluation, day by day. Public holidays (PH) and school holidays (SH) become the day types "holiday" and
"school_break": which dates those are is the business of the calendar of day types, never of the library.

Syntax: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification
"""

from adapters.osm_hours.judging import implausible
from adapters.osm_hours.reading import read_osm
from adapters.osm_hours.words import UnsupportedHours
from adapters.osm_hours.writing import write_osm

__all__ = ["UnsupportedHours", "implausible", "read_osm", "write_osm"]
