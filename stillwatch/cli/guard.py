"""`stillwatch guard --policy FILE`: decide about every request on its way to the model, or for a gateway that asks."""

from __future__ import annotations

from pathlib import Path

import typer

from stillwatch.cli.beside import address
from stillwatch.cli.scan import CONFIG, KEY

_LOOPBACK = "127.0.0.1"


def guard(
    upstream: str = typer.Option(
        None,
        "--upstream",
        "-u",
        metavar="URL",
        help="Pass requests on to the model's server here; http://127.0.0.1:8000.",
    ),
    policy: Path = typer.Option(
        ..., "--policy", "-p", help="Rules, in YAML (docs/guard.md); read again when it changes."
    ),
    result: Path = typer.Option(
        None,
        "--result",
        "-r",
        help="Result folder of scan or replay, or STATE/result of watch; read again when it changes.",
    ),
    side: Path = typer.Option(None, help="Folder with accounts and declared, as in a log."),
    keys: Path = typer.Option(None, help="Table of API keys: JSON lines with key_sha256, account_id, organization_id."),
    account_header: str = typer.Option(
        "", help="Header that names the account, set by whoever authenticates in front."
    ),
    organization_header: str = typer.Option("", help="The same of its organisation."),
    redis: str = typer.Option(
        "",
        metavar="URL",
        envvar="STILLWATCH_GUARD_REDIS",  # a password among the options would stand in the list of processes
        help="Redis or Valkey that replicas share: redis://HOST:PORT, over TLS rediss://HOST:PORT.",
    ),
    log: Path = typer.Option(None, help="Folder to write exchanges/ and decisions/ in; scan and watch read it."),
    state: Path = typer.Option(
        None, help="File for whom rules have hit, so that those that stopped stay so; beside the policy when not given."
    ),
    keep: str = typer.Option(
        "",
        metavar="FIELDS",
        help="Fields of requests that are let through although they are taken out, commas between.",
    ),
    watermark_secret: Path = typer.Option(
        None, help="Secret that keys of watermarks are made from (stillwatch watermark new-secret)."
    ),
    watermark_registry: Path = typer.Option(
        None, help="File in which each of these keys is committed to before it is used (docs/watermark.md)."
    ),
    canary_secret: Path = typer.Option(
        None, help="Secret that canaries of campaigns are chosen by; may be that of watermarks."
    ),
    canary_registry: Path = typer.Option(
        None, help="File in which each of their keys is committed to before it is used (docs/canaries.md)."
    ),
    answers: Path = typer.Option(
        None, help="Folder to keep answers with a mark or a canary in, to be sealed (docs/prove.md); needs --log."
    ),
    host: str = typer.Option(_LOOPBACK, help="Address for customers."),
    port: int = typer.Option(8080, min=0, max=65_535, help="Port for customers."),
    inside: str = typer.Option(
        None,
        metavar="HOST:PORT",
        help="Answer /healthz, /metrics and gateways' questions here, where no customer comes; 127.0.0.1:8081.",
    ),
    trusted: str = typer.Option(
        _LOOPBACK, help="Proxies that may say where a client is, by address, with commas between."
    ),
    config: Path = CONFIG,
    key: Path = KEY,
) -> None:
    """Pass requests on to a model's server, each by what was found and by rules that people answer for.

    Speaks as OpenAI's and Anthropic's APIs do. Live rules act only with a backtest in order (stillwatch backtest); without
    one they are shadows. Whatever fails lets requests pass. With --inside, gateways that carry requests themselves ask
    at /auth, /ext_authz and /beta/litellm_basic_guardrail_api whether one may pass.

    Example: stillwatch guard -u http://127.0.0.1:8000 -p policy.yaml -r STATE/result --side LOG --log LOG
    """
    from stillwatch.errors import EngineMissing

    if upstream is None and inside is None:
        raise typer.BadParameter(
            "nothing to do: --upstream to pass requests on, --inside to be asked about them, or both"
        )
    if upstream is not None and not upstream.startswith(("http://", "https://")):
        raise typer.BadParameter(f"--upstream {upstream!r}: an address that begins with http:// or https://")
    try:
        from stillwatch.guard.served import Customers, serve
        from stillwatch.guard.setup import Setup
    except ModuleNotFoundError as missing:
        raise EngineMissing(
            f"the package {missing.name} is not installed",
            "guard",
            "the extra `guard`",
            "pip install 'stillwatch[guard]'",
        ) from None
    setup = Setup(
        policy, result, side, keys, account_header, organization_header, redis, log, state, key, config, keep,
        watermark_secret=watermark_secret, watermark_registry=watermark_registry,
        canary_secret=canary_secret, canary_registry=canary_registry, answers=answers,
    )  # fmt: skip
    customers = None if upstream is None else Customers(upstream, host, port)
    asked_at = None if inside is None else address("--inside", inside)
    serve(setup, customers, asked_at, trusted, lambda text: typer.echo(text, err=True))
