"""All functions of mail templates: Go's own, and those of sprig's hermetic set that texts for people use.

Sprig's functions for certificates, keys, random numbers, semantic versions, the network and the file system are left
out; a template that calls one is refused when it is compiled.
"""

from identity_server.courier.go_templates.core_functions import CORE
from identity_server.courier.go_templates.date_functions import DATES
from identity_server.courier.go_templates.functions import Function, Table
from identity_server.courier.go_templates.list_functions import LISTS
from identity_server.courier.go_templates.number_functions import NUMBERS
from identity_server.courier.go_templates.pattern_functions import PATTERNS
from identity_server.courier.go_templates.text_functions import TEXTS
from identity_server.courier.go_templates.value_functions import VALUES

# In sprig these stop the rendering where their namesakes answer with nothing. Here both stop it.
_MUST = (*PATTERNS, *LISTS, "toJson", "toRawJson", "toPrettyJson", "fromJson", "dateInZone")


def _all() -> dict[str, Function]:
    functions = {**TEXTS, **NUMBERS, **LISTS, **VALUES, **DATES, **PATTERNS, **CORE}
    return functions | {f"must{name[0].upper()}{name[1:]}": functions[name] for name in _MUST}


FUNCTIONS: Table = _all()
