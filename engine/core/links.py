"""The secret of a mailed link and the proof of a choice made with it (decisions.md 2).

T (20 random bytes) is the token. Per atom a key is derived from T; the event that mints the link holds only hashes of
the keys, and deciding reveals the chosen ones. So anybody can check offline that whoever held this mail chose this.
Promises and their limits: docs/decisions/0006-links.md.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

LENGTH = 20
SHAPE = re.compile(r"[a-z2-7]{32}")


def token(secret: bytes) -> str:
    """32 lower-case base32 characters."""
    return base64.b32encode(secret).decode().lower()


def secret(text: str) -> bytes | None:
    """Inverse of `token`, letters of either case; None for anything that is no token."""
    lowered = text.lower()
    return base64.b32decode(lowered.upper()) if SHAPE.fullmatch(lowered) else None


def lookup(secret: bytes) -> bytes:
    """What the database finds a link by."""
    return hashlib.sha256(b"trinh/1 link\x00" + secret).digest()


def key(secret: bytes, link: str, atom: str) -> bytes:
    """The key of one choice."""
    return hmac.new(secret, b"\x00".join((b"trinh/1 choice", link.encode(), atom.encode())), hashlib.sha256).digest()


def commit(choice: bytes) -> str:
    """The commitment to a key, hex: what `link.issued` publishes."""
    return hashlib.sha256(b"trinh/1 commit\x00" + choice).hexdigest()


def commits(secret: bytes, link: str, atoms: tuple[str, ...]) -> dict[str, str]:
    return {atom: commit(key(secret, link, atom)) for atom in atoms}


def reveal(secret: bytes, link: str, atoms: tuple[str, ...]) -> dict[str, str]:
    """Keys of the chosen atoms, hex."""
    return {atom: key(secret, link, atom).hex() for atom in atoms}


def proves(commitments: dict[str, str], keys: dict[str, str]) -> bool:
    """Every revealed key opens the commitment of its atom."""
    try:
        return bool(keys) and all(
            atom in commitments and hmac.compare_digest(commit(bytes.fromhex(value)), commitments[atom])
            for atom, value in keys.items()
        )
    except ValueError:
        return False
