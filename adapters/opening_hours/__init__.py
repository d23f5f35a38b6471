"""Parser and writer of OpenStreetMap's `opening_hours` syntax, exact or refusing.

People write this syntax in many ways, and the programs that read it differ. Here a text is read as the reference
evaluator reads it (a test compares the two), or refused with the part that cannot be kept; what may be meant
otherwise comes with a question. Public holidays (PH) and school holidays (SH) become the day types "holiday" and
"school_break": which dates those are is the business of the calendar of day types.

Syntax: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification
"""

from adapters.opening_hours.clock_times import read_time
from adapters.opening_hours.osm_reader import ReadHours, read_osm, read_with_questions
from adapters.opening_hours.osm_syntax import UnsupportedHours
from adapters.opening_hours.osm_writer import write_osm
from adapters.opening_hours.plausibility import oddities, questions_on

__all__ = [
    "ReadHours",
    "UnsupportedHours",
    "oddities",
    "questions_on",
    "read_osm",
    "read_time",
    "read_with_questions",
    "write_osm",
]
