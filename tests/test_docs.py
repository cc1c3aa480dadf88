"""The generated pages are current, and no page points at a file that is not there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GENERATED = [
    "cli.md",
    "exit-codes.md",
    "flow.md",
    "guard-facts.md",
    "links.md",
    "log-formats.md",
    "settings.md",
    "tables.md",
    "verification-signs.md",
    "worlds.md",
]
WRITTEN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
SENTENCE = "A stage is a function from tables to one table."


@pytest.fixture(scope="module")
def made_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    subprocess.run([sys.executable, "-m", "docs.generate", str(folder)], cwd=ROOT, check=True)
    return folder


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_page_is_what_the_code_says(made_again: Path, name: str) -> None:
    now, then = (made_again / name).read_text(), (ROOT / "docs" / name).read_text()
    assert now == then, f"docs/{name} has fallen behind the code: run `make docs`"


def test_every_setting_has_a_reason() -> None:
    rows = re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", (ROOT / "docs" / "settings.md").read_text(), re.M)
    assert len(rows) > 60 and [name for name, reason in rows if not reason.strip()] == []


def test_every_page_that_is_made_is_compared(made_again: Path) -> None:
    assert sorted(one.name for one in made_again.iterdir()) == GENERATED


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#\s]+)[^)]*\)", page.read_text())
    assert [one for one in targets if not (page.parent / one).exists()] == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_exist(page: Path) -> None:
    named = re.findall(r"`((?:stillwatch|tests|bench|docs)/[\w/.-]+\.(?:py|md|yaml|yml))`", page.read_text())
    assert [one for one in named if not (ROOT / one).exists()] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "stillwatch/flow.py", "docs/flow.md"])
def test_the_sentence_opens_the_pages_that_explain_the_whole(page: str) -> None:
    assert SENTENCE in re.sub(r"\s+", " ", (ROOT / page).read_text())


def test_readme_names_every_command_that_there_is_and_no_other() -> None:
    commands = set(re.findall(r"^## stillwatch (\w+)$", (ROOT / "docs" / "cli.md").read_text(), re.M))
    said = set(
        re.findall(r"`?stillwatch (scan|link|explain|report|demo|worlds|\w+)\b", (ROOT / "README.md").read_text())
    )
    assert commands <= said
