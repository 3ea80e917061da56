"""Query parameters, parsed at the door: unknown ones are ignored, an invalid one gives a 400 page with a way out."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import urlencode

from flask import request
from pydantic import BaseModel, ConfigDict, ValidationError


class BadParameter(ValueError):
    """A query parameter that means nothing here."""

    def __init__(self, name: str, value: str) -> None:
        self.name, self.value = name, value
        super().__init__(f"{name}={value!r}")


class Query(BaseModel):
    """What a page may be asked; an empty field of a GET form is the same as none."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    def as_string(self) -> str:
        """The query string that gives this state again, with its "?"; what is as by default is left out."""
        given = {name: str(value) for name, value in self.model_dump(exclude_defaults=True).items() if value != ""}
        return f"?{urlencode(given)}" if given else ""


Q = TypeVar("Q", bound=Query)


def parsed(model: type[Q]) -> Q:
    """Raises BadParameter naming the first parameter that is invalid."""
    given = {name: value.strip() for name, value in request.args.items() if value.strip()}
    try:
        return model.model_validate(given)
    except ValidationError as problem:
        name = str(problem.errors()[0]["loc"][0])
        raise BadParameter(name, given.get(name, "")) from None
