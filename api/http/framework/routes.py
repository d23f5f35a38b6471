"""Reading of a request's path and query string by pydantic models, and the route that does no more than that.

FastAPI's own way also looks for bodies, forms, files, nested dependencies and contexts to close, at each request. An
operation here takes none of these, and the way to it was a third of what a quick read costs.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any, get_args, get_origin

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError, create_model
from pydantic.fields import FieldInfo
from starlette.requests import Request
from starlette.routing import request_response

from api.http.framework.query_models import QueryModel, in_order

_REFS = "#/components/schemas/{model}"


class PlainRoute(APIRoute):
    """The route of an operation, whose endpoint takes the request as it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.app = request_response(self.endpoint)


class Reader:
    """What an operation reads of the path and the query string.

    The query is the model of the parameter `query`, where the function has one, or made of its other parameters.
    """

    def __init__(self, parameters: Iterable[inspect.Parameter], path: str) -> None:
        in_path: list[inspect.Parameter] = []
        in_query: list[inspect.Parameter] = []
        for parameter in parameters:
            (in_path if f"{{{parameter.name}}}" in path else in_query).append(parameter)
        self.path_names = {parameter.name for parameter in in_path}
        self._path = _model_of(in_path)
        declared = next((parameter.annotation for parameter in in_query if parameter.name == "query"), None)
        if declared is not None and (len(in_query) > 1 or not issubclass(declared, QueryModel)):
            raise TypeError(f"{path} takes a query model and other parameters; put them into the model")
        self._is_declared = declared is not None
        self._query: type[BaseModel] = declared or _model_of(in_query)
        fields = self._query.model_fields
        self.query_names = {field.alias or name for name, field in fields.items()}
        self._lists = [field.alias or name for name, field in fields.items() if _is_list(field.annotation)]
        self._by_default = None if any(map(FieldInfo.is_required, fields.values())) else self._query()

    def read(self, request: Request) -> dict[str, Any]:
        """The arguments of the function. Raises RequestValidationError; unknown names in the query are left out."""
        errors: list[Any] = []
        arguments = _fields(_validated(self._path, request.path_params, "path", errors))
        query = self._read_query(request, errors)
        if errors:
            raise RequestValidationError(errors)
        return {**arguments, "query": query} if self._is_declared else {**arguments, **_fields(query)}

    def _read_query(self, request: Request, errors: list[Any]) -> BaseModel | None:
        parameters = request.query_params
        if not parameters and self._by_default is not None:
            return self._by_default
        values: dict[str, Any] = {name: parameters[name] for name in parameters if name in self.query_names}
        values |= {name: parameters.getlist(name) for name in self._lists if name in values}
        return _validated(self._query, values, "query", errors)

    def described(self) -> list[dict[str, Any]]:
        """The parameters as OpenAPI describes them."""
        return [*_described(self._path, "path"), *_described(self._query, "query")]


def _model_of(parameters: Iterable[inspect.Parameter]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        parameter.name: (
            parameter.annotation,
            ... if parameter.default is inspect.Parameter.empty else parameter.default,
        )
        for parameter in parameters
    }
    return create_model("Parameters", **fields)


def _validated(
    model: type[BaseModel], values: Mapping[str, Any], where: str, errors: list[Any]
) -> BaseModel | None:
    """The values as the model reads them; None after noting what is wrong with them."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        errors += ({**each, "loc": (where, *each["loc"])} for each in error.errors(include_url=False))
        return None


def _fields(model: BaseModel | None) -> dict[str, Any]:
    return {} if model is None else vars(model)


def _is_list(kind: Any) -> bool:
    """Whether a parameter may be given several times."""
    return any(get_origin(each) is list for each in (kind, *get_args(kind)))


def _described(model: type[BaseModel], where: str) -> Iterable[dict[str, Any]]:
    schema = model.model_json_schema(ref_template=_REFS)
    for name in in_order(schema.get("properties", {})):
        own = schema["properties"][name]
        parameter = {"name": name, "in": where, "required": name in schema.get("required", ()), "schema": own}
        yield {**parameter, "description": own["description"]} if "description" in own else parameter
