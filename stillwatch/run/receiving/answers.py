"""What a sender is answered: always a message of Protobuf, in the encoding of its request."""

from __future__ import annotations

from dataclasses import dataclass, field

from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status

from stillwatch.run.receiving.lines import Signal

PROTOBUF, JSON = "application/x-protobuf", "application/json"
_WAIT_SECONDS = 10  # told to a sender that comes too early: two polls of the watch
_TOLD_BYTES = 1_024  # of a reason


@dataclass(frozen=True)
class Answer:
    """A status, and what goes with it."""

    status: int
    message: Message
    headers: tuple[tuple[bytes, bytes], ...] = field(default=())

    def body(self, media_type: str) -> bytes:
        return MessageToJson(self.message).encode() if media_type == JSON else self.message.SerializeToString()


def accepted(signal: Signal, too_long: int, longest: int) -> Answer:
    """All was taken, but for things that no reader would read: those are counted, and must not be sent again."""
    response = signal.response()
    if too_long:
        setattr(response.partial_success, signal.refused, too_long)
        response.partial_success.error_message = f"longer than {longest} bytes as JSON"
    return Answer(200, response)


def refused(status: int, reason: str, *headers: tuple[bytes, bytes]) -> Answer:
    """Not taken, and not to be sent again."""
    return Answer(status, Status(message=reason[:_TOLD_BYTES]), headers)


def later(reason: str) -> Answer:
    """Not taken now. 503 and not 429, which senders in wide use take for a last word, and drop what they have."""
    return refused(503, reason, (b"retry-after", str(_WAIT_SECONDS).encode()))
