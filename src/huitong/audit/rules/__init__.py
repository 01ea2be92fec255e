"""What can be proven about a ledger, without a database.

`suites` hashes, `tree` is the Merkle tree of RFC 6962, `note` the signed checkpoint (C2SP
signed-note and tlog-checkpoint), `ed25519` checks signatures with nothing but Python, `archive` and
`sources` read files that may be hostile, `findings` names what can be wrong, `offline` verifies an
export, `verifying` is its command. These need the standard library only and are handed out, joined
into one script, with every evidence package (`script`). `signing` and `export` are the platform's
side; `masks` and `retention` are tables.
"""
