"""Fits what signs and company count for to made sign-ups, and writes the weights that come with the package.

    python -m bench.signups --scale 0.25 --seeds 250,252 --parts out/parts
    python -m bench.signups_fit out/parts [--leave-out RUNG] [--write]

A logistic regression with a normal prior around what is stated of each sign: what made sign-ups never show stays as stated.
No sign that shows may speak for a customer, and none that is not there against one, whatever made sign-ups say; and company
counts for its bits at most: the family of somebody who was banned is no operator.
`--leave-out` fits without one rung and says how it does on that one, whose tradecraft it has not seen.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow.parquet as pq
from scipy.optimize import minimize

from stillwatch.verification.likelihood import COMPANY, FILE, stated
from stillwatch.verification.signs import ALL

SPREAD = 1.5  # nats: standard deviation of the prior; a sign's weight is stated within two bits or so
BEFOREHAND = -6.0  # bits, stated; the data say more
F64 = npt.NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("parts", type=Path)
    parser.add_argument("--leave-out", type=int)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    files = sorted(given.parts.glob("*.parquet"))
    used = [one for one in files if not one.stem.endswith(f"-{given.leave_out}")]
    design, offset, bad = _read(used)
    weights = fit(design, offset, bad)
    print(f"fitted to {len(bad):,} sign-ups of {', '.join(one.stem for one in used)}")
    for one in files:
        found, offsets, truth = _read([one])
        odds = found @ weights + offsets
        limit = np.quantile(odds[~truth], 0.99)
        at_half = f"{np.mean(odds[truth] >= 0):.1%} of operators' and {np.mean(odds[~truth] >= 0):.2%} of customers'"
        print(
            f"{one.stem}: at even odds {at_half}; where 1% of customers' are asked, {np.mean(odds[truth] > limit):.1%}"
        )
    document = written(weights, [one.stem for one in used])
    if given.write:
        FILE.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
    print(orjson.dumps(document["company"]).decode())


def fit(design: F64, offset: F64, bad: npt.NDArray[np.bool_]) -> F64:
    """Weights in nats: beforehand, company, signs that show, signs that do not."""
    centre = _centre()

    def loss(weights: F64) -> tuple[float, F64]:
        odds = design @ weights + offset
        away = (weights - centre) / SPREAD
        value = np.sum(np.logaddexp(0.0, odds) - bad * odds) + 0.5 * np.sum(away**2)
        slope = design.T @ (1.0 / (1.0 + np.exp(-odds)) - bad) + away / SPREAD
        return float(value), slope

    free = [(None, None)] + [(0.0, 1.0)] * len(COMPANY) + [(0.0, None)] * len(ALL) + [(None, 0.0)] * len(ALL)
    return np.asarray(minimize(loss, centre, jac=True, bounds=free, method="L-BFGS-B", options={"maxiter": 2000}).x)


def _centre() -> F64:
    bits = [stated(sign) for sign in ALL]
    shown, absent = [one[0] for one in bits], [one[1] for one in bits]
    nats = np.array([BEFOREHAND, *shown, *absent]) * np.log(2.0)
    return np.concatenate([nats[:1], [0.5] * len(COMPANY), nats[1:]])


def _read(files: list[Path]) -> tuple[F64, F64, npt.NDArray[np.bool_]]:
    """What weights are for, what counts as it is (in nats), and which sign-ups are operators'."""
    parts = [pq.read_table(one) for one in files]
    columns = {name: np.concatenate([one[name].to_numpy() for one in parts]) for name in parts[0].column_names}
    signs = np.stack([columns[f"sign {sign.code}"].astype(float) for sign in ALL], axis=1)
    company = np.stack([columns[name] for name in COMPANY], axis=1) * np.log(
        2.0
    )  # a weight of 1 takes bits as they are
    design = np.column_stack([np.ones(len(signs)), company, signs == 1.0, signs == 0.0])
    offset = (columns["learned"] + columns["returning"]) * np.log(2.0)
    return design, offset, columns["fraudulent"].astype(bool)


def written(weights: F64, worlds: list[str]) -> dict[str, object]:
    """The file, in bits."""
    bits = np.round(weights / np.log(2.0), 2).tolist()
    shown = bits[1 + len(COMPANY) :]
    return {
        "fitted": f"python -m bench.signups_fit, on {', '.join(worlds)} (seed and rung)",
        "beforehand": bits[0],
        "company": {name: round(float(weights[1 + place]), 3) for place, name in enumerate(COMPANY)},
        "signs": {sign.code: [shown[place], shown[len(ALL) + place]] for place, sign in enumerate(ALL)},
    }


if __name__ == "__main__":
    main()
