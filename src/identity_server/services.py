"""Everything that a request may need, built once by ``wiring`` and swapped whole when the configuration changes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property

from identity_server import times
from identity_server.access import keys
from identity_server.access.keys import AdminKey
from identity_server.background import Background
from identity_server.ciphers.cipher import Cipher
from identity_server.ciphers.signing import Keys
from identity_server.configuration import Configuration
from identity_server.courier.outbox import Outbox
from identity_server.identity.manager import IdentityManager
from identity_server.mail import Mail
from identity_server.mappers.pool import JsonnetPool
from identity_server.outbound.client import OutboundClient
from identity_server.passwords.policy import PasswordPolicy
from identity_server.passwords.pool import HashingPool
from identity_server.schema.registry import SchemaRegistry
from identity_server.session.tokenizer import Tokenizer
from identity_server.storage.admin_keys import StoredAdminKeys
from identity_server.storage.api_keys import ApiKeys
from identity_server.storage.attempts import Attempts
from identity_server.storage.audit import RecordingDatabase
from identity_server.storage.codes import Codes
from identity_server.storage.exchanges import Exchanges
from identity_server.storage.flows import Continuity, ErrorPages, Flows
from identity_server.storage.hook_calls import HookCalls
from identity_server.storage.identities import Identities
from identity_server.storage.once import Once
from identity_server.storage.port import Database
from identity_server.storage.sessions import Sessions
from identity_server.times import Clock, Timestamp
from identity_server.turns import Turns
from identity_server.unlisted_proxies import UnlistedProxies

#: Fewer than the free attempts of several replicas together, and no fewer than passwords are compared at once.
GUESSES_AT_ONCE = 4


@dataclass
class Services:
    """The parts of a running server.

    Attributes:
        wall: the clock for what people's devices count by, which may be set back.
        cookie_keys: sign cookies, codes and link tokens.
        default_keys: for everything else that is sealed.
        page_keys: seal page tokens.
        mail: the courier; ``outbox`` is what flows need of it.
        background: what nobody waits for.
        read_uri: the bytes behind a ``file://``, ``base64://`` or ``http(s)://`` address of the configuration.
    """

    configuration: Configuration
    clock: Clock
    database: Database
    identities: Identities
    manager: IdentityManager
    sessions: Sessions
    flows: Flows
    errors: ErrorPages
    continuity: Continuity
    codes: Codes
    exchanges: Exchanges
    hook_calls: HookCalls
    once: Once
    schemas: SchemaRegistry
    hashing: HashingPool
    policy: PasswordPolicy
    cipher: Cipher
    cookie_keys: Keys
    default_keys: Keys
    page_keys: Keys
    outbound: OutboundClient
    admin_keys: StoredAdminKeys
    attempts: Attempts
    api_keys: ApiKeys
    jsonnet: JsonnetPool
    tokenizer: Tokenizer
    read_uri: Callable[[str], Awaitable[bytes]]
    mail: Mail
    wall: Clock = times.system_clock
    background: Background = field(default_factory=Background)
    unlisted_proxies: UnlistedProxies = field(default_factory=UnlistedProxies)
    guessing: Turns = field(default_factory=lambda: Turns(GUESSES_AT_ONCE))

    def now(self) -> Timestamp:
        """The current time as it is stored."""
        return times.text(self.clock())

    @property
    def recorder(self) -> RecordingDatabase | None:
        """What keeps the audit trail; None while none is kept."""
        return self.database if isinstance(self.database, RecordingDatabase) else None

    @property
    def outbox(self) -> Outbox:
        """Where flows put messages to people."""
        return self.mail.outbox

    @cached_property
    def configured_admin_keys(self) -> list[AdminKey]:
        """The admin keys of the configuration."""
        return keys.configured(self.configuration.items("serve.admin.auth.keys"))

    @property
    def public_url(self) -> str:
        """The public base URL, with a slash at its end."""
        return self.configuration.public_base_url

    @property
    def admin_url(self) -> str:
        """The admin base URL, with a slash at its end."""
        return self.configuration.admin_base_url
