"""A request of OTLP as lines of OTLP JSON, which readers/otlp.py takes apart.

Protobuf's own JSON differs in one thing: it has ids of traces and spans in base64, OTLP's in hex. Written out here and not by
google.protobuf.json_format, which takes more than twice as long.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import orjson
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from stillwatch.run.receiving.body import TooLarge, Unreadable

_MOST_REPEATED = 4  # longest lines that a request may become: its resource stands in each
_IDS = frozenset({"trace_id", "span_id", "parent_span_id"})
_AS_TEXT = frozenset(  # 64 bits do not fit into a number of JSON
    getattr(FieldDescriptor, f"TYPE_{name}") for name in ("INT64", "UINT64", "SINT64", "FIXED64", "SFIXED64")
)


@dataclass(frozen=True)
class Signal:
    """One of the two kinds of request that are taken, with the keys of its lists from the outside in."""

    request: type[Message]
    response: type[Message]
    levels: tuple[str, str, str]
    refused: str  # field of a partial success that counts what was not taken


TRACES = Signal(
    ExportTraceServiceRequest, ExportTraceServiceResponse, ("resourceSpans", "scopeSpans", "spans"), "rejected_spans"
)
LOGS = Signal(
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
    ("resourceLogs", "scopeLogs", "logRecords"),
    "rejected_log_records",
)
SIGNALS = {"/v1/traces": TRACES, "/v1/logs": LOGS}


@dataclass(frozen=True)
class Lines:
    """What a request became, each line with its end; `too_long` spans or records make a longer line than is read."""

    text: bytes
    too_long: int


def lines(body: bytes, json: bool, signal: Signal, longest: int) -> Lines:
    """One line for a request; one for each span where it would have more than `longest` bytes."""
    message = signal.request()
    try:
        if json:
            _from_json(body, message)
        else:
            message.ParseFromString(body)
    except (DecodeError, ParseError, ValueError) as problem:
        raise Unreadable(f"not {message.DESCRIPTOR.name}: {str(problem)[:200]}") from None
    found, too_long = _cut(_written(message), signal.levels, longest)
    return Lines(b"".join(found), too_long)


def _from_json(body: bytes, message: Message) -> None:
    document = orjson.loads(body)
    if not isinstance(document, dict):
        raise ValueError("a JSON object was expected")
    ParseDict(document, message, ignore_unknown_fields=True)
    _as_hex(message)


def _as_hex(message: Message) -> None:
    """Ids as their bytes: ParseDict took hex for base64, so base64 of what it made is the hex again."""
    for field, value in message.ListFields():
        if field.name in _IDS:
            setattr(message, field.name, bytes.fromhex(base64.b64encode(value).decode()))
        elif field.message_type is not None:
            for one in value if field.is_repeated else (value,):
                _as_hex(one)


def _written(message: Message) -> dict[str, Any]:
    """A message as OTLP JSON."""
    made: dict[str, Any] = {}
    for field, value in message.ListFields():
        if field.name == "attributes":
            made["attributes"] = [_attribute(one) for one in value]
        elif field.message_type is not None:
            made[field.json_name] = [_written(one) for one in value] if field.is_repeated else _written(value)
        elif field.type in _AS_TEXT:
            made[field.json_name] = [str(one) for one in value] if field.is_repeated else str(value)
        elif field.type == FieldDescriptor.TYPE_BYTES:
            made[field.json_name] = value.hex() if field.name in _IDS else base64.b64encode(value).decode()
        else:
            made[field.json_name] = list(value) if field.is_repeated else value
    return made


def _attribute(pair: KeyValue) -> dict[str, Any]:
    """The same for what a request is full of; most are texts, and the general way takes thrice as long for them."""
    value = pair.value
    if value.WhichOneof("value") == "string_value":
        return {"key": pair.key, "value": {"stringValue": value.string_value}}
    return _written(pair)


def _cut(document: dict[str, Any], levels: tuple[str, str, str], longest: int) -> tuple[list[bytes], int]:
    """The document as a line; if that is too long, a line for each of its things, and how many are too long even so."""
    outer, middle, inner = levels
    things = [
        (resource, scope, one)
        for resource in document.get(outer, ())
        for scope in resource.get(middle, ())
        for one in scope.get(inner, ())
    ]
    if not things:
        return [], 0
    line = orjson.dumps(document) + b"\n"
    if len(line) <= longest:
        return [line], 0
    found: list[bytes] = []
    size = 0
    for resource, scope, one in things:
        line = orjson.dumps({outer: [{**resource, middle: [{**scope, inner: [one]}]}]}) + b"\n"
        if len(line) <= longest:
            found.append(line)
            size += len(line)
        if size > _MOST_REPEATED * longest:
            raise TooLarge("a resource too large to be repeated for each of its spans")
    return found, len(things) - len(found)
