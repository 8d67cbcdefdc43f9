"""Typed values from the outside (options, parameters, relation data) that say in a sentence what is wrong."""

import pydantic


class Value(pydantic.BaseModel):
    """A frozen value whose refusal is one plain sentence, fit for an operator, instead of a dump."""

    model_config = pydantic.ConfigDict(
        frozen=True, extra="ignore", arbitrary_types_allowed=True, hide_input_in_errors=True
    )

    def __init__(self, **data: object) -> None:
        try:
            super().__init__(**data)
        except pydantic.ValidationError as refused:
            raise ValueError(sentence(refused)) from None


def sentence(refused: pydantic.ValidationError) -> str:
    """The first thing that is wrong. The refused input stays out of it: it may be a secret."""
    error = refused.errors(include_input=False, include_url=False)[0]
    said = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return said
    place = ".".join(str(part) for part in error["loc"])
    return f"{place}: {said[:1].lower()}{said[1:]}"
