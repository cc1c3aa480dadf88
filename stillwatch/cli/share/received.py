"""`stillwatch share received`: what was told, by whom, how far it is believed; `trust` decides, `forget` takes away."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from stillwatch.cli.scan import CONFIG, JSON
from stillwatch.cli.share.receiving import BY, NOW, STATE, STORE, YES

if TYPE_CHECKING:
    from stillwatch.sharing.incoming.effective import Believed
    from stillwatch.sharing.incoming.hashed import Met


def received(
    conflicts: bool = typer.Option(False, "--conflicts", help="Only values that some speak for and some against."),
    source: str = typer.Option("", "--from", metavar="SOURCE", help="Only what this source told of."),
    state: Path = STATE,
    store: str = STORE,
    now: datetime = NOW,
    json: bool = JSON,
) -> None:
    """Show values that others told of: how far each is believed now, by how many independent witnesses, what speaks against.

    Example: stillwatch share received --conflicts
    """
    from stillwatch.cli.share import receiving
    from stillwatch.cli.verify import where

    receiving.installed()
    from stillwatch.sharing.incoming.look import look
    from stillwatch.sharing.incoming.sources import load

    sources = load(state)
    if source:
        sources.one(source)
    with receiving.opened(state, store) as held:
        found = look(held, sources, where.seconds(now))
        documents = held.documents()
    signed = {one.number: one.signed_by for one in documents}
    values = [one for one in found.values if (one.conflict or not conflicts) and _of(one, source)]
    if json:
        where.printed(
            {
                "values": [_row(one, signed) for one in values],
                "documents": [{**vars(one), "signed_by": one.signed_by.split()} for one in documents],
            }
        )
        return
    shown = receiving.shown
    typer.echo(
        f"{len(values):,} values, {sum(one.conflict for one in values):,} of them in conflict; "
        f"{len(documents):,} documents of {len({one.source for one in documents}):,} sources"
    )
    where.table(
        ("Kind", "Value", "Believed", "Witnesses", "Told by", "Signed by", "Against", "Until"),
        [(shown(one.kind), shown(one.value), f"{one.belief:.0%}", f"{len(one.witnesses):,}",
          shown("; ".join(" and ".join(witness.tellers) for witness in one.witnesses)),
          shown("; ".join(_signed(signed[witness.claim.document]) for witness in one.witnesses)), shown(_against(one)),
          where.day(max((witness.claim.ends for witness in one.witnesses), default=0.0))) for one in values],
    )  # fmt: skip


def trust(
    value: str = typer.Argument(..., help="Value, as `share received` shows it."),
    said: str = typer.Option(..., "--as", help="malicious, benign, or open: what was decided before is taken back."),
    kind: str = typer.Option("", help="Its kind, where several kinds have the value."),
    why: str = typer.Option(..., "--why", help="Why; it stays on record."),
    state: Path = STATE,
    store: str = STORE,
    by: str = BY,
    now: datetime = NOW,
    yes: bool = YES,
) -> None:
    """Decide a conflict: benign makes what others say of a value count for nothing, malicious leaves doubts out of it.

    Example: stillwatch share trust exit.example --as benign --why "a customer's VPN" --yes
    """
    from stillwatch.cli.share import receiving
    from stillwatch.cli.verify import where
    from stillwatch.errors import BadConfiguration

    receiving.installed()
    from stillwatch.sharing.incoming.look import look
    from stillwatch.sharing.incoming.sources import load
    from stillwatch.sharing.incoming.store import SAID, Decision

    if said not in SAID:
        raise BadConfiguration(f"a value is not {said!r}", "--as", ", ".join(SAID))
    at = where.seconds(now)
    with receiving.opened(state, store) as held:
        known = {(one.kind, one.value) for one in look(held, load(state), at).values} | set(held.decisions())
        meant = sorted(one for one in known if one[1] == value and kind in ("", one[0]))
        if len(meant) != 1:
            kinds = ", ".join(one for one, _ in meant)
            raise BadConfiguration(
                f"{len(meant)} kinds have this value" if meant else "nobody told of this value", "VALUE",
                f"--kind, one of {kinds}" if meant else "a value of `share received`",
            )  # fmt: skip
        if yes:
            held.decide(Decision(*meant[0], said, why, receiving.who(by), at))
    typer.echo(f"{meant[0][0]} {receiving.shown(value)} {'is' if yes else 'would be; say --yes:'} {said}", err=True)


def forget(
    what: str = typer.Argument(..., metavar="SOURCE|ID", help="Everything of a source, or one object by its id."),
    state: Path = STATE,
    store: str = STORE,
    by: str = BY,
    now: datetime = NOW,
    yes: bool = YES,
) -> None:
    """Take away what was received; that it was done stays on record. A source that tells it again is heard again.

    Example: stillwatch share forget northwind --yes
    """
    from stillwatch.cli.share import receiving
    from stillwatch.cli.verify import where
    from stillwatch.errors import BadConfiguration

    receiving.installed()
    with receiving.opened(state, store) as held:
        many = held.count(what)
        if not many:
            raise BadConfiguration(
                "nothing of that is held", "SOURCE|ID", "a source or an id of `share received --json`"
            )
        if yes:
            held.forget(what, receiving.who(by), where.seconds(now))
    typer.echo(f"{many:,} objects {'are forgotten' if yes else 'would be forgotten; say --yes'}", err=True)


def indicators(
    out: Path = typer.Option(..., "--out", "-o", help="The file, such as LOG/indicators.parquet."),
    log: Path = typer.Option(
        None, help="Log whose cards and devices are compared with those that partners told hashed."
    ),
    state: Path = STATE,
    store: str = STORE,
    config: Path = CONFIG,
    now: datetime = NOW,
    json: bool = JSON,
) -> None:
    """Write what is believed now as the table of indicators that scans read, in place of the one before.

    With --log, a hashed value that the log has under a key of its source's (`compare` in sources.toml) stands as the log has
    it, and the file is for its owner alone, as the log should be.

    Example: stillwatch share indicators --log LOG --out LOG/indicators.parquet
    """
    from datetime import UTC
    from datetime import datetime as instant

    from stillwatch.cli.share import receiving
    from stillwatch.cli.verify import where

    receiving.installed()
    from stillwatch.config import load as settings
    from stillwatch.sharing.incoming.hashed import met
    from stillwatch.sharing.incoming.look import look
    from stillwatch.sharing.incoming.rows import rows, write
    from stillwatch.sharing.incoming.sources import load
    from stillwatch.sharing.stix.given import given
    from stillwatch.tlp import MARKS

    at = where.seconds(now)
    with receiving.opened(state, store) as held:
        found = look(held, load(state), at)
    here = given(log, settings(config).reading, instant.fromtimestamp(at, UTC)) if log else None
    compared = met(found.values, here)
    by_value = [list(rows([one], MARKS, compared.ours)) for one in found.values]
    made = [row for some in by_value for row in some]
    write(out, made, 0o600 if log else 0o666)
    silent = sum(not some for some in by_value)
    if json:
        hashed = {"told": compared.told, "met": len(compared.ours), "without_key": compared.keyless}
        where.printed({
            "file": str(out), "rows": len(made), "values_that_count_for_nothing": silent,
            "hashed": {**hashed, "pseudonyms_in_log": compared.pseudonyms},
        })  # fmt: skip
        return
    typer.echo(f"{len(made):,} rows; {silent:,} values count for nothing now, by age, doubt or decision", err=True)
    if compared.told:
        typer.echo(f"{compared.told:,} values were told hashed: {_said(compared, log)}", err=True)
    if compared.told and compared.pseudonyms:
        typer.echo(
            f"{compared.pseudonyms:,} values of {log} look like pseudonyms: such cannot be compared with anybody's",
            err=True,
        )


def _said(compared: Met, log: Path | None) -> str:
    """What became of hashed values."""
    if log is None:
        return "no scan meets them; say --log LOG"
    keyless = f"; of {compared.keyless:,} we have no key (`compare` in sources.toml)" if compared.keyless else ""
    return f"{len(compared.ours):,} of them are in {log}{keyless}"


def _of(one: Believed, source: str) -> bool:
    return not source or any(witness.claim.source.key == source for witness in one.witnesses)


def _against(one: Believed) -> str:
    """What speaks against it."""
    said = [f"{who} (-{weight:.0%})" for who, weight in one.doubts]
    if one.decision is not None:
        said.insert(0, f"{one.decision.said}, says {one.decision.by}: {one.decision.why}")
    if one.echoes:
        said.append("came back to us")
    return "; ".join(said)


def _signed(by: str) -> str:
    """Key ids as people compare them."""
    return " and ".join(one[:16] for one in by.split()) or "nobody"


def _row(one: Believed, signed: dict[int, str]) -> dict[str, Any]:
    from datetime import UTC, datetime

    def time(seconds: float) -> str:
        return datetime.fromtimestamp(seconds, UTC).isoformat()

    return {
        "kind": one.kind, "value": one.value, "believed": round(one.belief, 4), "conflict": one.conflict, "echoes": one.echoes,
        "against": [{"who": who, "weight": round(weight, 4)} for who, weight in one.doubts],
        "decision": None if one.decision is None else vars(one.decision),
        "witnesses": [
            {"origin": witness.origin, "told_by": list(witness.tellers), "believed": round(witness.believed, 4),
             "actor": witness.claim.actor, "finding": witness.claim.finding, "object": witness.claim.id,
             "from": time(witness.claim.begins), "until": time(witness.claim.ends),
             "document": witness.claim.document, "signed_by": signed[witness.claim.document].split()}
            for witness in one.witnesses
        ],
    }  # fmt: skip
