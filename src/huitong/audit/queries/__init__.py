"""Questions about the ledger: who may read which entries, where an entry stands in the tree, how sealing stands."""

from huitong.audit.queries.entries import (
    auditors_only,
    bodies_seen,
    case_of,
    case_visible_to,
    entries_visible_to,
    entry_visible_to,
    is_auditor,
    search,
)
from huitong.audit.queries.evidence import (
    ATTACHED,
    NOTING,
    RELATED,
    evidence_of,
    package_file,
    package_folder,
    packages_visible_to,
    sizes_outside,
)
from huitong.audit.queries.proofs import (
    LedgerBroken,
    Proof,
    consistency,
    frontier,
    keys,
    latest,
    lines,
    proof_of,
    proves,
    signer,
    size_sealed,
    suite,
    tree_as_signed,
    witness_keys,
)
from huitong.audit.queries.standing import Peer, Status, Target, outside_notes, peers, status, targets

__all__ = [
    "ATTACHED", "NOTING", "RELATED", "LedgerBroken", "Peer", "Proof", "Status", "Target", "auditors_only", "bodies_seen", "case_of", "case_visible_to",
    "consistency", "entries_visible_to", "entry_visible_to", "evidence_of", "frontier", "is_auditor", "keys", "latest", "lines",
    "outside_notes", "package_file", "package_folder", "packages_visible_to", "peers", "proof_of", "proves", "search", "signer",
    "size_sealed", "sizes_outside", "status", "suite", "targets", "tree_as_signed", "witness_keys",
]
