"""Mails over real SMTP sessions."""

import asyncio
from contextlib import closing
from typing import Any
from urllib.parse import quote

import pytest

from identity_server.courier.channels.smtp import SmtpChannel
from identity_server.courier.channels.smtp_settings import smtp_settings
from identity_server.courier.errors import DeliveryError, Refused, Unreachable
from identity_server.courier.message import Message
from identity_server.times import system_clock
from unit.courier.smtp_servers import CLOSE, HANG, Authority, Script, Sink, mail_server, scripted_server

pytestmark = pytest.mark.anyio


def message(recipient: str = "irma@mail.test", **changes: Any) -> Message:
    return Message(
        **{
            "type": "email",
            "recipient": recipient,
            "template_type": "recovery_code_valid",
            "subject": "Use code 123456",
            "body": "Your code:\n\n123456\n",
            "html_body": "<p>Your code: <b>123456</b></p>\n",
            **changes,
        }
    )


def channel(uri: str, connect_seconds: float = 5.0, mail_seconds: float = 5.0, **smtp: Any) -> SmtpChannel:
    settings = {"connection_uri": uri, "from_address": "accounts@app.test", **smtp}
    return SmtpChannel(smtp_settings(settings), system_clock, connect_seconds, mail_seconds)


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that the system trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority


# -- what a mail looks like -----------------------------------------------------------------------------------


async def test_a_mail_has_text_and_html_and_its_id(sink: Sink) -> None:
    sent = message()
    async with mail_server(sink) as port:
        uri = f"smtp://127.0.0.1:{port}/?disable_starttls=true"
        await channel(uri, from_name="The Shop, Ltd.", headers={"X-Campaign": "accounts"}).send(sent)
    (received,) = sink.received
    assert (received.sender, received.recipients) == ("accounts@app.test", ["irma@mail.test"])
    mail = received.mail
    assert mail["From"] == '"The Shop, Ltd." <accounts@app.test>'
    assert (mail["To"], mail["Subject"], mail["X-Campaign"]) == ("irma@mail.test", "Use code 123456", "accounts")
    assert mail["Message-ID"] == f"<{sent.id}@app.test>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime.tzinfo is not None
    assert mail.get_content_type() == "multipart/alternative"
    assert received.texts() == [
        ("text/plain", "Your code:\n\n123456\n"),
        ("text/html", "<p>Your code: <b>123456</b></p>\n"),
    ]
    assert sink.greetings == ["localhost"]


async def test_a_mail_without_html_is_plain_text(sink: Sink) -> None:
    async with mail_server(sink) as port:
        await channel(f"smtp://127.0.0.1:{port}/?disable_starttls=true").send(message(html_body=""))
    assert sink.received[0].mail.get_content_type() == "text/plain"


async def test_any_text_arrives_as_it_is_in_seven_bits_and_short_lines(sink: Sink) -> None:
    body = ".\n..\nGrüße, 日本\n" + "x" * 3000 + "\nhttps://app.test/?a=b&token=" + "y" * 400 + "\n"
    async with mail_server(sink) as port:
        sent = message(body=body, subject="Grüße an 日本 " + "z" * 200)
        await channel(f"smtp://127.0.0.1:{port}/?disable_starttls=true", local_name="mail.app.test").send(sent)
    (received,) = sink.received
    assert received.raw.isascii()
    assert max(map(len, received.raw.split(b"\r\n"))) <= 998
    assert received.texts()[0] == ("text/plain", body)
    assert received.mail["Subject"] == sent.subject
    assert sink.greetings == ["mail.app.test"]


async def test_addresses_beyond_ascii(sink: Sink) -> None:
    async with mail_server(sink) as port:
        smtp = channel(f"smtp://127.0.0.1:{port}/?disable_starttls=true")
        await smtp.send(message("irma@exämple.test"))
        await smtp.send(message("jörg@mail.test"))
    domain, local = sink.received
    assert (domain.recipients, domain.options) == (["irma@xn--exmple-cua.test"], [f"SIZE={len(domain.raw)}"])
    assert local.recipients == ["jörg@mail.test"]
    assert "SMTPUTF8" in local.options


async def test_a_server_without_smtputf8_refuses_such_a_mail_alone() -> None:
    async with scripted_server(Script()) as port:
        smtp = channel(f"smtp://127.0.0.1:{port}/?disable_starttls=true")
        with pytest.raises(Refused, match="SMTPUTF8"):
            await smtp.send(message("jörg@mail.test"))
        await smtp.send(message("irma@mail.test"))


@pytest.mark.parametrize(
    "hostile",
    ["irma@mail.test\r\nRCPT TO:<evil@x.test>", "irma@mail.test,evil@x.test", "irma@mail.test>\nDATA", "irma", ""],
)
async def test_t29_a_stored_recipient_is_checked_again_before_smtp(hostile: str) -> None:
    script = Script()
    async with scripted_server(script) as port:
        with pytest.raises(Refused, match="one e-mail address"):
            await channel(f"smtp://127.0.0.1:{port}/?disable_starttls=true").send(message(hostile))
    assert not script.seen


async def test_t29_a_stored_subject_cannot_add_a_header(sink: Sink) -> None:
    async with mail_server(sink) as port:
        sent = message(subject="Hi\r\nBcc: evil@x.test\r\n\r\nbody")
        await channel(f"smtp://127.0.0.1:{port}/?disable_starttls=true").send(sent)
    (received,) = sink.received
    assert received.recipients == ["irma@mail.test"]
    assert received.mail["Bcc"] is None
    assert received.mail["Subject"] == "Hi Bcc: evil@x.test body"


async def test_a_body_that_cannot_be_written_fails_this_mail() -> None:
    with pytest.raises(Refused, match="cannot be written"):
        await channel("smtp://127.0.0.1:1/").send(message(body="a\ud800b"))


# -- how the server is reached --------------------------------------------------------------------------------


async def test_starttls_is_required(trusted: Authority, sink: Sink) -> None:
    async with mail_server(sink, starttls=trusted.server_context("127.0.0.1")) as port:
        await channel(f"smtp://127.0.0.1:{port}/").send(message())
    assert len(sink.received) == 1
    script = Script()
    async with scripted_server(script) as port:
        with pytest.raises(Unreachable):
            await channel(f"smtp://127.0.0.1:{port}/").send(message())
    assert not any(line.startswith("MAIL") for line in script.seen)


async def test_implicit_tls(trusted: Authority, sink: Sink) -> None:
    async with mail_server(sink, implicit_tls=trusted.server_context("127.0.0.1")) as port:
        await channel(f"smtps://127.0.0.1:{port}/").send(message())
    assert len(sink.received) == 1


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_the_certificate_may_have_another_name(trusted: Authority, sink: Sink, scheme: str) -> None:
    context = trusted.server_context("mail.app.test")
    kind = {"starttls": context} if scheme == "smtp" else {"implicit_tls": context}
    async with mail_server(sink, **kind) as port:
        with pytest.raises(Unreachable, match="TLS"):
            await channel(f"{scheme}://127.0.0.1:{port}/").send(message())
        await channel(f"{scheme}://127.0.0.1:{port}/?server_name=mail.app.test").send(message())
    assert len(sink.received) == 1


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_f17_a_certificate_that_is_not_trusted_is_refused_unless_told_otherwise(
    authority: Authority, sink: Sink, scheme: str
) -> None:
    context = authority.server_context("127.0.0.1")
    kind = {"starttls": context} if scheme == "smtp" else {"implicit_tls": context}
    async with mail_server(sink, **kind) as port:
        with pytest.raises(Unreachable, match="TLS") as caught:
            await channel(f"{scheme}://127.0.0.1:{port}/").send(message())
        assert caught.value.kind == "tls"
        assert not sink.received
        await channel(f"{scheme}://127.0.0.1:{port}/?skip_ssl_verify=true").send(message())
    assert len(sink.received) == 1


async def test_tls_against_a_plain_server_does_not_hang() -> None:
    async with scripted_server(Script()) as port:
        with pytest.raises(Unreachable):
            await channel(f"smtps://127.0.0.1:{port}/").send(message())


async def test_a_client_certificate(trusted: Authority, sink: Sink) -> None:
    cert, key = trusted.certificate("client.app.test")
    async with mail_server(sink, starttls=trusted.server_context("127.0.0.1", client_cert=True)) as port:
        uri = f"smtp://127.0.0.1:{port}/"
        with pytest.raises(DeliveryError):
            await channel(uri).send(message())
        await channel(uri, client_cert_path=str(cert), client_key_path=str(key)).send(message())
    assert len(sink.received) == 1


async def test_a_client_certificate_that_is_not_there_stops_the_start() -> None:
    with pytest.raises(OSError):
        channel("smtps://mail.test/", client_cert_path="/nowhere/cert.pem", client_key_path="/nowhere/key.pem")


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
async def test_a_login_with_a_password_of_odd_characters(sink: Sink) -> None:
    async with mail_server(sink, login=True) as port:
        uri = f"smtp://{quote('me@app.test', '')}:{quote('p/w#1@x', '')}@127.0.0.1:{port}/?disable_starttls=true"
        await channel(uri).send(message())
        assert sink.logins == [("me@app.test", "p/w#1@x")]
        with pytest.raises(Unreachable, match="refuses the login") as caught:
            await channel(uri.replace("%2F", "x")).send(message())
    assert "pxw" not in str(caught.value)


async def test_a_check_sends_nothing(sink: Sink) -> None:
    async with mail_server(sink) as port:
        smtp = channel(f"smtp://127.0.0.1:{port}/?disable_starttls=true")
        await smtp.check()
    with pytest.raises(Unreachable):
        await smtp.check()
    assert not sink.received


# -- servers that misbehave -----------------------------------------------------------------------------------


async def unused_port() -> int:
    async with scripted_server(Script()) as port:
        return port


async def test_f16_a_closed_port_is_nobodys_fault() -> None:
    with pytest.raises(Unreachable) as caught:
        await channel(f"smtp://127.0.0.1:{await unused_port()}/?disable_starttls=true").send(message())
    assert caught.value.kind == "unreachable"


async def test_a_host_that_does_not_exist_is_nobodys_fault() -> None:
    with pytest.raises(Unreachable):
        await channel("smtp://mail.invalid:2525/?disable_starttls=true").send(message())


@pytest.mark.parametrize(
    "answers",
    [
        {"": "421 too busy"},
        {"": "554 go away"},
        {"": CLOSE},
        {"EHLO": CLOSE},
        {"EHLO": "421 closing", "HELO": "421 closing"},
        {"MAIL": "421 closing"},
        {"RCPT": "421 closing"},
        {".": "421 closing"},
    ],
)
async def test_f16_a_server_that_lets_nobody_in_is_out_of_reach(answers: dict[str, str]) -> None:
    async with scripted_server(Script(answers)) as port:
        with pytest.raises(Unreachable):
            await channel(f"smtp://127.0.0.1:{port}/?disable_starttls=true").send(message())


@pytest.mark.parametrize("verb", ["", "EHLO"])
async def test_f16_a_server_that_never_greets_is_out_of_reach(verb: str) -> None:
    async with scripted_server(Script({verb: HANG})) as port:
        with pytest.raises(Unreachable, match="in time"):
            await channel(f"smtp://127.0.0.1:{port}/?disable_starttls=true", connect_seconds=0.2).send(message())


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "."])
@pytest.mark.parametrize("reply", ["451 try again later", "550 no such mailbox", "452 full", "554 spam"])
async def test_f17_a_refusal_is_this_mails_and_says_why(verb: str, reply: str) -> None:
    async with scripted_server(Script({verb: reply})) as port:
        with pytest.raises(Refused) as caught:
            await channel(f"smtp://127.0.0.1:{port}/?disable_starttls=true").send(message())
    assert reply in caught.value.reason
    assert caught.value.kind == f"reply {reply[:3]}"


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "."])
async def test_f17_a_server_that_breaks_off_fails_this_mail(verb: str) -> None:
    async with scripted_server(Script({verb: CLOSE})) as port:
        with pytest.raises(Refused) as caught:
            await channel(f"smtp://127.0.0.1:{port}/?disable_starttls=true").send(message())
    assert caught.value.kind == "broken off"


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "."])
async def test_f17_a_server_that_hangs_fails_this_mail_when_its_time_is_up(verb: str) -> None:
    async with scripted_server(Script({verb: HANG})) as port:
        with pytest.raises(Refused) as caught:
            await channel(f"smtp://127.0.0.1:{port}/?disable_starttls=true", mail_seconds=0.3).send(message())
    assert caught.value.kind == "time-out"


@pytest.mark.parametrize("answer", ["500 what?", CLOSE, "421 closing"])
async def test_what_happens_after_the_mail_is_taken_does_not_matter(answer: str) -> None:
    script = Script({"QUIT": answer})
    async with scripted_server(script) as port:
        await channel(f"smtp://127.0.0.1:{port}/?disable_starttls=true").send(message())
    assert len(script.bodies) == 1


async def test_a_server_that_talks_without_end_is_left() -> None:
    async def chatter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            while not writer.is_closing():
                writer.write(b"220-" + b"x" * 100 + b"\r\n")
                await writer.drain()
                await asyncio.sleep(0)

    server = await asyncio.start_server(chatter, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unreachable):
            await channel(f"smtp://127.0.0.1:{port}/?disable_starttls=true", connect_seconds=0.5).send(message())


async def test_a_long_reply_is_cut() -> None:
    async with scripted_server(Script({"RCPT": "550 " + "no " * 300})) as port:
        with pytest.raises(Refused) as caught:
            await channel(f"smtp://127.0.0.1:{port}/?disable_starttls=true").send(message())
    assert len(caught.value.reason) <= 500


# -- the configuration ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "port", "security"),
    [
        ("smtp://mail.test/", 587, "starttls"),
        ("smtp://mail.test:2525", 2525, "starttls"),
        ("smtp://mail.test/?disable_starttls=true", 25, "none"),
        ("smtp://mail.test/?disable_starttls=false", 587, "starttls"),
        ("smtps://mail.test/", 465, "tls"),
        ("smtps://mail.test/?disable_starttls=true", 465, "tls"),
        ("smtps://[::1]:2465/", 2465, "tls"),
    ],
)
def test_the_address_of_the_server(uri: str, port: int, security: str) -> None:
    settings = smtp_settings({"connection_uri": uri})
    assert (settings.port, settings.security, settings.verify) == (port, security, True)
    assert settings.from_address == "no-reply@ory.kratos.sh"
    assert settings.local_name == "localhost"


def test_the_password_is_not_in_repr() -> None:
    assert "s3cret" not in repr(smtp_settings({"connection_uri": "smtp://me:s3cret@mail.test/"}))


@pytest.mark.parametrize(
    ("smtp", "says"),
    [
        ({"connection_uri": ""}, "connection_uri: smtp://user:password@host:port/"),
        ({"connection_uri": "http://s3cret@mail.test"}, "connection_uri: smtp://user:password@host:port/"),
        ({"connection_uri": "smtp://"}, "connection_uri"),
        ({"connection_uri": "smtp://me:s3cret@mail.test:99999/"}, "host or port"),
        ({"connection_uri": "smtp://me:s3cret@mail.test:x/"}, "host or port"),
        ({"connection_uri": "smtp://mail.test/?disable_startls=true"}, "unknown parameter 'disable_startls'; allowed"),
        ({"connection_uri": "smtp://mail.test/?skip_ssl_verify=maybe"}, "skip_ssl_verify may be true or false"),
        ({"from_address": "x"}, "from_address"),
        ({"from_address": "a@b.test\r\nBcc: c@d.test"}, "from_address"),
        ({"from_name": "Shop\r\nBcc: c@d.test"}, "from_name"),
        ({"local_name": "a b"}, "local_name"),
        ({"local_name": "a\r\nRSET"}, "local_name"),
        ({"headers": {"X-A": "b\r\nBcc: c@d.test"}}, "one line"),
        ({"headers": {"X A": "b"}}, "no header name"),
        ({"headers": {"bcc": "c@d.test"}}, "set by the courier"),
        ({"headers": {"Content-Type": "text/html"}}, "set by the courier"),
    ],
)
def test_a_wrong_setting_is_refused_without_its_password(smtp: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=r"courier\.smtp") as caught:
        smtp_settings({"connection_uri": "smtp://mail.test/", **smtp})
    assert says in str(caught.value)
    assert "s3cret" not in str(caught.value)
