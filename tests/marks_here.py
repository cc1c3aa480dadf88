"""Options of a guard that marks, and what it has committed to."""

from __future__ import annotations

from pathlib import Path

from stillwatch import keyfiles
from stillwatch.safeguards.watermark import registry


def marked(folder: Path, settings: str = 'engine = "sglang"') -> tuple[str, ...]:
    """Options of a guard that marks, with a secret and a registry in this folder."""
    (folder / "settings.toml").write_text(f"[watermark]\n{settings}\n")
    keyfiles.create(folder / "secret")
    names = (("config", "settings.toml"), ("watermark-secret", "secret"), ("watermark-registry", "marks.jsonl"))
    return tuple(word for option, name in names for word in (f"--{option}", str(folder / name)))


def committed(folder: Path) -> set[str]:
    return {one.commitment for one in registry.read(folder / "marks.jsonl")}
