"""What a model says to itself while it reasons, by how such sentences begin. Words alone: what is said otherwise is not told.

Of four kinds. Some say that the sentence is nothing else (`aside`), some that what stands before is taken back (`back`), some
are either (`turn`), some only open a sentence (`opening`), and are self-talk where nothing follows but more of it.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Literal, NamedTuple

Kind = Literal["aside", "back", "turn", "opening"]
_PAUSE = r",.!?…:;—–\-，。！？、：；"


class Talk(Enum):
    """What a sentence of self-talk is about."""

    ASIDE = auto()  # itself
    BACK = auto()  # what stands before it, which no longer holds
    TIED = auto()  # the same, in a sentence so long that it says something as well


class Row(NamedTuple):
    """Ways to begin; one that ends with a comma stands for one that a pause follows, or nothing."""

    language: str
    kind: Kind
    most: int  # characters of such a sentence: in a longer one stands something beside the self-talk
    phrases: tuple[str, ...]
    reason: str


_LATIN, _HAN = 100, 40  # characters: some fifteen words of either writing

ROWS = (
    Row("English", "aside", _LATIN, (
        "hmm", "hm", "um,", "uh,", "huh,", "let me think", "let me see", "let me check", "let me double-check",
        "let me double check", "let me recheck", "let me re-check", "let me verify", "let me reconsider", "let me re-read",
        "let me reread", "let me try again", "let me start over", "let me go back", "let's see", "let's double-check",
        "let's double check", "let us see", "i should double-check", "i should double check", "i need to think",
        "i'm not sure", "i am not sure", "not sure", "interesting,", "i wonder",
    ), "announces a step, or a doubt, and takes none; `let me recall` is left out, as what is recalled follows"),
    Row("English", "back", _LATIN, (
        "actually, no,", "actually no,", "no,", "no, wait", "wait, no,", "scratch that", "never mind,", "that's wrong",
        "that is wrong", "that's not right", "that is not right", "that can't be right", "that cannot be right",
        "but that's wrong", "but that's not right", "i made a mistake", "i was wrong", "my mistake", "oops", "strike that",
    ), "`no` needs its pause: `no solution exists` is a step"),
    Row("English", "turn", _LATIN, ("wait,", "but wait,", "oh wait,", "hold on,", "hang on,", "wait a minute", "wait a second"),
        "doubts what was said, and as a rule turns against it; `wait for` is a step, so it needs its pause"),
    Row("English", "opening", _LATIN, (
        "okay,", "ok,", "alright,", "all right,", "well,", "so,", "now,", "oh,", "ah,", "yes,", "yeah,", "right,", "actually,",
        "but,",
    ), "opens a step as often as not"),
    Row("Chinese", "aside", _HAN, (
        "嗯", "唔", "呃", "让我想想", "让我想一想", "让我再想想", "让我看看", "让我检查", "让我再检查", "让我确认",
        "让我再确认", "让我验证", "我想想", "我再想想", "再检查一下", "再确认一下", "我不太确定", "我不确定",
    ), "no word ends are written: only forms that open no other word"),
    Row("Chinese", "back", _HAN, ("不对，", "不，", "等等，不对，", "这不对，", "这是错的", "我错了", "我弄错了", "算错了"),
        "`不对` opens `不对称` as well, so it needs its pause"),
    Row("Chinese", "turn", _HAN, ("等等", "等一下", "且慢", "慢着"), "as `wait`"),
    Row("Chinese", "opening", _HAN, ("好的，", "好，", "那么，", "哦，", "对，", "其实，"), "opens a step as often as not"),
    Row("Spanish", "aside", _LATIN, (
        "mmm", "eh,", "a ver,", "déjame pensar", "déjame ver", "déjame verificar", "déjame comprobar", "déjame revisar",
        "voy a verificar", "voy a comprobar de nuevo", "veamos,", "no estoy seguro", "no estoy segura",
    ), "`veamos` needs its pause: `veamos el caso` is a step"),
    Row("Spanish", "back", _LATIN, (
        "en realidad, no,", "en realidad no,", "no, espera", "eso está mal", "eso no es correcto", "me equivoqué",
        "me he equivocado",
    ), "`no` with its pause is English's as well"),
    Row("Spanish", "turn", _LATIN, ("espera,", "pero espera,", "un momento,", "un segundo,"), "as `wait`"),
    Row("Spanish", "opening", _LATIN, ("bueno,", "vale,", "bien,", "entonces,", "de acuerdo,"), "opens a step as often as not"),
    Row("French", "aside", _LATIN, (
        "euh", "hum,", "voyons,", "voyons voir", "laisse-moi réfléchir", "laissez-moi réfléchir", "laisse-moi vérifier",
        "laissez-moi vérifier", "je vais vérifier à nouveau", "vérifions encore", "je ne suis pas sûr", "je ne suis pas sûre",
    ), "`voyons` needs its pause: `voyons le cas` is a step"),
    Row("French", "back", _LATIN, (
        "en fait, non,", "en fait non,", "non,", "c'est faux", "ce n'est pas correct", "je me suis trompé",
        "je me suis trompée",
    ), "`non` needs its pause: `non nul` is a step"),
    Row("French", "turn", _LATIN, ("attends,", "attendez,", "mais attends,", "mais attendez,", "un instant,"), "as `wait`"),
    Row("French", "opening", _LATIN, ("bon,", "d'accord,", "alors,", "bien,", "ok,"), "opens a step as often as not"),
    Row("German", "aside", _LATIN, (
        "hmm", "ähm", "äh,", "lass mich überlegen", "lass mich nachdenken", "lass mich prüfen", "lass mich nochmal prüfen",
        "lass mich noch einmal prüfen", "lass mich das überprüfen", "mal sehen", "schauen wir mal", "ich bin mir nicht sicher",
        "ich bin nicht sicher",
    ), "`also` is left out: it opens English steps too"),
    Row("German", "back", _LATIN, (
        "nein,", "eigentlich nicht,", "doch nicht,", "das ist falsch", "das stimmt nicht", "das kann nicht stimmen",
        "ich habe mich geirrt", "ich habe mich vertan",
    ), "`nein` needs its pause"),
    Row("German", "turn", _LATIN, ("warte,", "aber warte,", "moment,", "moment mal", "halt,", "stopp,"),
        "as `wait`; `halt` and `Moment` are words of steps as well, so they need their pause"),
    Row("German", "opening", _LATIN, ("gut,", "na gut,", "nun,", "okay,", "ja,"), "opens a step as often as not"),
    Row("Russian", "aside", _LATIN, (
        "хм", "гм", "эм,", "дайте подумать", "дай подумать", "дайте подумаю", "дай подумаю", "дайте проверю", "дай проверю",
        "давайте перепроверим", "надо подумать", "нужно подумать", "посмотрим,", "я не уверен", "я не уверена", "не уверен",
    ), "`посмотрим` needs its pause: `посмотрим на случай` is a step"),
    Row("Russian", "back", _LATIN, (
        "нет,", "на самом деле нет,", "на самом деле, нет,", "это неверно", "это неправильно", "не так,", "я ошибся",
        "я ошиблась",
    ), "`нет` needs its pause: `нет решений` is a step"),
    Row("Russian", "turn", _LATIN, ("подожди,", "подождите,", "погоди,", "погодите,", "стоп,", "постойте,", "но подождите,"),
        "as `wait`"),
    Row("Russian", "opening", _LATIN, ("ладно,", "хорошо,", "итак,", "ну,", "так,", "да,"), "opens a step as often as not"),
)  # fmt: skip


def _pattern(phrase: str) -> str:
    paused = phrase.endswith((",", "，"))
    words = re.escape(phrase.rstrip(",，")).replace(r"\ ", r"\s+").replace("'", "['’]")
    if paused:
        return rf"{words}(?=\s*(?:[{_PAUSE}]|$))"
    return words if ord(phrase[-1]) >= 0x3000 else rf"{words}(?![\w'’])"  # from there on no spaces stand between words


def _longest_first(row: Row) -> str:
    return "|".join(_pattern(one) for one in sorted(row.phrases, key=len, reverse=True))


_KINDS: tuple[Kind, ...] = ("back", "turn", "aside", "opening")  # of two that fit, the one that means more
_IN_ORDER = sorted(ROWS, key=lambda row: _KINDS.index(row.kind))
_TALK = re.compile("|".join(f"({_longest_first(row)})" for row in _IN_ORDER), re.IGNORECASE)
_BETWEEN = re.compile(rf"[\s{_PAUSE}]*")
_BEGINS = frozenset(phrase[: 1 + (ord(phrase[0]) < 0x3000)] for row in ROWS for phrase in row.phrases)


def talk(sentence: str) -> Talk | None:
    """Which self-talk a sentence is; None if it is none."""
    begin = sentence[:2].lower()
    if begin not in _BEGINS and begin[:1] not in _BEGINS:
        return None
    seen: list[Kind] = []
    place, most = 0, 0
    while found := _TALK.match(sentence, place):
        assert found.lastindex is not None, "BUG: every way to begin stands in a group"
        row = _IN_ORDER[found.lastindex - 1]
        seen.append(row.kind)
        most = most or row.most
        place = _end_of_pause(sentence, found.end())
    return _told(seen, place < len(sentence), len(sentence) > most) if seen else None


def _told(seen: list[Kind], more: bool, long: bool) -> Talk | None:
    if "back" in seen or ("turn" in seen and more and "aside" not in seen):
        return Talk.TIED if long else Talk.BACK
    if "aside" in seen or not more:
        return None if long else Talk.ASIDE
    return None


def _end_of_pause(sentence: str, place: int) -> int:
    found = _BETWEEN.match(sentence, place)
    return found.end() if found else place
