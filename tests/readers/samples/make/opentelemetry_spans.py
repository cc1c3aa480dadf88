"""Makes OTLP JSON lines of calls that an instrumentation of the openai package saw, against a model here.

python opentelemetry_spans.py v2|openllmetry|langfuse FILE       which package and version: README.md
"""

from __future__ import annotations

import base64
import json
import os
import sys
from pathlib import Path

os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "gen_ai_latest_experimental"
os.environ.setdefault("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "span_only")
os.environ["TRACELOOP_TRACE_CONTENT"] = "true"

from fake_model import CONVERSATIONS, TOOLS, moved_back, started
from google.protobuf.json_format import MessageToDict
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult

ACCOUNT = {"user.id": "acct-1", "client.address": "203.0.113.9", "user_agent.original": "OpenAI/Python 1.99.0"}


class _Keeps(SpanExporter):
    def __init__(self) -> None:
        self.spans: list = []

    def export(self, spans: object) -> SpanExportResult:
        self.spans += spans
        return SpanExportResult.SUCCESS


class _Account(SimpleSpanProcessor):
    """Puts the caller on every span, as a baggage span processor does."""

    def on_start(self, span: object, parent_context: object = None) -> None:
        span.set_attributes(ACCOUNT)


def _as_the_collector_writes(spans: list) -> str:
    """The JSON encoding of OTLP: protobuf's, but with ids in hexadecimal."""
    document = MessageToDict(encode_spans(spans))
    for resource in document["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for name in ("traceId", "spanId", "parentSpanId"):
                    if name in span:
                        span[name] = base64.b64decode(span[name]).hex()
                for name in ("startTimeUnixNano", "endTimeUnixNano"):
                    span[name] = str(int(span[name]) - moved_back() * 10**9)
    return json.dumps(document) + "\n"


def main() -> None:
    kind, target = sys.argv[1:]
    keeps = _Keeps()
    provider = TracerProvider(resource=Resource.create({"service.name": "sample"}))
    provider.add_span_processor(_Account(keeps))
    trace.set_tracer_provider(provider)
    if kind == "langfuse":
        from langfuse import Langfuse
        from langfuse.openai import OpenAI

        address = started()
        Langfuse(public_key="pk-none", secret_key="sk-none", host=address, tracer_provider=provider)
        client = OpenAI(base_url=address, api_key="none")
    else:
        from openai import OpenAI

        if kind == "v2":
            from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor
        else:
            from opentelemetry.instrumentation.openai import OpenAIInstrumentor
        OpenAIInstrumentor().instrument(tracer_provider=provider)
        client = OpenAI(base_url=started(), api_key="none")
    with trace.get_tracer("service").start_as_current_span("POST /ask"):
        for number, messages in enumerate(CONVERSATIONS):
            more = {"tools": TOOLS} if number == 0 else {}
            client.chat.completions.create(
                model="sample-model", messages=messages, max_tokens=200, temperature=0.5, user=f"u{number}", **more
            )
        client.embeddings.create(model="sample-embedding", input="bread")
    half = len(keeps.spans) // 2
    Path(target).write_text(_as_the_collector_writes(keeps.spans[:half]) + _as_the_collector_writes(keeps.spans[half:]))


if __name__ == "__main__":
    main()
