"""Asking: one model, the plan's questions and no others, nothing without --yes, and on where it was interrupted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from stillwatch.errors import BadConfiguration, ResponseFailed
from stillwatch.prove.ask import left
from stillwatch.prove.plan import read
from tests.prove.conftest import Case
from tests.upstream_here import served


class Model:
    """A server of OpenAI's chat interface that remembers what it was asked. `turns` are statuses of its first answers."""

    def __init__(self, *turns: int, content: Any = "fine") -> None:
        self.turns, self.content = list(turns), content
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[bytes, bytes]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.asked.append(orjson.loads(body))
        self.headers.append(dict(scope["headers"]))
        status = self.turns.pop(0) if self.turns else 200
        told = {"model": "real name", "choices": [{"message": {"content": self.content}, "finish_reason": "stop"}]}
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": orjson.dumps(told)})


def asking(case: Case, url: str, *more: Any) -> tuple[int, str, str]:
    words = ("ask", case / "plan.json", "--endpoint", f"{url}/v1", "--model", "suspect", "--out", case / "heard.jsonl")
    return case.run(*words, "--per-minute", 60_000, *more)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_nothing_is_sent_until_somebody_says_yes(case: Case) -> None:
    model = Model()
    with served(model) as url:
        code, _, err = asking(case, url)
    assert code == 0 and "nothing was sent" in err and not model.asked and not (case / "heard.jsonl").exists()


def test_each_question_is_asked_once_and_answered_in_the_file(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    model, plan = Model(), read(case / "plan.json")
    monkeypatch.setenv("SUSPECT_KEY", "k-1")
    with served(model) as url:
        assert asking(case, url, "--yes", "--key-env", "SUSPECT_KEY")[0] == 0
    wanted = Counter(str([{"role": role, "content": text} for role, text in one.messages]) for one in plan.questions)
    assert Counter(str(one["messages"]) for one in model.asked) == wanted
    assert all(
        one["temperature"] == 0 and one["max_tokens"] == 400 and one["model"] == "suspect" for one in model.asked
    )
    assert all(
        one[b"user-agent"] == b"stillwatch-prove" and one[b"authorization"] == b"Bearer k-1" for one in model.headers
    )
    heard = rows(case / "heard.jsonl")
    assert {one["id"] for one in heard} == {one.id for one in plan.questions} and len(heard) == len(plan.questions)
    assert {one["model"] for one in heard} == {"real name"}, "as it calls itself"


def test_what_was_interrupted_goes_on_where_it_was(case: Case) -> None:
    plan = read(case / "plan.json")
    done = [{"id": one.id, "answer": "before"} for one in plan.questions[:-3]]
    (case / "heard.jsonl").write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in done) + b'{"id": "cut of')
    model = Model()
    with served(model) as url:
        asking(case, url, "--yes")
    assert len(model.asked) == 3 and [one["id"] for one in rows(case / "heard.jsonl")][: len(done)] == [
        one["id"] for one in done
    ]
    assert not left(plan.questions, case / "heard.jsonl")


def test_a_busy_server_is_asked_again_and_one_that_refuses_is_not(case: Case) -> None:
    plan = read(case / "plan.json")
    (case / "heard.jsonl").write_bytes(
        b"".join(orjson.dumps({"id": one.id, "answer": "x"}) + b"\n" for one in plan.questions[:-2])
    )
    model = Model(403, 503)
    with served(model) as url, pytest.raises(ResponseFailed, match="1 questions have no answer"):
        asking(case, url, "--yes", "--at-once", 1)
    assert len(model.asked) == 3, "refused once; busy, then answered"


@pytest.mark.parametrize("content", [None, "", 5, [{"type": "text"}]])
def test_an_answer_without_text_is_none(case: Case, content: Any) -> None:
    model = Model(content=content)
    with served(model) as url, pytest.raises(ResponseFailed):
        asking(case, url, "--yes", "--at-once", 1)
    assert rows(case / "heard.jsonl") == [] and len(model.asked) == 20, "after twenty in a row it gives up"


def test_a_file_of_something_else_is_not_written_to(case: Case) -> None:
    (case / "heard.jsonl").write_text("[1, 2]\n")
    with pytest.raises(BadConfiguration, match="a line that is none"):
        left(read(case / "plan.json").questions, case / "heard.jsonl")
