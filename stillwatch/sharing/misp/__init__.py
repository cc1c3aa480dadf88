"""MISP events: bundles as such, and what others' events say, as bundles (docs/sharing-misp.md)."""
