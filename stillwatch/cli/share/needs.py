"""Say which extra is missing before anything of it is imported."""

from __future__ import annotations


def needs(package: str, extra: str) -> None:
    """An error that names the extra, unless this package of it is there."""
    from importlib.util import find_spec

    from stillwatch.errors import EngineMissing

    if find_spec(package) is None:
        raise EngineMissing(
            f"the package {package} is not installed", "stillwatch share", f"the extra `{extra}`",
            f"pip install 'stillwatch[{extra}]'",
        )  # fmt: skip
