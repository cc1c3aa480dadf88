"""Private matching: which of our indicators a partner sees too, without showing the rest (docs/sharing-matching.md)."""
