"""What a rule may do, from nothing to a refusal. Nothing here falsifies an answer: a customer wrongly suspected gets true ones.

`allow` ends the reading of a policy for a request; all other actions add up over the rules that apply, and of those that
answer in place of the model the hardest is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from stillwatch.guard.checked import STRICT, Length

Of = Literal["account", "organization", "campaign"]


@dataclass(frozen=True)
class Allow:
    """Nothing that stands below in the policy is done to the request."""

    name: Literal["allow"] = "allow"
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Log:
    """Noted and nothing else."""

    name: Literal["log"] = "log"
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class SlowDown:
    """Requests beyond a rate wait a little, or are told when to come again."""

    per_minute: Annotated[float, Field(gt=0)]  # requests, in the long run
    burst: Annotated[int, Field(ge=1)] = 1  # requests at once
    name: Literal["slow_down"] = "slow_down"
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class TokenBudget:
    """Tokens in and out that may be used, together by all accounts that share the budget."""

    tokens: Annotated[int, Field(ge=0, le=2**53)]  # servers that replicas share count in doubles
    every: Length  # then it is full again
    of: Of = "account"
    name: Literal["token_budget"] = "token_budget"
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class DropLogprobs:
    """Probabilities of tokens are not asked for."""

    name: Literal["drop_logprobs"] = "drop_logprobs"
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class CapN:
    """At most so many answers to a request."""

    n: Annotated[int, Field(ge=1)] = 1
    name: Literal["cap_n"] = "cap_n"
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Reasoning:
    """What is shown of the model's reasoning; the answer itself stays as it is."""

    shown: Literal["none", "summary", "reordered"]
    name: Literal["reasoning"] = "reasoning"
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Watermark:
    """Which key the answer is watermarked with, where the engine takes one with a request."""

    key: Literal["all", "campaign"]
    name: Literal["watermark"] = "watermark"
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Canary:
    """Where the answer makes something up anyway, it is told which of equal alternatives its campaign has."""

    name: Literal["canary"] = "canary"
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class RequireVerification:
    """No answer until the customer has proved something more."""

    level: Literal["email", "phone", "payment", "identity"]
    name: Literal["require_verification"] = "require_verification"
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Hold:
    """No answer until a person has looked."""

    name: Literal["hold"] = "hold"
    __pydantic_config__ = STRICT


@dataclass(frozen=True)
class Refuse:
    """No answer."""

    name: Literal["refuse"] = "refuse"
    __pydantic_config__ = STRICT


Graded = (
    Allow | Log | SlowDown | TokenBudget | DropLogprobs | CapN | Reasoning | Watermark | Canary | RequireVerification | Hold
    | Refuse
)  # fmt: skip
IN_PLACE = (RequireVerification, Hold, Refuse)  # answer in place of the model; the hardest last


def _as_written(value: Any) -> Any:
    """`refuse`, or one name and what belongs to it: {cap_n: {n: 1}}."""
    if isinstance(value, str):
        return {"name": value}
    if isinstance(value, dict) and len(value) == 1 and isinstance(settings := next(iter(value.values())), dict):
        return {"name": next(iter(value)), **settings}
    return value


Action = Annotated[Graded, Field(discriminator="name"), BeforeValidator(_as_written)]
