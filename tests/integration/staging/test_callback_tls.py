"""Callbacks over real TLS: to the pinned address, and to whoever the host's certificate says, or not at all."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from rs_server.errors import BackendUnavailable
from rs_server.staging.callbacks.addresses import Target
from rs_server.staging.callbacks.posting import HttpPoster


@dataclass
class Receiver:
    """An HTTPS server with a certificate for one name."""

    port: int
    trust: ssl.SSLContext
    heads: list[str] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    """The names that clients asked for (SNI)."""

    def target(self) -> Target:
        netloc = f"receiver.test:{self.port}"
        return Target(f"https://{netloc}/done?x=1", "receiver.test", netloc, "127.0.0.1")

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


def certificate(name: str, folder: Path) -> Path:
    """A file with a key and a certificate for `name`, which it signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / f"{name}.pem"
    file.write_bytes(key.private_bytes(*form) + made.public_bytes(serialization.Encoding.PEM))
    return file


@asynccontextmanager
async def serving(name: str, folder: Path) -> AsyncIterator[Receiver]:
    file = certificate(name, folder)
    identity = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    identity.load_cert_chain(file)
    receiver = Receiver(0, ssl.create_default_context(cafile=str(file)))
    identity.sni_callback = lambda _, asked, __: receiver.names.append(asked)
    server = await asyncio.start_server(receiver.answer, "127.0.0.1", 0, ssl=identity)
    receiver.port = server.sockets[0].getsockname()[1]
    async with server:
        yield receiver


@pytest.fixture
def start(tmp_path: Path) -> Callable[[str], object]:
    return lambda name: serving(name, tmp_path)


async def test_the_pinned_address_is_reached_under_the_hosts_name(start) -> None:
    async with start("receiver.test") as receiver:
        await HttpPoster(trust=receiver.trust).send(receiver.target(), {"webhook-id": "1"}, b"{}")
    (head,) = receiver.heads
    assert head.startswith("POST /done?x=1 HTTP/1.1\r\n")
    assert f"host: receiver.test:{receiver.port}\r\n" in head.lower()
    assert receiver.names == ["receiver.test"]


@pytest.mark.parametrize("name", ["other.test", "127.0.0.1.test"])
async def test_a_certificate_for_another_name_ends_it(start, name: str) -> None:
    async with start(name) as receiver:
        with pytest.raises(BackendUnavailable):
            await HttpPoster(trust=receiver.trust).send(receiver.target(), {}, b"{}")
    assert receiver.heads == []


async def test_a_certificate_that_nobody_vouches_for_ends_it(start) -> None:
    async with start("receiver.test") as receiver:
        with pytest.raises(BackendUnavailable):
            await HttpPoster().send(receiver.target(), {}, b"{}")
    assert receiver.heads == []
