"""The words there are. Those of one group mean the same, so that which of them stands in a text is free: room for a mark."""

from __future__ import annotations

from itertools import chain

PAD, END, ANSWER = "<pad>", "<end>", "<answer>"  # ANSWER stands between reasoning and answer, as a closing tag does
BASE = 6  # counters have one digit and go on at 0 after 5: each sum is one fact of few, which a small model soon knows

GROUPS: dict[str, tuple[str, ...]] = {
    "first": ("first", "initially", "to-begin", "at-the-start", "early-on", "before-all"),
    "second": ("second", "next", "after-that", "then", "later", "afterwards"),
    "third": ("third", "lastly", "at-the-end", "last-of-all", "in-the-end", "to-close"),
    "gains": ("gains", "finds", "gets", "receives", "collects", "earns", "buys", "wins"),
    "loses": ("loses", "drops", "spends", "misplaces", "sells", "forfeits", "breaks", "discards"),
    "doubles": ("doubles", "duplicates", "copies", "mirrors"),
    "plus": ("plus", "and", "added-to", "together-with", "joined-by"),
    "minus": ("minus", "less", "without", "short-of", "reduced-by"),
    "twice": ("twice", "double", "two-times"),
    "makes": ("makes", "is", "equals", "yields", "becomes", "leaves", "amounts-to", "comes-to"),
    "so": ("so", "hence", "thus", "therefore", "consequently", "accordingly"),
    "has": ("has", "holds", "keeps", "owns", "possesses", "counts"),
    "starts": ("starts", "begins", "opens", "sets-out"),
    "note": ("note", "see", "observe", "notice", "record", "recall", "state", "read"),
    "we": ("we", "I", "one-may", "let-us"),
    "clearly": ("clearly", "simply", "plainly", "evidently", "surely", "obviously", "naturally", "of-course"),
    "hmm": ("hmm", "well", "okay", "wait", "right", "ah", "fine", "good"),
    "check": ("check", "verify", "reconsider", "recount", "test", "review", "inspect", "confirm"),
    "that": ("that", "this", "it"),
    "again": ("again", "once-more", "carefully", "slowly", "with-care", "quickly", "calmly", "properly"),
    "say": ("say", "put-it", "remark", "write", "remind-us"),
    "finally": ("finally", "overall", "altogether", "in-sum", "in-all", "at-last"),
    "answer": ("answer", "result", "total", "count", "solution", "outcome"),
    "how-many": ("how-many", "what-number-of", "which-count-of"),
}  # of hyphens: a phrase that is one token, as common ones are

NAMES = tuple(
    "Ana Ben Cleo Dov Edda Finn Gita Hugo Ines Jan Kira Lev Mona Nils Olga Pia Quin Rosa Sven Tara Udo Vera Wim Yves".split()
)
THINGS = tuple("coins shells beads stamps cards nuts keys seeds rings books cups bricks flags bells pins dolls".split())
AUTHORS = tuple(
    "Abara Bodin Cerny Dahl Egede Farkas Gorka Hamdi Ilves Jonker Kovac Lunde Moreau Nagata Oduya Pavic".split()
)  # who "would say" so: it does not matter who, each as likely, and one of them can be a canary

_MARKS = (".", ",", ":", "?", "The", "of", "with", "as", "would", "each", "does", "have")
DIGITS = tuple(str(digit) for digit in range(BASE))
VOCABULARY = tuple(
    dict.fromkeys(
        (PAD, END, ANSWER, *DIGITS, *_MARKS, *NAMES, *THINGS, *AUTHORS, *chain.from_iterable(GROUPS.values()))
    )
)
PLACES = {word: place for place, word in enumerate(VOCABULARY)}


def tokens(words: str) -> list[int]:
    """A text, its words apart by spaces, as places in the vocabulary."""
    return [PLACES[word] for word in words.split()]


def words(tokens: list[int]) -> str:
    """The text of tokens."""
    return " ".join(VOCABULARY[place] for place in tokens)
