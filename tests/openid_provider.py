"""An OpenID Connect provider of the tests' own, on loopback: it keeps to the standard until it is told not to."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

Json = dict[str, Any]
#: Turns the claims of an ID token into the token.
Signer = Callable[["OpenIdProvider", Json], str]


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key by its name."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    """A key by its name."""
    return ec.generate_private_key(ec.SECP256R1())


def public_jwk(kid: str, **more: Any) -> Json:
    """The public half of an RSA key."""
    shown = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key(kid).public_key()))
    return {"kty": "RSA", "kid": kid, "use": "sig", "alg": "RS256", "n": shown["n"], "e": shown["e"], **more}


def public_pem(kid: str) -> bytes:
    """The same as PEM: what somebody signs with who hopes for a shared secret."""
    return (
        rsa_key(kid)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def signed(provider: "OpenIdProvider", claims: Json) -> str:
    """A proper token."""
    return jwt.encode(claims, rsa_key(provider.kid), "RS256", headers={"kid": provider.kid})


@dataclass
class OpenIdProvider:
    """What it says and does; tests change it while it runs.

    Attributes:
        person: claims about whoever signs in.
        token: changes to the claims of the next ID tokens; None takes one away.
        sign: makes tokens of claims.
        published: keys at the JWKS endpoint, by their names.
        discovery: changes to the discovery document.
        replayable: whether codes work twice.
        answers: parameters of the callback beside or instead of ours.
        requests: what was asked, oldest first, as ``(method, path, parameters)``.
    """

    url: str = ""
    kid: str = "first"
    person: Json = field(default_factory=lambda: {"sub": "1001", "email": "ada@example.com", "email_verified": True})
    token: Json = field(default_factory=dict)
    userinfo: Json | None = None
    sign: Signer = signed
    published: list[Json] = field(default_factory=lambda: [public_jwk("first")])
    discovery: Json = field(default_factory=dict)
    replayable: bool = False
    answers: Json = field(default_factory=dict)
    token_status: int = 200
    requests: list[tuple[str, str, Json]] = field(default_factory=list)
    codes: dict[str, tuple[Json, Json]] = field(default_factory=dict)
    tokens: dict[str, Json] = field(default_factory=dict)

    def asked(self, path: str) -> list[Json]:
        """The parameters of all requests to a path."""
        return [parameters for _, asked, parameters in self.requests if asked == path]

    def document(self) -> Json:
        """The discovery document."""
        known = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            **self.discovery,
        }
        return {name: value for name, value in known.items() if value is not None}

    def authorize(self, query: Json) -> str:
        """Where the browser is sent back to."""
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = (dict(self.person), query)
        answer = {"code": code, "state": query.get("state"), **self.answers}
        back = str(query["redirect_uri"])
        sent = urlencode({name: value for name, value in answer.items() if value is not None})
        return f"{back}{'&' if '?' in back else '?'}{sent}"

    def exchange(self, form: Mapping[str, str], authorization: str) -> tuple[int, Json]:
        """The token endpoint."""
        known = self.codes.get(form["code"]) if self.replayable else self.codes.pop(form["code"], None)
        if known is None or self.token_status != 200:
            return max(self.token_status, 400), {"error": "invalid_grant"}
        person, query = known
        if "code_challenge" in query:
            proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
            if proof.rstrip(b"=").decode() != query["code_challenge"]:
                return 400, {"error": "invalid_grant"}
        if authorization:
            assert base64.b64decode(authorization.removeprefix("Basic ")) == b"client:secret%2Bplus"
        else:
            assert (form["client_id"], form["client_secret"]) == ("client", "secret+plus")
        now = int(time.time())
        claims = {"iss": self.url, "aud": query["client_id"], "iat": now, "exp": now + 300, **person}
        if "nonce" in query:
            claims["nonce"] = query["nonce"]
        claims = {name: value for name, value in (claims | self.token).items() if value is not None}
        access = f"access-{len(self.tokens) + 1}"
        self.tokens[access] = self.userinfo if self.userinfo is not None else person
        return 200, {"access_token": access, "refresh_token": "refresh-1", "id_token": self.sign(self, claims)}


@contextmanager
def running() -> Iterator[OpenIdProvider]:
    """A provider that answers until the block ends."""
    provider = OpenIdProvider()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            provider.requests.append(("GET", url.path, query))
            if url.path == "/authorize":
                self.answer(302, None, {"Location": provider.authorize(query)})
            elif url.path == "/.well-known/openid-configuration":
                self.answer(200, provider.document())
            elif url.path == "/jwks":
                self.answer(200, {"keys": provider.published})
            elif url.path == "/userinfo":
                known = provider.tokens.get(self.headers["Authorization"].removeprefix("Bearer "))
                self.answer(200 if known else 401, known or {})
            else:
                self.answer(404, {})

        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            provider.requests.append(("POST", self.path, form))
            self.answer(*provider.exchange(form, self.headers.get("Authorization") or ""))

        def answer(self, status: int, body: Json | None, headers: Mapping[str, str] | None = None) -> None:
            raw = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
