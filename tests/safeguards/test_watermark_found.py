"""`stillwatch watermark commit` and `detect`, as people run them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import Result
from tokenizers import Tokenizer, models, pre_tokenizers
from typer.testing import CliRunner

from stillwatch import keyfiles
from stillwatch.cli import app
from stillwatch.errors import SOME_ROWS_SET_ASIDE, BadConfiguration, NothingToRead
from stillwatch.safeguards.watermark import registry
from stillwatch.safeguards.watermark.candidates import candidates
from stillwatch.safeguards.watermark.keys import Epoch, MarkKey, Secret
from tests.safeguards.test_gumbel import KEY, text
from tests.safeguards.test_schemes import made as made_by

WEEK, NEXT = Epoch(604_800, 1_209_600), Epoch(1_209_600, 1_814_400)


def run(*words: Any) -> Result:
    found = CliRunner().invoke(app, ["watermark", *map(str, words)])
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, list[MarkKey]]:
    """A secret, a registry with three keys and the keys."""
    secret, path = tmp_path / "secret", tmp_path / "marks.jsonl"
    run("new-secret", secret)
    made = Secret(keyfiles.read(secret))
    keys = [made.key("all", WEEK), made.key("C-1", WEEK), made.key("all", NEXT)]
    registry.commit(path, [(one, {}) for one in keys], 0.0)
    return secret, path, keys


def rows(path: Path, *rows: Any) -> Path:
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in rows))
    return path


def row(key: str, seed: int, **more: Any) -> dict[str, Any]:
    made = text(60, key, seed=seed)
    return {"id": f"t{seed}", "tokens": list(made.tokens), "prompt_tokens": list(made.prompt), **more}


def test_texts_are_found_by_the_key_they_bear_and_others_are_not(
    files: tuple[Path, Path, list[MarkKey]], tmp_path: Path
) -> None:
    secret, path, keys = files
    texts = rows(tmp_path / "t.jsonl", row("", 1), row(keys[1].key, 2, entropies=[3.0] * 60), row(keys[2].key, 3))
    found = run("detect", texts, "--registry", path, "--secret", secret)
    lines = found.stdout.splitlines()
    assert found.exit_code == 0
    assert "no mark found" in next(one for one in lines if one.startswith("t1"))
    assert "C-1, 1970-01-08 to 1970-01-15" in next(one for one in lines if one.startswith("t2"))
    assert "all, 1970-01-15 to 1970-01-22" in next(one for one in lines if one.startswith("t3"))
    assert "does not" in " ".join(found.stdout.split()) and "3 keys and 3 texts" in " ".join(found.stdout.split())
    assert not any(one.key in found.stdout for one in keys)


def test_what_is_told_is_corrected_for_keys_and_texts(files: tuple[Path, Path, list[MarkKey]], tmp_path: Path) -> None:
    secret, path, keys = files
    texts = rows(tmp_path / "t.jsonl", row(keys[0].key, 1), row(keys[0].key, 2))
    told = orjson.loads(run("detect", texts, "--registry", path, "--secret", secret, "--json").stdout)
    raw = sorted(one["log10_p"] for one in told["texts"])
    corrected = sorted(one["log10_p_corrected"] for one in told["texts"])
    assert corrected[0] == pytest.approx(raw[0] + 0.77815125) and corrected[1] == pytest.approx(
        raw[1] + 0.69897
    )  # 6, 5


def test_all_texts_as_one(files: tuple[Path, Path, list[MarkKey]], tmp_path: Path) -> None:
    secret, path, keys = files
    texts = rows(tmp_path / "t.jsonl", *(row(keys[0].key, seed) for seed in range(3)), row("", 9))
    told = orjson.loads(run("detect", texts, "--registry", path, "--secret", secret, "--together", "--json").stdout)
    (one,) = told["texts"]
    assert one["found"] and one["scope"] == "all" and one["tokens"] > 200 and one["id"] == "4 texts together"


def test_rows_that_cannot_be_used_are_set_aside_and_counted(tmp_path: Path) -> None:
    good = {"tokens": [1, 2, 3, 4, 5, 6]}
    bad = ["{", "[]", {}, {"text": "words"}, {"tokens": [1, -1]}, {"tokens": [True]}, {"tokens": "1 2"}]
    bad += [
        {**good, "entropies": [1.0]},
        {**good, "entropies": [1, 2, 3, 4, 5, -6]},
        {**good, "prompt_tokens": [2**32]},
    ]
    found = run("detect", rows(tmp_path / "t.jsonl", *bad, good, ""), "--key", KEY)
    assert found.exit_code == SOME_ROWS_SET_ASIDE
    assert "10 input rows were set aside" in found.stderr and "not JSON (1, first in line 1)" in found.stderr
    assert "no mark found" in found.stdout


def test_words_become_tokens_by_the_models_own_tokenizer(tmp_path: Path) -> None:
    given = made_by("vllm", 40, 1)
    tokenizer = Tokenizer(models.WordLevel({f"w{one}": one for one in range(64)}, unk_token="w0"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    texts = rows(tmp_path / "t.jsonl", {"text": " ".join(f"w{one}" for one in given.tokens)})
    words = ("detect", texts, "--key", KEY, "--scheme", "vllm", "--tokenizer", tmp_path / "tokenizer.json", "--json")
    (one,) = orjson.loads(run(*words).stdout)["texts"]
    assert one["found"] and one["scope"] == "given" and one["from"] is None and one["tokens"] == 40


def test_what_keeps_it_from_looking_is_told(files: tuple[Path, Path, list[MarkKey]], tmp_path: Path) -> None:
    secret, path, _ = files
    texts, other = rows(tmp_path / "t.jsonl", row("", 1)), tmp_path / "other"
    run("new-secret", other)
    empty = rows(tmp_path / "empty.jsonl")
    for words, error, told in (
        (
            (texts, "--registry", path, "--secret", other),
            BadConfiguration,
            "3 keys that were committed to are not made",
        ),
        ((texts, "--registry", path), BadConfiguration, "no key to try"),
        ((texts, "--registry", empty, "--secret", secret), BadConfiguration, "no key to try"),
        ((texts,), BadConfiguration, "no key to try"),
        ((texts, "--key", "12"), BadConfiguration, "16 hexadecimal digits"),
        ((texts, "--key", KEY, "--scheme", "kgw"), BadConfiguration, "sglang-dual"),
        ((empty, "--key", KEY), NothingToRead, "no text"),
        ((tmp_path / "none", "--key", KEY), NothingToRead, "cannot be read"),
        ((texts, "--key", KEY, "--tokenizer", empty), BadConfiguration, "tokenizer cannot be read"),
    ):
        with pytest.raises(error, match=told):
            run("detect", *words)


def test_keys_that_were_shown_need_no_secret(files: tuple[Path, Path, list[MarkKey]], tmp_path: Path) -> None:
    secret, path, keys = files
    registry.show(path, keys[1], time.time())
    made, lines = Secret(keyfiles.read(secret)), registry.read(path)
    assert [one.key for one in candidates(lines, None)] == [keys[1].key]
    assert [one.key for one in candidates(lines, made)] == [one.key for one in keys]
    assert [one.key for one in candidates(lines[3:], made)] == []
    found = run("detect", rows(tmp_path / "t.jsonl", row(keys[1].key, 1)), "--registry", path)
    assert "C-1" in found.stdout and "2 committed keys were not shown" in found.stderr


def test_a_key_for_an_engine_that_has_one_for_everything(tmp_path: Path) -> None:
    secret, path, settings = tmp_path / "secret", tmp_path / "marks.jsonl", tmp_path / "settings.toml"
    run("new-secret", secret)
    settings.write_text("[watermark]\nepoch_days = 3\n")
    given = orjson.loads(run("commit", path, "--secret", secret, "--config", settings, "--dual").stdout)
    (line,) = registry.read(path)
    (key,) = candidates([line], Secret(keyfiles.read(secret)))
    assert given == {"algorithm": "dual_key_gumbel", "key": int(key.key, 16), "context_width": 4}
    assert (line.scope, line.epoch.ends - line.epoch.begins, line.why["engine"]) == ("all", 3 * 86_400, "vllm")
    assert line.epoch.begins <= time.time() < line.epoch.ends
    run("commit", path, "--secret", secret, "--config", settings)
    assert len(registry.read(path)) == 1, "the same key is committed to once"


def test_no_key_is_committed_to_afterwards(tmp_path: Path) -> None:
    run("new-secret", tmp_path / "secret")
    given = ("commit", tmp_path / "marks.jsonl", "--secret", tmp_path / "secret")
    with pytest.raises(BadConfiguration, match="the epoch is over"):
        run(*given, "--on", "2020-01-01")
    with pytest.raises(BadConfiguration, match="engine 'tgi'"):
        run(*given, "--engine", "tgi")
    assert not (tmp_path / "marks.jsonl").exists()
