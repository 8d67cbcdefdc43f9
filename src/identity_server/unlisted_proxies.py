"""Tells the operator of a balancer that was forgotten: all who come by it share the budget of one source."""

import structlog

_log = structlog.get_logger("server")
#: Anybody can send such headers; the log is not theirs to fill.
MOST_PEERS = 10
_WHAT = "headers that only proxies may send are ignored, since the peer is none of serve.public.trusted_proxies"


class UnlistedProxies:
    """Peers that send what only proxies may tell, each told of once."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def note(self, peer: str) -> None:
        """Writes one line to the log, unless this peer, or ten others, had theirs."""
        if peer in self._told or len(self._told) >= MOST_PEERS:
            return
        self._told.add(peer)
        _log.warning(_WHAT, peer=peer)
