"""Where a user-registered address may not lead, however it is spelt and whatever the resolver
says."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huitong.connectors import Allowance, ConnectorProblem, Guard
from huitong.connectors.guard import Door, on_this_machine

NAMES = {
    "db.mz.gov.cn": ["10.1.2.3"],
    "mixed.example": ["10.1.2.3", "127.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "six.example": ["fd00::5"],
    "both.example": ["2001:4860:4860::8888", "10.1.2.4"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "platform.example": ["10.0.0.9"],
}


def resolver(host: str, port: int) -> list[str]:
    if host not in NAMES:
        raise OSError("unknown")
    return NAMES[host]


GUARD = Guard.of(
    ["10.0.0.0/8", "172.16.0.0/12:5432", "[fd00::/8]", "127.0.0.1:15432,18080"],
    doors=[Door("10.0.0.9", 443), Door("127.0.0.1", 18080)],
    resolve=resolver,
)
WIDE = Guard.of(["0.0.0.0/0", "::/0"], resolve=resolver)

PASS = [
    (GUARD, "db.mz.gov.cn", 5432, "10.1.2.3"),
    (GUARD, "DB.MZ.GOV.CN.", 5432, "10.1.2.3"),
    (GUARD, "10.9.9.9", 1, "10.9.9.9"),
    (GUARD, "172.16.0.1", 5432, "172.16.0.1"),
    (GUARD, "six.example", 80, "fd00::5"),
    (GUARD, "[fd00::7]", 80, "fd00::7"),
    (GUARD, "127.0.0.1", 15432, "127.0.0.1"),
    (GUARD, "both.example", 80, "10.1.2.4"),
    (GUARD, "::ffff:10.1.1.1", 80, "::ffff:a01:101"),
    (GUARD, "10.0.0.9", 80, "10.0.0.9"),
    (WIDE, "8.8.8.8", 53, "8.8.8.8"),
    (WIDE, "192.168.1.1", 80, "192.168.1.1"),
]
REFUSED = [
    (GUARD, "192.168.1.1", 80),
    (GUARD, "172.16.0.1", 22),
    (GUARD, "127.0.0.1", 22),
    (GUARD, "127.0.0.2", 15432),
    (GUARD, "mixed.example", 15433),
    (GUARD, "metadata.example", 80),
    (GUARD, "10.0.0.9", 443),
    (GUARD, "platform.example", 443),
    (GUARD, "127.0.0.1", 18080),
    (GUARD, "8.8.8.8", 80),
    (Guard(), "8.8.8.8", 80),
    (Guard(), "10.1.1.1", 80),
    # a wide allowance does not open this machine, nor what is never a service
    (WIDE, "127.0.0.1", 80),
    (WIDE, "127.1.2.3", 80),
    (WIDE, "::1", 80),
    (WIDE, "[::1]", 80),
    (WIDE, "::", 80),
    (WIDE, "0.0.0.0", 80),
    (WIDE, "0.1.2.3", 80),
    (WIDE, "169.254.169.254", 80),
    (WIDE, "fe80::1", 80),
    (WIDE, "fd00:ec2::254", 80),
    (WIDE, "100.100.100.200", 80),
    (WIDE, "224.0.0.1", 80),
    (WIDE, "ff02::1", 80),
    (WIDE, "255.255.255.255", 80),
    (WIDE, "240.0.0.1", 80),
    (WIDE, "::ffff:127.0.0.1", 80),
    (WIDE, "::ffff:7f00:1", 80),
    (WIDE, "::127.0.0.1", 80),
    (WIDE, "mapped.example", 80),
    (WIDE, "2002:7f00:1::", 80),
    (WIDE, "64:ff9b::7f00:1", 80),
    (WIDE, "64:ff9b::169.254.169.254", 80),
    (WIDE, "2001:0:4136:e378:8000:63bf:80ff:fffe", 80),
    (WIDE, "mixed.example", 80),
]
INVALID = [
    ("2130706433", 80),
    ("0177.0.0.1", 80),
    ("0x7f000001", 80),
    ("0x7f.0.0.1", 80),
    ("127.1", 80),
    ("127.0.0.01", 80),
    ("1.2.3.4.5", 80),
    ("256.1.1.1", 80),
    ("", 80),
    (" 10.0.0.1", 80),
    ("10.0.0.1 ", 80),
    ("a b", 80),
    ("a/b", 80),
    ("a@b", 80),
    ("a#b", 80),
    ("a,b", 80),
    ("a\x00b", 80),
    ("/tmp", 80),
    ("fe80::1%lo", 80),
    ("[::1", 0),
    ("::1::", 80),
    ("-a.cn", 80),
    ("a..b", 80),
    ("ａ", 0),
    ("10.0.0.1", 0),
    ("10.0.0.1", 65536),
    ("①②⑦.⓪.⓪.①x y", 80),
    ("10.0.0.1:80", 80),
]


@pytest.mark.parametrize(("guard", "host", "port", "ip"), PASS)
def test_allowed_ones_are_pinned(guard: Guard, host: str, port: int, ip: str) -> None:
    pinned = guard.check(host, port)
    assert (pinned.ip, pinned.port) == (ip, port)


@pytest.mark.parametrize(("guard", "host", "port"), REFUSED)
def test_all_others_are_refused(guard: Guard, host: str, port: int) -> None:
    with pytest.raises(ConnectorProblem) as refused:
        guard.check(host, port)
    assert refused.value.code == "address_refused" and refused.value.remedy and refused.value.who


@pytest.mark.parametrize(("host", "port"), INVALID)
def test_odd_spellings_are_not_even_looked_up(host: str, port: int) -> None:
    def never(host: str, port: int) -> list[str]:
        raise AssertionError(host)

    with pytest.raises(ConnectorProblem) as refused:
        Guard.of(["0.0.0.0/0", "127.0.0.0/8:80"], resolve=never).check(host, port)
    assert refused.value.code == "address_invalid"


def test_unknown_names_and_full_width_names() -> None:
    with pytest.raises(ConnectorProblem) as refused:
        GUARD.check("nowhere.example", 80)
    assert refused.value.code == "name_unknown"
    with pytest.raises(ConnectorProblem):  # IDNA turns full-width digits into 127.0.0.1
        WIDE.check("１２７.0.0.1", 80)


def test_a_name_that_changes_its_answer_is_judged_each_time_and_asked_once() -> None:
    names: list[str] = []
    answers = iter([["10.1.2.3"], ["127.0.0.1"], ["169.254.169.254"]])

    def rebinding(host: str, port: int) -> list[str]:
        names.append(host)
        return next(answers)

    guard = Guard.of(["10.0.0.0/8"], resolve=rebinding)
    assert guard.check("evil.example", 80).ip == "10.1.2.3" and len(names) == 1
    for _ in range(2):
        with pytest.raises(ConnectorProblem):
            guard.check("evil.example", 80)


@settings(max_examples=300)
@given(
    address=st.integers(0, 2**32 - 1).map(IPv4Address)
    | st.integers(0, 2**128 - 1).map(IPv6Address)
    | st.ip_addresses()
)
def test_what_the_standard_library_calls_local_never_passes_a_wide_guard(
    address: IPv4Address | IPv6Address,
) -> None:
    try:
        pinned = ip_address(WIDE.check(str(address), 443).ip)
    except ConnectorProblem:
        return
    assert not (
        pinned.is_loopback or pinned.is_link_local or pinned.is_multicast or pinned.is_unspecified
    )
    if isinstance(pinned, IPv6Address) and pinned.ipv4_mapped:
        assert not pinned.ipv4_mapped.is_loopback and not pinned.ipv4_mapped.is_link_local


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.1/8",
        "10.0.0.0/8:0",
        "10.0.0.0/8:99999",
        "localhost:80",
        "10.0.0.0/8:",
        "",
        "[fd00::/8",
    ],
)
def test_a_wrong_setting_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Allowance.parse(text)


def test_settings_read_back() -> None:
    assert Allowance.parse("127.0.0.1:80,443").ports == {80, 443}
    assert (
        str(Allowance.parse("[fd00::/8]:443").network) == "fd00::/8"
        and str(Allowance.parse("fd00::/8").network) == "fd00::/8"
    )
    assert Allowance.parse("::1").network.num_addresses == 1


# -- the platform's own doors ----------------------------------------------------------------------

HOME = {
    "db.platform.cn": ["10.0.0.5"],
    "mail.platform.cn": ["10.0.0.6"],
    "alias.of.a.clerk": ["10.0.0.5"],
    "mapped.clerk": ["::ffff:10.0.0.5"],
    "two.faces": ["10.1.1.1", "10.0.0.5"],
    "localhost": ["127.0.0.1", "::1"],
    "loop.clerk": ["127.9.9.9"],
    "db.else": ["10.0.0.7"],
}
DOORS = [
    Door("db.platform.cn", 5432, frozenset({"huitong"})),
    Door("mail.platform.cn", 25),
    Door("127.0.0.1", 5433, frozenset({"huitong"})),
    Door("0.0.0.0", 8800),
    Door("gone.platform.cn", 5432),
]


def at_home(allowed: list[str]) -> Guard:
    def named(host: str, port: int) -> list[str]:
        if host not in HOME:
            raise OSError("unknown")
        return HOME[host]

    return Guard.of(allowed, DOORS, named)


@pytest.mark.parametrize(
    ("host", "port"),
    [
        *(
            (host, 5432)
            for host in (
                "db.platform.cn",
                "DB.platform.cn.",
                "10.0.0.5",
                "alias.of.a.clerk",
                "::ffff:10.0.0.5",
                "mapped.clerk",
                "two.faces",
            )
        ),
        *(
            (host, 25)
            for host in ("mail.platform.cn", "10.0.0.6", "64:ff9b::a00:6", "2002:a00:6::")
        ),
        *(
            (host, port)
            for port in (5433, 8800)
            for host in (
                "127.0.0.1",
                "127.0.0.2",
                "localhost",
                "::1",
                "[::1]",
                "::ffff:127.0.0.1",
                "loop.clerk",
                "0.0.0.0",
                "::",
            )
        ),
    ],
)
def test_our_own_doors_are_found_under_every_name(host: str, port: int) -> None:
    """By name, alias, mapped or embedded address, any loopback address: whatever the networks
    allow."""
    for allowed in (
        ["10.0.0.0/8", "::/0", "127.0.0.0/8:5433,8800", "[::1]:5433,8800"],
        ["0.0.0.0/0", "::/0"],
    ):
        with pytest.raises(ConnectorProblem) as refused:
            at_home(allowed).check(host, port, "front")
        assert refused.value.code == "address_refused"


def test_other_ports_and_other_hosts_are_not_ours() -> None:
    guard = at_home(["10.0.0.0/8"])
    assert (
        guard.check("db.platform.cn", 5433).ip == "10.0.0.5"
        and guard.check("db.else", 5432).ip == "10.0.0.7"
    )


def test_this_machine_has_many_addresses() -> None:
    """Our server on loopback answers at the machine's address in the network too."""
    trial = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        trial.connect(("10.255.255.255", 1))  # nothing is sent
        address = trial.getsockname()[0]
    except OSError:
        pytest.skip("a machine without a network")
    finally:
        trial.close()
    with pytest.raises(ConnectorProblem):
        at_home(["0.0.0.0/0"]).check(address, 5433, "front")
    assert on_this_machine(ip_address(address)) and not on_this_machine(ip_address("192.0.2.1"))


def test_an_allowed_server_is_shared_but_our_database_on_it_is_not() -> None:
    """The demonstration, and small sites: fronts of departments lie on the platform's own
    PostgreSQL, each in a database of its own."""
    for allowed, host, port in (
        (["127.0.0.1:5433"], "127.0.0.1", 5433),
        (["10.0.0.5:5432"], "alias.of.a.clerk", 5432),
    ):
        assert at_home(allowed).check(host, port, "front_civil").port == port
        for database in ("huitong", ""):
            with pytest.raises(ConnectorProblem):
                at_home(allowed).check(host, port, database)
