"""What became of a request: answered, refused, limited or overloaded, from its HTTP status and why the answer ended.

A provider that refuses says so in the reason an answer ended (Anthropic `refusal`, OpenAI and Azure `content_filter`,
Gemini `SAFETY`, Bedrock `guardrail_intervened`), or answers 403 or 451 to a caller it does not serve. 429 is the account's
own limit, 5xx the server's trouble. 400 alone is a mistake of form, and 401 a wrong key: neither is a refusal.
Innocent when: always, one by one: filters err, and everybody runs into a limit. Only what is done next tells.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.evidence import OUTCOMES

ANSWERED, REFUSED, LIMITED, OVERLOADED = OUTCOMES
FORBIDDEN = (403, 451)  # HTTP statuses: the caller or the content is not served
TOO_MANY = 429  # HTTP status: the account's own limit
SERVER = 500  # HTTP status from which the server is in trouble; honest gateways go elsewhere on these
REFUSALS = frozenset(  # reasons to end, in lower case and without signs, as _plain leaves them
    {
        "refusal",  # Anthropic Messages
        "refused",
        "contentfilter",  # OpenAI, Azure, OpenTelemetry, LiteLLM
        "contentfiltered",  # Bedrock
        "guardrailintervened",  # Bedrock
        "safety",  # Gemini, with the four below
        "blocklist",
        "prohibitedcontent",
        "spii",
        "modelarmor",
        "contentpolicyviolationerror",  # LiteLLM's class for what a filter turned away with 400
        "contentpolicyviolation",  # OpenAI's code for the same
        "errortoxic",  # Cohere
        "sensitive",  # Zhipu
    }
)


def outcomes(status: pa.Array, finish_reason: pa.Array) -> pa.Array:
    """One of evidence.OUTCOMES for each exchange; null when neither a status nor a reason to end was logged."""
    coded = finish_reason.dictionary_encode()  # a handful of different ones
    known = [None if one is None else _plain(one) in REFUSALS for one in coded.dictionary.to_pylist()]
    ended = pa.array(known, pa.bool_()).take(coded.indices)
    refused = pc.or_kleene(ended, pc.is_in(status, pa.array(FORBIDDEN, pa.int16())))
    told = pc.or_(pc.is_valid(status), pc.is_valid(finish_reason))
    return pc.case_when(
        pc.make_struct(
            pc.fill_null(refused, False),
            pc.fill_null(pc.equal(status, TOO_MANY), False),
            pc.fill_null(pc.greater_equal(status, SERVER), False),
            told,
        ),
        *(pa.scalar(one) for one in (REFUSED, LIMITED, OVERLOADED, ANSWERED)),
    )


def _plain(reason: str) -> str:
    """`FinishReason.PROHIBITED_CONTENT` as `prohibitedcontent`: clients write the same reason in many ways."""
    return "".join(letter for letter in reason.rsplit(".", 1)[-1].lower() if letter.isalnum())
