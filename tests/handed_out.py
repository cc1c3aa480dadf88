"""Which tests a worker gets at a time, and which are given out first."""

from __future__ import annotations

import re

from xdist.scheduler import LoadFileScheduling

# One Java starts, loads and compiles Spark for all that runs on it; in a Java of its own each worker would do so again.
_ON_SPARK = re.compile(r"[\[-]spark[-\]]|tests/(run/test_spark|run/test_spark_inputs|engines/test_bounds)\.py::")

# Files that take a worker longest, in CPU seconds and in order of these; `make test` gives them out first, so that workers
# end together. Left to itself xdist begins with the files of most tests, and the slowest came last, on one worker alone.
LONGEST = """
    run/test_spark run/test_spark_inputs run/test_watch_kafka run/test_watch run/test_replay run/test_resume
    guard/test_proxy run/test_receiver links/test_ties worlds/test_campaigns cli/test_commands cli/test_backtest
    guard/test_budgets_shared test_accounts campaigns/test_likeness benchmark/test_run worlds/test_make worlds/test_evasions
    bench/test_ablation test_stories guard/test_litellm guard/test_limits_shared run/test_sides test_indicators
    worlds/test_decks worlds/test_giveaways worlds/test_lookalikes benchmark/test_command campaigns/test_sweeps
""".split()
_PLACES = {f"tests/{name}.py": place for place, name in enumerate(LONGEST)}


def place(test: str) -> tuple[bool, int]:
    """Where in the queue a test comes, by the name that pytest gives it: what is on Spark, then the longest files."""
    return not _ON_SPARK.search(test), _PLACES.get(test.split("::")[0], len(LONGEST))


class Together(LoadFileScheduling):
    """A file at a time, and all that is on Spark to one worker."""

    def _split_scope(self, nodeid: str) -> str:
        return "spark" if _ON_SPARK.search(nodeid) else str(super()._split_scope(nodeid))
