"""Ways out: what becomes of a bundle for a partner, as files by name; one function a way. `contact`: whom the partner asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stillwatch.sharing.outgoing import canonical
from stillwatch.sharing.outgoing.bundle import Bundle
from stillwatch.sharing.outgoing.partners import Partner

Files = Mapping[str, bytes]
Made = tuple[Files, tuple[str, ...]]  # and what this form has no place for, in words


def file(bundle: Bundle, partner: Partner, contact: str) -> Made:
    """The bundle itself, as canonical JSON: its digest is that of the package."""
    return {f"{_stem(bundle)}.stix.json": canonical.canonical(bundle.whole)}, ()


def csv(bundle: Bundle, partner: Partner, contact: str) -> Made:
    """Its indicators as a table."""
    from stillwatch.sharing.outgoing.table import table

    return {f"{_stem(bundle)}.csv": table(bundle.objects)}, ("all objects that are no indicators",)


def misp(bundle: Bundle, partner: Partner, contact: str) -> Made:
    """A MISP event, with the brief as its report."""
    from stillwatch.sharing.misp.event import event, written
    from stillwatch.sharing.outgoing.brief import brief as told
    from stillwatch.sharing.outgoing.page import markdown

    made = event(bundle, markdown(told(bundle, partner, contact)))
    return {f"{_stem(bundle)}.misp.json": written(made)}, made.lost


def brief(bundle: Bundle, partner: Partner, contact: str) -> Made:
    """In plain words, for people."""
    from stillwatch.sharing.outgoing.brief import brief as told
    from stillwatch.sharing.outgoing.page import html, markdown

    said = told(bundle, partner, contact)
    files = {f"{_stem(bundle)}.brief.md": markdown(said).encode(), f"{_stem(bundle)}.brief.html": html(said).encode()}
    return files, ()


def taxii(bundle: Bundle, partner: Partner, contact: str) -> Made:
    """The bundle, to be sent to the partner's collection."""
    return file(bundle, partner, contact)


ALL: Mapping[str, Callable[[Bundle, Partner, str], Made]] = {
    one.__name__: one for one in (file, taxii, misp, csv, brief)
}


def _stem(bundle: Bundle) -> str:
    return bundle.digest[:16]
