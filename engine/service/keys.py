"""The engine's Ed25519 key: signs `link.issued`, lies in a file of its own that only its owner reads."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)


class BadKey(Exception):
    """The key cannot be used; the message says why and what to do."""


def make(path: Path) -> Ed25519PrivateKey:
    """A new key in a new file, mode 0600. Raises FileExistsError: a key is never replaced."""
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        file.flush()
        os.fsync(file.fileno())
    return key


def load(path: Path) -> Ed25519PrivateKey:
    """Raises BadKey; FileNotFoundError when there is none."""
    if path.stat().st_mode & 0o077:
        raise BadKey(f"{path}: others may read the engine's key; run chmod 600 {path}")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadKey(f"{path}: is no private key in PEM form") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadKey(f"{path}: the engine signs with Ed25519; this is another kind of key")
    return key


def public(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes others check signatures with."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
