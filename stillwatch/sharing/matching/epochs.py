"""What a holder keeps: a folder for each partner and epoch, with a key of its own, so that no two sets can be compared.

    STATE/PARTNER.token            opens the door to this partner alone
    STATE/PARTNER/EPOCH/key        made at random; without it nobody can try values on the set
    STATE/PARTNER/EPOCH/set.match  what the partner gets
    STATE/PARTNER/EPOCH/index.parquet  tag and receipt of each value, and whose it is: to read what the partner tells
    STATE/spent.db, evaluations.jsonl  what was asked, in numbers

`end` destroys key and index; the set, wherever it went, is then as good as random.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from stillwatch import keyfiles
from stillwatch.errors import BadConfiguration
from stillwatch.sharing.files import replace
from stillwatch.sharing.matching.messages import COUNT, NAME, SetHead, digest, read_set
from stillwatch.sharing.matching.oprf import Keys
from stillwatch.sharing.matching.refused import Refused
from stillwatch.sharing.matching.tags import COUNTING, MATCHING

PER_DAY = 50_000  # points of a partner: an ask of 24,000 values, and another one after a mistake
PER_EPOCH = (
    100_000  # four values of each account of the largest campaign that was disclosed; 0.1% of a country's numbers
)
DAYS = 31  # that an epoch lasts: a key that leaks tells of a month


@dataclass(frozen=True)
class Limits:
    """Points that one partner may have evaluated; what fills a request up counts as well."""

    per_day: int = PER_DAY
    per_epoch: int = PER_EPOCH


DEFAULT = Limits()


@dataclass(frozen=True)
class Epoch:
    """One partner's, opened."""

    folder: Path
    head: SetHead
    set: str  # digest
    limits: Limits
    seed: bytes

    def __repr__(self) -> str:
        return f"Epoch({self.folder})"  # never its seed

    def keys(self) -> Keys:
        return keys_of(self.seed, self.head.holder, self.head.partner, self.head.epoch, self.head.mode)


def keys_of(seed: bytes, holder: str, partner: str, epoch: str, mode: str) -> Keys:
    """The pair of one epoch; a count's is another than a match's."""
    info = "\0".join(("stillwatch match 1", holder, partner, epoch, mode)).encode()
    return (COUNTING if mode == COUNT else MATCHING).keys(seed, info)


def folder_of(state: Path, partner: str, epoch: str) -> Path:
    for what, name in (("--partner", partner), ("--epoch", epoch)):
        if not NAME.fullmatch(name):
            raise BadConfiguration(f"{name!r} is no name", what, "letters a-z, digits, dashes; 64 at most")
    return state / partner / epoch


def begin(state: Path, partner: str, epoch: str) -> tuple[Path, bytes]:
    """The folder of a new epoch and its seed. BadConfiguration where it is none: two sets under one key could be compared."""
    folder = folder_of(state, partner, epoch)
    if (folder / "set.match").exists():
        raise BadConfiguration(
            "this epoch has been set up already",
            str(folder),
            "another --epoch",
            "end the old one with `share match end`",
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "key").unlink(missing_ok=True)  # of a set-up that was stopped: nobody got anything made with it
    keyfiles.create(folder / "key")
    return folder, keyfiles.read(folder / "key")


def publish(folder: Path, message: bytes, limits: Limits) -> None:
    """Set last: an epoch without one is not open."""
    replace(folder / "limits.json", orjson.dumps({"per_day": limits.per_day, "per_epoch": limits.per_epoch}))
    replace(folder / "set.match", message)


def opened(state: Path, partner: str, epoch: str) -> Epoch:
    """Refused where there is no such epoch, or it was ended."""
    folder = folder_of(state, partner, epoch)
    if not (folder / "set.match").exists():
        raise Refused(f"there is no epoch {epoch} for {partner}", str(state), _told(state, partner), "", "no_epoch")
    if not (folder / "key").exists():
        raise Refused(f"epoch {epoch} has ended: its key was destroyed", str(folder), "", "", "ended")
    message = (folder / "set.match").read_bytes()
    limits = Limits(**orjson.loads((folder / "limits.json").read_bytes()))
    head, _ = read_set(message, str(folder / "set.match"))
    return Epoch(folder, head, digest(message), limits, keyfiles.read(folder / "key"))


def epochs(state: Path, partner: str) -> list[str]:
    """Those that were set up, by name."""
    return sorted(one.parent.name for one in (state / partner).glob("*/set.match"))


def partners(state: Path) -> Iterator[tuple[str, Path]]:
    """Each with the file of its token."""
    for one in sorted(state.glob("*.token")):
        yield one.stem, one


def token(state: Path, partner: str) -> Path:
    """The file of a partner's token, made where there is none."""
    path = state / f"{partner}.token"
    if not path.exists():
        keyfiles.create(path)
    return path


def end(state: Path, partner: str, epoch: str) -> list[str]:
    """Destroy what could try values on the set; names of what was there."""
    folder = folder_of(state, partner, epoch)
    gone = []
    for name in ("key", "index.parquet"):
        if (folder / name).exists():
            (folder / name).unlink()
            gone.append(name)
    return gone


def _told(state: Path, partner: str) -> str:
    return ", ".join(epochs(state, partner)) or "none was set up"
