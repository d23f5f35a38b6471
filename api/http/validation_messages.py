"""Messages about values of a request that pydantic refuses, in its own words where it speaks English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from domain.messages import Message, message, message_of, plural

Context = Mapping[str, Any]

_SENTENCES: dict[str, Callable[[Context], Message]] = {
    "bool_parsing": lambda _: message("Input should be a valid boolean, unable to interpret input"),
    "bool_type": lambda _: message("Input should be a valid boolean"),
    "bytes_type": lambda _: message("Input should be a valid bytes"),
    "dataclass_type": lambda _: message("Input should be an object"),
    "date_from_datetime_inexact": lambda _: message(
        "Datetimes provided to dates should have zero time - e.g. be exact dates"
    ),
    "date_from_datetime_parsing": lambda context: message(
        "Input should be a valid date or datetime, {error}", error=context["error"]
    ),
    "date_parsing": lambda context: message(
        "Input should be a valid date in the format YYYY-MM-DD, {error}", error=context["error"]
    ),
    "date_type": lambda _: message("Input should be a valid date"),
    "datetime_from_date_parsing": lambda context: message(
        "Input should be a valid datetime or date, {error}", error=context["error"]
    ),
    "datetime_parsing": lambda context: message(
        "Input should be a valid datetime, {error}", error=context["error"]
    ),
    "datetime_type": lambda _: message("Input should be a valid datetime"),
    "dict_type": lambda _: message("Input should be an object"),
    "enum": lambda context: message("Input should be {expected}", expected=context["expected"]),
    "extra_forbidden": lambda _: message("Extra inputs are not permitted"),
    "finite_number": lambda _: message("Input should be a finite number"),
    "float_parsing": lambda _: message("Input should be a valid number, unable to parse string as a number"),
    "float_type": lambda _: message("Input should be a valid number"),
    "frozen_set_type": lambda _: message("Input should be a valid array"),
    "greater_than": lambda context: message("Input should be greater than {limit}", limit=context["gt"]),
    "greater_than_equal": lambda context: message(
        "Input should be greater than or equal to {limit}", limit=context["ge"]
    ),
    "int_from_float": lambda _: message(
        "Input should be a valid integer, got a number with a fractional part"
    ),
    "int_parsing": lambda _: message("Input should be a valid integer, unable to parse string as an integer"),
    "int_parsing_size": lambda _: message(
        "Unable to parse input string as an integer, exceeded maximum size"
    ),
    "int_type": lambda _: message("Input should be a valid integer"),
    "json_invalid": lambda context: message("Invalid JSON: {error}", error=context["error"]),
    "less_than": lambda context: message("Input should be less than {limit}", limit=context["lt"]),
    "less_than_equal": lambda context: message(
        "Input should be less than or equal to {limit}", limit=context["le"]
    ),
    "list_type": lambda _: message("Input should be a valid array"),
    "literal_error": lambda context: message("Input should be {expected}", expected=context["expected"]),
    "missing": lambda _: message("Field required"),
    "missing_argument": lambda _: message("Missing required argument"),
    "model_attributes_type": lambda _: message("Input should be an object"),
    "model_type": lambda _: message("Input should be an object"),
    "multiple_of": lambda context: message(
        "Input should be a multiple of {limit}", limit=context["multiple_of"]
    ),
    "none_required": lambda _: message("Input should be null"),
    "set_type": lambda _: message("Input should be a valid array"),
    "string_pattern_mismatch": lambda context: message(
        "String should match pattern '{pattern}'", pattern=context["pattern"]
    ),
    "string_too_long": lambda context: plural(
        "String should have at most {count} character",
        "String should have at most {count} characters",
        count=context["max_length"],
    ),
    "string_too_short": lambda context: plural(
        "String should have at least {count} character",
        "String should have at least {count} characters",
        count=context["min_length"],
    ),
    "string_type": lambda _: message("Input should be a valid string"),
    "string_unicode": lambda _: message(
        "Input should be a valid string, unable to parse raw data as a unicode string"
    ),
    "time_parsing": lambda context: message(
        "Input should be in a valid time format, {error}", error=context["error"]
    ),
    "timezone_aware": lambda _: message("Input should have timezone info"),
    "too_long": lambda context: plural(
        "{kind} should have at most {count} item after validation, not {actual}",
        "{kind} should have at most {count} items after validation, not {actual}",
        count=context["max_length"],
        kind=context["field_type"],
        actual=str(context["actual_length"]),
    ),
    "too_short": lambda context: plural(
        "{kind} should have at least {count} item after validation, not {actual}",
        "{kind} should have at least {count} items after validation, not {actual}",
        count=context["min_length"],
        kind=context["field_type"],
        actual=str(context["actual_length"]),
    ),
    "tuple_type": lambda _: message("Input should be a valid array"),
    "uuid_parsing": lambda context: message("Input should be a valid UUID, {error}", error=context["error"]),
    "uuid_type": lambda _: message("UUID input should be a string, bytes or UUID object"),
}


def validation_message(error: Mapping[str, Any]) -> Message:
    """What pydantic says of an error, or the sentence of the rule that refused the value.

    Another sentence than those here, which another version of the library may have, stays as it is.
    """
    context = error.get("ctx", {})
    refused = context.get("error")
    if isinstance(refused, Exception):
        return message_of(str(refused))
    known = _SENTENCES.get(error["type"])
    if known is not None and (sentence := known(context)) == error["msg"]:
        return sentence
    return message_of(error["msg"])
