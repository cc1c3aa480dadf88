"""How many pairs of prompts made from one template are found as such, and how many found pairs are not.

    python -m bench.template_pairs                                  the setup that other tools were measured in
    python -m bench.template_pairs --only stillwatch --characters 150 300 2000 --slots 1
    python -m bench.template_pairs --only stillwatch --script han --characters 150
    python -m bench.template_pairs --only stillwatch --real         real prompts as the unrelated ones

Recall overall and by the share of words that varies, each the mean over seeds; `least` is the lowest recall at half
variable. Speed in texts per second of processor time, everything included.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import time
from pathlib import Path
from typing import Any

from bench.template_pairs.corpus import GAP, VARIABLE, Corpus, corpus, ordinary
from bench.template_pairs.labellers import ALL
from bench.template_pairs.scores import scores

COLUMNS = ("precision", "recall", *(f"{share:.0%}" for share in VARIABLE))


def main() -> None:
    asked = _asked()
    labellers = {name: version for name in asked.only if (version := _version(name))}
    unrelated = ordinary() if asked.real else []
    rows: list[dict[str, Any]] = []
    print(
        f"{'':20} {'characters':>10} {'prompts':>8} "
        + " ".join(f"{name:>9}" for name in (*COLUMNS, "least", "texts/s"))
    )
    for characters in asked.characters:
        made = [corpus(seed, asked.prompts, characters, asked.slots, asked.script, unrelated) for seed in asked.seeds]
        for name, version in labellers.items():
            ALL[name](corpus(0, prompts=500))  # compiled, or loaded, before the clock starts
            found = [_measured(name, one) for one in made]
            _print(f"{name} {version}", found)
            rows += [{"labeller": name, "version": version, **one} for one in found]
    if asked.json:
        setup = {"seeds": asked.seeds, "slots": asked.slots, "script": asked.script, "real": asked.real}
        asked.json.write_text(json.dumps({**setup, "rows": rows}))


def _version(name: str) -> str:
    """Empty where the tool is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        print(f"{name}: skipped, it is not installed (pip install {name})")
        return ""


def _measured(name: str, made: Corpus) -> dict[str, float]:
    start = time.process_time()
    labels = ALL[name](made)
    seconds = time.process_time() - start
    characters = sum(len(text) for text in made.texts) / len(made.texts)
    return {
        "characters": characters,
        "prompts": len(labels),
        **scores(made, labels),
        "texts/s": len(labels) / seconds,
    }


def _print(who: str, found: list[dict[str, float]]) -> None:
    mean = {name: sum(one[name] for one in found) / len(found) for name in found[0]}
    least = min(one["50%"] for one in found)
    quality = " ".join(f"{value:9.3f}" for value in (*(mean[name] for name in COLUMNS), least))
    print(f"{who:20} {mean['characters']:10.0f} {mean['prompts']:8.0f} {quality} {mean['texts/s']:9,.0f}", flush=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.template_pairs")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--prompts", type=int, default=20_000)
    parser.add_argument("--characters", type=int, nargs="+", default=[500], help="mean length of a prompt")
    parser.add_argument("--slots", type=int, nargs="+", default=[1, 2, 3, 4, 5], help="of templates, in turns")
    parser.add_argument("--script", choices=list(GAP), default="latin", help="han: ideographs without spaces")
    parser.add_argument("--real", action="store_true", help="ordinary prompts of $STILLWATCH_DATA as unrelated ones")
    parser.add_argument("--only", choices=list(ALL), nargs="+", default=list(ALL))
    parser.add_argument("--json", type=Path, help="write every seed's figures here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
