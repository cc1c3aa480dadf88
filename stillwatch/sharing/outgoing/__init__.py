"""What stands between a draft and its leaving: packages, two people, a log (docs/sharing-outgoing.md)."""
