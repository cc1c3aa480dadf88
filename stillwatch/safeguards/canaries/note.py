"""What a model is told of canaries with a request: of the slots that the request suggests, a few, and what is chosen for them.

Nothing is told to a request that suggests none: where nothing is made up, it would cost tokens and do nothing. A conversation
is told the same, turn after turn, by how it begins: else no prompt cache would hold, and a character would change its name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from stillwatch.safeguards.canaries.slots import Slot, Slots

MOST = 4  # slots a request: each is some ten tokens, which somebody pays for
READ = 4_096  # characters of a text from each end: instructions stand at the ends of long prompts
_WORD = re.compile("[a-z]+")
# Short, because most of the tokens are these.
_BEFORE = "Made-up details: where your answer makes up one of these anyway, use what stands here."
_AFTER = (
    "Change nothing else. Pass over this where names or wording are given or asked for, for real people, places or things, "
    "and in code, calculations, quotations and facts."
)


def suggested(text: str, slots: Slots) -> tuple[Slot, ...]:
    """Slots of which a cue stands in a text: all, or as many as are told, which then depend on the text alone."""
    words = set(_WORD.findall((text if len(text) <= 2 * READ else f"{text[:READ]} {text[-READ:]}").casefold()))
    found = [one for one in slots if not words.isdisjoint(one.cues)]
    if len(found) > MOST:
        told = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        found = sorted(found, key=lambda one: hashlib.sha256(told + one.id.encode()).digest())[:MOST]
    return tuple(found)


def note(told: Sequence[Slot], choice: Mapping[str, str]) -> str:
    """What a model reads, in plain words that hide nothing from whoever has it repeat them."""
    return "\n".join([_BEFORE, *(f"- {one.what}: {choice[one.id]}" for one in told), _AFTER])
