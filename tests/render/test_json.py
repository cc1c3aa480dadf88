import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillwatch.errors import NothingToRead, UnknownFormat
from stillwatch.evidence import (
    Campaign,
    Finding,
    Reason,
    ReleaseResponse,
    Report,
    Successor,
    TemplateUse,
    Turnover,
)
from stillwatch.render.json import campaigns_json, read_campaigns

from .sample import empty_report, reasoning_campaign, sample_report

text = st.text(max_size=20)
number = st.floats(allow_nan=False, allow_infinity=False)
amount = st.integers(0, 10**12)
some = {"max_size": 2}
rows = st.lists(st.dictionaries(text, text, **some), **some)
reasons = st.builds(Reason, text, text, number, text, text, text, st.none() | number, st.none() | number)
campaigns = st.builds(
    Campaign,
    campaign_id=text, name=text, accounts=amount, exchanges=amount, output_tokens=amount,
    first_seen=text, last_seen=text, detected_at=text,
    findings=st.dictionaries(text, st.builds(Finding, number, st.lists(text, **some), text), **some),
    confidence=number,
    capabilities=st.lists(st.fixed_dictionaries({"name": text, "share": number}), **some),
    elicitation=st.dictionaries(text, number, **some),
    templates=st.lists(st.builds(TemplateUse, text, amount, amount, text), **some),
    release_response=st.lists(st.builds(ReleaseResponse, text, text, *[number] * 4, *[st.none() | number] * 4), **some),
    successors=st.lists(st.builds(Successor, text, text, text, number, number), **some),
    attribution=rows,
    innocent_explanations=rows,
    evidence=st.lists(reasons, **some),
    recommended_response=text,
    roles=st.dictionaries(text, amount, **some),
    pivots=rows,
    timeline=st.lists(st.fixed_dictionaries({"day": text, "exchanges": amount}), **some),
    chance_p=st.none() | number,
    harvested_exchanges=amount,
    turnover=st.none()
    | st.builds(Turnover, amount, number, number, number, *[st.none() | number], amount, *[st.none() | number] * 3),
)  # fmt: skip
reports = st.builds(
    Report,
    window=st.fixed_dictionaries({"from": text, "to": text}),
    campaigns=st.lists(campaigns, **some),
    totals=st.dictionaries(text, amount | number, **some),
    weaknesses=st.lists(text, **some),
    releases=rows,
    near_misses=rows,
)


@given(report=reports)
def test_what_is_written_is_read_back(report: Report, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("saved") / "campaigns.json"
    path.write_bytes(campaigns_json(report))
    assert read_campaigns(path) == report


def test_the_document_begins_as_the_contract_says_and_never_varies() -> None:
    written = campaigns_json(sample_report())
    assert list(json.loads(written))[:3] == ["schema_version", "window", "campaigns"]
    assert written == campaigns_json(sample_report())
    assert written.startswith(b'{\n  "schema_version": 1,\n  "window"')


def test_no_campaign_is_an_empty_list() -> None:
    assert json.loads(campaigns_json(empty_report()))["campaigns"] == []


def test_keys_of_a_later_version_are_ignored(tmp_path: Path) -> None:
    document = sample_report().to_dict() | {"invented_later": 1}
    document["campaigns"][0]["also_new"] = 2
    (tmp_path / "campaigns.json").write_text(json.dumps(document))
    assert read_campaigns(tmp_path / "campaigns.json") == sample_report()


def test_half_a_surrogate_pair_does_not_cost_the_result(tmp_path: Path) -> None:
    report = replace(sample_report(), weaknesses=["broken \ud83d log"])
    (tmp_path / "campaigns.json").write_bytes(campaigns_json(report))
    assert read_campaigns(tmp_path / "campaigns.json") == report


def test_an_optional_number_that_is_none_becomes_null_and_a_required_one_is_a_defect() -> None:
    nan = float("nan")
    written = campaigns_json(replace(sample_report(), campaigns=[replace(reasoning_campaign(), chance_p=nan)]))
    assert json.loads(written)["campaigns"][0]["chance_p"] is None
    with pytest.raises(ValueError, match=r"BUG: report\.campaigns\[0\]\.confidence is nan"):
        campaigns_json(replace(sample_report(), campaigns=[replace(reasoning_campaign(), confidence=nan)]))


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (None, NothingToRead, "no saved report"),
        (b"{", UnknownFormat, "not a JSON document"),
        (b"\xff\xfe\xff", UnknownFormat, "not a JSON document"),
        (b"[]", UnknownFormat, "no campaigns in it"),
        (b'{"schema_version": 9, "window": {}, "campaigns": []}', UnknownFormat, "schema_version 9 is not known"),
        (b'{"schema_version": 1, "window": {}, "campaigns": [{}]}', UnknownFormat, "missing or misplaced: 'findings'"),
        (b'{"schema_version": 1, "window": {}, "campaigns": 3}', UnknownFormat, "missing or misplaced"),
    ],
)
def test_what_is_not_a_report_is_refused_with_a_reason(
    content: bytes | None, kind: type[Exception], says: str, tmp_path: Path
) -> None:
    path = tmp_path / "campaigns.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(kind, match=says):
        read_campaigns(path)
