"""Renders a parsed template against data, within the limits."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn, cast

from identity_server.courier.go_templates import limits, values
from identity_server.courier.go_templates.errors import FunctionError, TemplateRenderError
from identity_server.courier.go_templates.formatting import NO_VALUE, show
from identity_server.courier.go_templates.functions import Table
from identity_server.courier.go_templates.nodes import (
    Action,
    Body,
    Branch,
    Call,
    Command,
    Dot,
    Include,
    Jump,
    Literal,
    Loop,
    Operand,
    Pipe,
    Text,
    Variable,
)
from identity_server.courier.go_templates.parser import MAIN, Program

Escapers = Mapping[str, Callable[[str], str]]
_NOTHING: Any = object()


class _Stop(Exception):
    """Leaves the body of a loop."""

    def __init__(self, word: str) -> None:
        self.word = word


class Rendering:
    """One rendering of one program.

    Args:
        functions: what templates may call.
        escapers: what the names in the tree's actions stand for.
        missing: what is printed for nil.
    """

    def __init__(self, program: Program, functions: Table, escapers: Escapers, missing: str = NO_VALUE) -> None:
        self._program = program
        self._functions = functions
        self._escapers = escapers
        self._missing = missing
        self._out: list[str] = []
        self._size = 0
        self._depth = 0
        self._variables: list[list[Any]] = []
        self._ends_at = time.monotonic() + limits.SECONDS

    def run(self, data: Any) -> str:
        """The text.

        Raises:
            TemplateRenderError: when a function cannot do its work or a limit is reached.
        """
        self._template(MAIN, values.plain(data))
        return "".join(self._out)

    # -- nodes ----------------------------------------------------------------------------------------

    def _template(self, name: str, dot: Any) -> None:
        outer, self._variables = self._variables, [["$", dot]]
        self._body(self._program.bodies[name], dot)
        self._variables = outer

    def _body(self, body: Body, dot: Any) -> None:
        known = len(self._variables)
        for node in body:
            match node:
                case Text():
                    self._write(node.text, node.at)
                case Action():
                    self._action(node, dot)
                case Branch():
                    self._branch(node, dot)
                case Loop():
                    self._loop(node, dot)
                case Include():
                    self._include(node, dot)
                case Jump():
                    raise _Stop(node.word)
        del self._variables[known:]

    def _action(self, node: Action, dot: Any) -> None:
        value = self._pipe(node.pipe, dot)
        if node.pipe.variables:
            return
        try:
            text = self._missing if value is None else show(value)
        except FunctionError as error:
            self._refuse(node.at, str(error))
        for name in node.escapers:
            text = self._escapers[name](text)
        self._write(text, node.at)

    def _branch(self, node: Branch, dot: Any) -> None:
        known = len(self._variables)
        value = self._pipe(node.pipe, dot)
        if values.truth(value):
            self._body(node.body, value if node.word == "with" else dot)
        else:
            self._body(node.otherwise, dot)
        del self._variables[known:]

    def _loop(self, node: Loop, dot: Any) -> None:
        known = len(self._variables)
        pairs = self._pairs(self._pipe(node.pipe, dot, assign=False), node)
        if not pairs:
            self._body(node.otherwise, dot)
        names = node.pipe.variables
        if node.pipe.declares:
            self._variables.extend([name, None] for name in names)
        inner = len(self._variables)
        for key, item in pairs:
            for name, value in zip(names, (key, item) if len(names) == 2 else (item,), strict=False):
                self._assign(name, value)
            try:
                self._body(node.body, item)
            except _Stop as stop:
                del self._variables[inner:]
                if stop.word == "break":
                    break
        del self._variables[known:]

    def _pairs(self, value: Any, node: Loop) -> Sequence[tuple[Any, Any]]:
        if value is None:
            return ()
        if isinstance(value, dict):
            return sorted(cast("dict[str, Any]", value).items())
        if isinstance(value, list):
            return list(enumerate(cast("list[Any]", value)))
        if isinstance(value, int) and not isinstance(value, bool):
            if value > limits.ITEMS:
                self._refuse(node.at, f"a range may have {limits.ITEMS} turns")
            return [(number, number) for number in range(value)]
        self._refuse(node.at, f"range needs a list or a map, not {values.kind(value)}")

    def _include(self, node: Include, dot: Any) -> None:
        self._depth += 1
        if self._depth > limits.DEPTH:
            self._refuse(node.at, f"templates may include each other {limits.DEPTH} deep")
        self._template(node.name, self._pipe(node.pipe, dot) if node.pipe else None)
        self._depth -= 1

    def _write(self, text: str, at: int) -> None:
        self._check_time(at)
        self._size += len(text)
        if self._size > limits.TEXT:
            self._refuse(at, f"the text is longer than {limits.TEXT} characters")
        self._out.append(text)

    # -- values ---------------------------------------------------------------------------------------

    def _pipe(self, pipe: Pipe, dot: Any, assign: bool = True) -> Any:
        self._check_time(pipe.at)
        value = _NOTHING
        for command in pipe.commands:
            value = self._command(command, dot, value)
        for name in pipe.variables if assign else ():
            if pipe.declares:
                self._variables.append([name, value])
            else:
                self._assign(name, value)
        return value

    def _assign(self, name: str, value: Any) -> None:
        self._slot(name)[1] = value

    def _slot(self, name: str) -> list[Any]:
        return next(slot for slot in reversed(self._variables) if slot[0] == name)

    def _command(self, command: Command, dot: Any, piped: Any) -> Any:
        first = command[0]
        if not isinstance(first, Call):
            return self._operand(first, dot)
        if first.function in ("and", "or"):
            return self._decide(first.function, command[1:], dot, piped)
        arguments = [self._operand(operand, dot) for operand in command[1:]]
        return self._call(first, arguments if piped is _NOTHING else [*arguments, piped])

    def _decide(self, function: str, operands: Sequence[Operand], dot: Any, piped: Any) -> Any:
        value: Any = None
        for operand in operands:
            value = self._operand(operand, dot)
            if values.truth(value) == (function == "or"):
                return value
        return value if piped is _NOTHING else piped

    def _operand(self, operand: Operand, dot: Any) -> Any:
        match operand:
            case Literal():
                return operand.value
            case Dot():
                return self._fields(dot, operand.fields, operand.at)
            case Variable():
                return self._fields(self._slot(operand.name)[1], operand.fields, operand.at)
            case Call():
                return self._call(operand, [])
            case _:
                return self._fields(self._pipe(operand.pipe, dot), operand.fields, operand.at)

    def _fields(self, value: Any, names: Sequence[str], at: int) -> Any:
        try:
            for name in names:
                value = values.field(value, name)
        except FunctionError as error:
            self._refuse(at, str(error))
        return value

    def _call(self, call: Call, arguments: list[Any]) -> Any:
        self._check_time(call.at)
        try:
            value = self._functions[call.function].call(*arguments)
            if isinstance(value, str):
                limits.fits(len(value))
            elif isinstance(value, list | dict) and not any(value is argument for argument in arguments):
                limits.weigh(value)
        except FunctionError as error:
            self._refuse(call.at, f"{call.function}: {error}")
        except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError):
            self._refuse(call.at, f"{call.function} cannot work with these values")
        return value

    # -- limits ---------------------------------------------------------------------------------------

    def _check_time(self, at: int) -> None:
        if time.monotonic() > self._ends_at:
            self._refuse(at, f"the template takes longer than {limits.SECONDS:g} s")

    def _refuse(self, at: int, reason: str) -> NoReturn:
        line, column = self._program.source.position(at)
        raise TemplateRenderError(self._program.source.name, line, column, reason)
