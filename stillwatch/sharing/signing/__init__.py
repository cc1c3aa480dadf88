"""Signatures beside files: Ed25519 in DSSE envelopes, which Sigstore's and in-toto's tools read (docs/sharing-outgoing.md)."""
