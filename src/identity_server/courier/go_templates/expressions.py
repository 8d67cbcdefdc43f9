"""Reads what stands inside an action: pipelines, commands and operands."""

from collections.abc import Sequence
from typing import NoReturn

from identity_server.courier.go_templates import limits, literals
from identity_server.courier.go_templates.functions import Table
from identity_server.courier.go_templates.lexer import Source, Token
from identity_server.courier.go_templates.nodes import Call, Command, Dot, Literal, Nested, Operand, Pipe, Variable

KEYWORDS = {"if", "else", "end", "range", "with", "define", "template", "block", "break", "continue"}
_CONSTANTS = {"true": True, "false": False, "nil": None}
_LITERALS = {
    "string": literals.text_of,
    "char": literals.rune_of,
    "number": literals.number_of,
}


class Tokens:
    """The tokens of a source, one after the other."""

    def __init__(self, source: Source, tokens: Sequence[Token]) -> None:
        self.source = source
        self._tokens = tokens
        self._next = 0

    def take_any(self) -> Token | None:
        """The next token, or None at the end of the source."""
        if self._next == len(self._tokens):
            return None
        return self.take()

    def take(self) -> Token:
        """The next token; inside an action there always is one."""
        self._next += 1
        return self._tokens[self._next - 1]

    def peek(self, ahead: int = 0) -> Token:
        """A token without taking it; ``close`` ends each action, so two ahead never pass the end."""
        return self._tokens[min(self._next + ahead, len(self._tokens) - 1)]

    def close(self) -> None:
        """Takes the end of an action."""
        token = self.take()
        if token.kind != "close":
            self.refuse(token, f"unexpected {token.text!r}; the action should end here")

    def name(self) -> str:
        """Takes the quoted name of a template."""
        token = self.take()
        if token.kind != "string":
            self.refuse(token, "a quoted name is missing")
        return literals.text_of(token.text)

    def refuse(self, token: Token, reason: str) -> NoReturn:
        """Raises TemplateSyntaxError at a token."""
        self.source.refuse(token.at, reason)


class Expressions:
    """Reads pipelines and keeps which variables are known where."""

    def __init__(self, stream: Tokens, functions: Table) -> None:
        self.stream = stream
        self.functions = functions
        self.variables = ["$"]
        self.depth = 0

    # -- the scope of variables -------------------------------------------------------------------------

    def mark(self) -> int:
        """How many variables are known, for ``forget``."""
        return len(self.variables)

    def forget(self, mark: int) -> None:
        """Ends the scope of all variables declared since a mark."""
        del self.variables[mark:]

    def enter_template(self) -> list[str]:
        """Hides all variables; a defined template knows ``$`` alone."""
        outer, self.variables = self.variables, ["$"]
        return outer

    def leave_template(self, outer: list[str]) -> None:
        """Brings the variables back that ``enter_template`` returned."""
        self.variables = outer

    # -- pipelines --------------------------------------------------------------------------------------

    def pipeline(self, opener: Token, most_variables: int = 1) -> Pipe:
        """A pipeline up to the ``}}`` or ``)`` that ends it, which is left in place."""
        names, declares = self._targets(most_variables)
        commands = [self._command(opener)]
        while self.stream.peek().kind == "|":
            self.stream.take()
            commands.append(self._command(opener))
        for position, command in enumerate(commands):
            self._check(command, piped=position > 0)
        if declares:
            self.variables.extend(names)
        return Pipe(tuple(commands), opener.at, names, declares)

    def _targets(self, most: int) -> tuple[tuple[str, ...], bool]:
        names: list[str] = []
        while self.stream.peek().kind == "variable" and self.stream.peek(1).kind in (":=", "=", ","):
            variable, sign = self.stream.take(), self.stream.take()
            names.append(variable.text)
            if len(names) > most or (sign.kind == "," and len(names) == most):
                self.stream.refuse(variable, "too many variables")
            if sign.kind == ",":
                continue
            if sign.kind == "=" and variable.text not in self.variables:
                self.stream.refuse(variable, f"the variable {variable.text} is not declared; := declares it")
            return tuple(names), sign.kind == ":="
        return (), True

    def _command(self, opener: Token) -> Command:
        operands: list[Operand] = []
        while self.stream.peek().kind not in ("close", ")", "|"):
            token = self.stream.take()
            if operands and not token.spaced and token.kind != "(":
                self.stream.refuse(token, "white space is missing between arguments")
            operands.append(self._operand(token))
        if not operands:
            at = self.stream.peek()
            self.stream.refuse(at if at.at > opener.at else opener, "a value is missing")
        return tuple(operands)

    # -- operands ---------------------------------------------------------------------------------------

    def _operand(self, token: Token) -> Operand:
        if token.kind in _LITERALS:
            return Literal(self._literal(token), token.at)
        if token.kind == "dot":
            return Dot((), token.at)
        if token.kind == "field":
            return Dot((token.text[1:], *self._fields()), token.at)
        if token.kind == "variable":
            if token.text not in self.variables:
                self.stream.refuse(token, f"the variable {token.text} is not declared here")
            return Variable(token.text, self._fields(), token.at)
        if token.kind == "(":
            return self._nested(token)
        if token.kind == "word":
            return self._word(token)
        self.stream.refuse(token, f"unexpected {token.text!r}")

    def _literal(self, token: Token) -> object:
        try:
            return _LITERALS[token.kind](token.text)
        except ValueError as error:
            self.stream.refuse(token, str(error))

    def _fields(self) -> tuple[str, ...]:
        names: list[str] = []
        while self.stream.peek().kind == "field" and not self.stream.peek().spaced:
            names.append(self.stream.take().text[1:])
        return tuple(names)

    def _nested(self, token: Token) -> Operand:
        self.depth += 1
        if self.depth > limits.DEPTH:
            self.stream.refuse(token, f"parentheses may be nested {limits.DEPTH} deep")
        pipe = self.pipeline(token, most_variables=0)
        end = self.stream.take()
        if end.kind != ")":
            self.stream.refuse(token, "the parenthesis is not closed")
        self.depth -= 1
        return Nested(pipe, self._fields(), token.at)

    def _word(self, token: Token) -> Operand:
        if token.text in _CONSTANTS:
            return Literal(_CONSTANTS[token.text], token.at)
        if token.text in KEYWORDS:
            self.stream.refuse(token, f"{token.text!r} is a keyword and stands at the start of an action")
        if token.text not in self.functions:
            self.stream.refuse(token, f"there is no function {token.text!r} in mail templates")
        return Call(token.text, token.at)

    # -- checks -----------------------------------------------------------------------------------------

    def _check(self, command: Command, piped: bool) -> None:
        first, *arguments = command
        source = self.stream.source
        if not isinstance(first, Call):
            if arguments or piped:
                source.refuse(first.at, "only a function takes arguments; values have no methods here")
            if isinstance(first, Literal) and first.value is None:
                source.refuse(first.at, "nil is not a command")
            return
        function, count = self.functions[first.function], len(arguments) + piped
        if not function.least <= count <= function.most:
            allowed = _allowed(function.least, function.most)
            source.refuse(first.at, f"{first.function} takes {allowed}, not {count}")
        for argument in arguments:
            if isinstance(argument, Call) and self.functions[argument.function].least:
                source.refuse(argument.at, f"{argument.function} takes arguments; put it in parentheses")


def _allowed(least: int, most: int) -> str:
    if least == most:
        return "1 argument" if least == 1 else f"{least} arguments"
    return f"{least} to {most} arguments" if most < 1000 else f"{least} or more arguments"
