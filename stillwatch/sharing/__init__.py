"""What was found, told to others and learned from them: STIX, TAXII, MISP, and matching without showing (docs/sharing.md)."""
