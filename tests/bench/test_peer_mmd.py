"""MMD: the statistic by its definition, the share of false positives, and whom it finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from peer_logs import exchange, opened

from bench.peers.mmd import FALSE_POSITIVES, References, mmd, threshold

SIZE = 12  # numbers a vector


def drawn(random: np.random.Generator, size: int, shift: float = 0.0) -> np.ndarray:
    made = random.normal(size=(size, SIZE)).astype(np.float32)
    made[:, 0] += shift
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def plain(x: np.ndarray, y: np.ndarray, sigma: float) -> float:
    """The unbiased estimate as the paper writes it, pair by pair, with kernels at 0.5, 1, 2 and 4 sigma."""

    def kernel(a: np.ndarray, b: np.ndarray) -> float:
        square = float(((a.astype(float) - b.astype(float)) ** 2).sum())
        return float(np.mean([np.exp(-square / (2 * (wide * sigma) ** 2)) for wide in (0.5, 1, 2, 4)]))

    same = [np.mean([kernel(a, b) for i, a in enumerate(z) for j, b in enumerate(z) if i != j]) for z in (x, y)]
    return float(same[0] + same[1] - 2 * np.mean([kernel(a, b) for a in x for b in y]))


def test_the_statistic_is_the_paper_s() -> None:
    random = np.random.default_rng(1)
    benign, window = drawn(random, 40), drawn(random, 9, 0.5)
    references = References(benign)
    apart = [np.linalg.norm(a - b) for i, a in enumerate(benign) for b in benign[:i]]
    wanted = plain(window, benign[references.taken], float(np.median(apart)))
    assert references.discrepancy(window) == pytest.approx(wanted, abs=1e-4)


def test_false_positives_are_near_nominal_on_windows_not_seen() -> None:
    random = np.random.default_rng(2)
    references = References(drawn(random, 400))
    usual, others = ([references.discrepancy(drawn(random, 40)) for _ in range(4_000)] for _ in range(2))
    strange = np.array([references.discrepancy(drawn(random, 40, 2.0)) for _ in range(20)])
    limit = threshold(np.array(usual))
    assert (np.array(usual) > limit).mean() <= FALSE_POSITIVES
    assert (np.array(others) > limit).mean() <= 2 * FALSE_POSITIVES  # 24 of 4,000 where 12 are expected
    assert (strange > limit).all()


def test_an_account_on_other_subjects_is_flagged(tmp_path: Path) -> None:
    random = np.random.default_rng(4)

    def ask(name: str, subject: str, queries: int) -> list[dict[str, object]]:
        words = [f"{subject}{number}" for number in range(50)]
        return [exchange(name, place, prompt=" ".join(random.choice(words, 8))) for place in range(queries)]

    usual = [row for number in range(40) for row in ask(f"h{number}", "chat" if number % 2 else "work", 90)]
    harvested = "only rubric grades and steps of reasoning"
    log = opened(tmp_path / "log", [
        *ask("chatter", "chat", 60), *ask("worker", "work", 60), *ask("few", "rubric", 31),
        *(exchange("harvester", place, prompt=f"{harvested} chat{place} work{place}") for place in range(60)),
    ])  # fmt: skip
    found = mmd(log, opened(tmp_path / "benign", usual))
    assert dict(zip(log.accounts, found.flagged.tolist(), strict=True)) == {
        "chatter": False, "few": False, "harvester": True, "worker": False,
    }  # fmt: skip
