"""The guard against being sent where we must not go (SSRF): users register addresses, the
platform's network is trusted.

Checked when connecting, on the address really connected to: the name is resolved once, every answer
is judged, one is pinned. Deny by default: an address passes only inside an allowed network.
Loopback passes only if it is allowed itself, with ports; link-local (cloud metadata), multicast,
unspecified and reserved addresses never pass. The platform's own doors never pass, by whatever
name: what a name means is asked when connecting, of our own doors as of the address, and this
machine is one place, however many addresses it has.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from huitong.connectors.problems import ConnectorProblem

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], list[str]]

HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*", re.ASCII)
NAT64 = ip_network("64:ff9b::/96")
METADATA = (
    ip_network("169.254.0.0/16"),
    ip_network("fd00:ec2::254/128"),
    ip_network("100.100.100.200/32"),
    ip_network("192.0.0.192/32"),
)


@dataclass(frozen=True)
class Allowance:
    """A network with the ports that may be reached in it; no ports = every port."""

    network: IPv4Network | IPv6Network
    ports: frozenset[int] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Allowance:
        """``10.0.0.0/8``, ``127.0.0.1:5432,8081`` or ``[fd00::/8]:443``. Raises ValueError."""
        shape = re.fullmatch(
            r"\[(?P<six>[^\]]+)\](?::(?P<p6>[\d,]+))?"
            r"|(?P<four>[\d./]+)(?::(?P<p4>[\d,]+))?"
            r"|(?P<bare>[0-9a-f:./]+)",
            text.strip(),
            re.I,
        )
        if not shape:
            raise ValueError(f"not a network with ports: {text!r}")
        ports = frozenset(int(p) for p in (shape["p6"] or shape["p4"] or "").split(",") if p)
        if any(not 0 < p < 65536 for p in ports):
            raise ValueError(f"no such port: {text!r}")
        return cls(ip_network(shape["six"] or shape["four"] or shape["bare"]), ports)

    def covers(self, address: Address, port: int) -> bool:
        return (
            address.version == self.network.version
            and address in self.network
            and (not self.ports or port in self.ports)
        )


@dataclass(frozen=True)
class Door:
    """A service of the platform itself. ``databases``: what is ours on a database server that
    also has others; a server whose one address and port the city allows by themselves is shared
    so, any other is ours altogether."""

    host: str
    port: int
    databases: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Pinned:
    """A checked address: connect to ``ip``, speak to ``host`` (TLS name, Host header)."""

    host: str
    ip: str
    port: int

    @property
    def reached(self) -> str:
        """The address in the one spelling by which the same place is known again:
        ``::ffff:10.1.2.3`` is 10.1.2.3."""
        return str(faces(ip_address(self.ip.partition("%")[0]))[0])


def system_resolver(host: str, port: int) -> list[str]:
    """Every address the system knows for a name."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in answers))


def on_this_machine(address: Address) -> bool:
    """Whether an address is this machine's: loopback, or one a socket of ours can be bound to."""
    if address.is_loopback or address.is_unspecified:
        return True
    try:
        with socket.socket(
            socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_DGRAM
        ) as trial:
            trial.bind((str(address), 0))
    except OSError:
        return False
    return True


@dataclass(frozen=True)
class Guard:
    """``allowed``: where connections may go. ``doors``: the platform's own, refused even where
    allowed."""

    allowed: tuple[Allowance, ...] = ()
    doors: tuple[Door, ...] = ()
    resolve: Resolver = system_resolver

    @classmethod
    def of(
        cls, allowed: Iterable[str], doors: Iterable[Door] = (), resolve: Resolver = system_resolver
    ) -> Guard:
        """Build a guard from settings, each network as `Allowance.parse` reads it. Raises
        ValueError."""
        return cls(tuple(map(Allowance.parse, allowed)), tuple(doors), resolve)

    def check(self, host: str, port: int, database: str = "") -> Pinned:
        """Resolve, judge every answer, pin one. ``database``: which is asked for there, where that
        is known.

        Raises `ConnectorProblem` (address_invalid, name_unknown, address_refused).
        """
        name = _plain_host(host)
        if not 0 < port < 65536:
            raise ConnectorProblem("address_invalid", f"端口 {port} 不存在")
        literal = _literal(name)
        answers = [str(literal)] if literal else self._answers(name, port)
        passing, doors = [], [door for door in self.doors if door.port == port]
        for answer in answers:
            address = ip_address(answer.partition("%")[0])
            # one bad answer condemns the name: an attacker who controls a zone mixes good and bad
            # ones
            if reason := self._refusal(address, port) or self._own(address, port, doors, database):
                raise ConnectorProblem("address_refused", f"{host}:{port} {reason}")
            if all(self._allowed(a, port) for a in faces(address)):
                passing.append(answer)
        if not passing:
            raise ConnectorProblem("address_refused", f"{host}:{port} 不在允许连接的网段内")
        return Pinned(name, passing[0], port)

    def _answers(self, name: str, port: int) -> list[str]:
        try:
            answers = self.resolve(name, port)
        except (OSError, UnicodeError):
            answers = []
        if not answers:
            raise ConnectorProblem("name_unknown", name)
        return answers

    def _refusal(self, address: Address, port: int) -> str:
        for face in faces(address):
            if (
                any(face.version == network.version and face in network for network in METADATA)
                or face.is_link_local
            ):
                return "是链路本地或云主机元数据地址"
            if (
                face.is_multicast
                or face.is_unspecified
                or face.is_reserved
                or face == IPv4Address("255.255.255.255")
            ):
                return "是组播、未指定或保留地址"
            if face in ip_network("0.0.0.0/8" if face.version == 4 else "::/128"):
                return "是未指定地址"
            if face.is_loopback and not self._allowed(face, port):
                return "是本机地址"
        return ""

    def _own(self, address: Address, port: int, doors: list[Door], database: str) -> str:
        """Say why an address is one of our own doors; empty when it is none."""
        for door in doors:
            same = any(
                face in own_faces
                or (on_this_machine(face) and any(map(on_this_machine, own_faces)))
                for own_faces in [self._faces_of(door.host)]
                for face in faces(address)
            )
            if same and not (
                door.databases
                and database
                and self._shared(address, port)
                and database not in door.databases
            ):
                return (
                    "是平台自身的服务"
                    if not door.databases or not database
                    else "是平台自身的数据库"
                )
        return ""

    def _faces_of(self, host: str) -> set[Address]:
        """What one of our own names means now; nothing when it cannot be told, for then nobody
        can be connected to it either."""
        if not host or host.startswith("/"):  # a socket of this machine
            return {IPv4Address("127.0.0.1")}
        literal = _literal(host.strip("[]"))
        try:
            answers = [str(literal)] if literal else self.resolve(host, 0)
        except (OSError, UnicodeError):
            return set()
        return {face for answer in answers for face in faces(ip_address(answer.partition("%")[0]))}

    def _shared(self, address: Address, port: int) -> bool:
        """Whether the city allows just this address and port, and so knows what else is there."""
        return all(
            any(
                a.covers(face, port) and a.ports and a.network.num_addresses == 1
                for a in self.allowed
            )
            for face in faces(address)
        )

    def _allowed(self, address: Address, port: int) -> bool:
        allowed = [a for a in self.allowed if a.covers(address, port)]
        # a wide allowance (0.0.0.0/0) is not meant for this machine itself
        return (
            any(a.network.is_loopback and a.ports for a in allowed)
            if address.is_loopback
            else bool(allowed)
        )


def faces(address: Address) -> tuple[Address, ...]:
    """Return every address it means: an IPv4 address inside an IPv6 one (mapped, 6to4, Teredo,
    NAT64) is what will be reached."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    inner: list[Address] = []
    if address.sixtofour:
        inner.append(address.sixtofour)
    if address.teredo:
        inner += address.teredo
    if address in NAT64 or (int(address) >> 32 == 0 and int(address) > 1):
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(inner) or (address,)


def _plain_host(host: str) -> str:
    """Return the one spelling of the host. Refuses what different programs read differently:
    0177.0.0.1, 2130706433, 0x7f.1, 127.1."""
    name = host.strip("[]").rstrip(".").lower() if host == host.strip() else ""
    if "%" in name:
        raise ConnectorProblem("address_invalid", "不接受带网络接口标识的地址")
    if ":" in name:
        try:
            return str(IPv6Address(name))
        except ValueError:
            raise ConnectorProblem("address_invalid", host) from None
    try:
        name = name.encode("ascii").decode() if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        raise ConnectorProblem("address_invalid", host) from None
    if not HOST_NAME.fullmatch(name):
        raise ConnectorProblem("address_invalid", host)
    if re.fullmatch(r"0x[0-9a-f]*|\d+", name.rpartition(".")[2]) and _literal(name) is None:
        raise ConnectorProblem("address_invalid", f"{host} 不是标准写法的 IP 地址")
    return name


def _literal(name: str) -> Address | None:
    try:
        return ip_address(name)  # strict: four decimal parts without leading zeros
    except ValueError:
        return None
