"""Signed notes and checkpoints, against published vectors."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from huitong.audit.rules.ed25519 import verified, verified_in_python
from huitong.audit.rules.note import (
    COSIGNATURE,
    CheckpointText,
    Note,
    NoteError,
    VerifierKey,
    parse_keys,
    parse_notes,
)
from huitong.audit.rules.signing import Signer, load_or_create

#: the example of Go's golang.org/x/mod/sumdb/note, where the format comes from
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKv"
    "qfqdngotpRZb6KE6RyyBwJnAM=\n"
)
#: RFC 8032, 7.1
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer("nantong.example/ledger", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def test_a_note_signed_by_others_is_verified() -> None:
    key = VerifierKey.parse(GO_KEY)
    assert str(key) == GO_KEY
    assert Note.parse(GO_NOTE).signers([key]) == ["PeterNeumann"]
    assert str(Note.parse(GO_NOTE)) == GO_NOTE


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
@pytest.mark.parametrize("check", [verified, verified_in_python])
def test_signatures_of_rfc_8032(
    check: Callable[[bytes, bytes, bytes], bool], public: str, message: str, signature: str
) -> None:
    key, text, blob = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert check(key, text, blob)
    assert not check(key, text + b"!", blob)
    assert not check(key, text, blob[:-1] + bytes([blob[-1] ^ 1]))
    assert not check(key, text, blob[:-1])
    assert not check(b"\xff" * 32, text, blob)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.binary(min_size=32, max_size=32),
    message=st.binary(max_size=80),
    place=st.integers(0, 63),
    bit=st.integers(0, 7),
)
def test_the_python_check_agrees_with_the_library(
    seed: bytes, message: bytes, place: int, bit: int
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert verified_in_python(public, message, signature)
    bad = bytearray(signature)
    bad[place] ^= 1 << bit
    assert not verified_in_python(public, message, bytes(bad))


def test_a_checkpoint_is_read_as_it_was_written(signer: Signer) -> None:
    for suite in ("sha256", "sm3"):
        claim = CheckpointText(signer.name, 12, bytes(32), suite)
        assert CheckpointText.parse(str(claim)) == claim
        assert Note.parse(str(signer.sign(str(claim)))).signers([signer.key]) == [signer.name]


def test_counties_cosign(signer: Signer) -> None:
    county = Signer(
        "rudong.example/witness", Ed25519PrivateKey.from_private_bytes(bytes(32)), COSIGNATURE
    )
    note = Note.parse(str(county.cosign(signer.sign("a\n1\n"), at=1_790_000_000)))
    assert note.signers([signer.key, county.key]) == [signer.name, county.name]
    assert note.signers([county.key]) == [county.name]
    assert note.signers([]) == []


def test_an_altered_note_names_the_false_signature(signer: Signer) -> None:
    note = signer.sign("a\n1\n")
    with pytest.raises(NoteError, match=signer.name):
        Note("a\n2\n", note.signatures).signers([signer.key])


def test_notes_appended_to_one_file_are_all_found(signer: Signer) -> None:
    notes = [signer.sign(f"{signer.name}\n{n}\n") for n in range(3)]
    for gap in ("", "\n", "\n\n"):
        assert list(parse_notes(gap.join(map(str, notes)))) == notes
    assert list(parse_notes("\n")) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n",
        "a\n\n",
        "a\n\n\u2014 x\n",
        "a\n\n\u2014 x !!\n",
        "a\x00\n\n\u2014 x AAAAAAAA\n",
        "a\n\n\u2014 x AAAA\n",
        "a\n\n\u2014 x AAAAAAAA\n\u2014 x AAAAAAAA\n",
    ],
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        Note.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\nx\nAAAA\n",
        "o\n01\n" + "A" * 43 + "=\n",
        "o\n1\nAAAA\n",
        "o\n1\n" + "A" * 43 + "=\nhash md5\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        CheckpointText.parse(text)


@pytest.mark.parametrize(
    "text",
    ["x", "a b+00000000+AAAA", GO_KEY.replace("c74f20a3", "c74f20a4"), GO_KEY[:-4], "x+00000000+"],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        VerifierKey.parse(text)


def test_keys_are_read_one_a_line() -> None:
    assert [str(key) for key in parse_keys(f"# remark\n\n{GO_KEY}\n")] == [GO_KEY]


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "ledger-ed25519.pem"
    first = load_or_create(path)
    assert load_or_create(path).key == first.key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_create(path, "nantong.example/ledger").name == "nantong.example/ledger"
    assert [p.name for p in path.parent.iterdir()] == [path.name]
