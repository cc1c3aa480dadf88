"""Paths in, what is done with a request to them out: the routes of vLLM 0.32, and what names open."""

from __future__ import annotations

import pytest

from stillwatch.guard.paths import Way, way

READ = "/v1/chat/completions /v1/completions /v1/responses /v1/messages /v1/embeddings /invocations"
CARRIED = (
    "/v1/models /v1/responses/{response_id} /v1/responses/{response_id}/cancel /v1/messages/count_tokens /v1/score /v1/rerank "
    "/v1/audio/transcriptions /v1/audio/translations /v1/realtime /v1/files /tokenize /detokenize"
)
FREE = "/health /ping /metrics /version /load /docs /docs/oauth2-redirect /redoc /openapi.json"
CLOSED = (
    "/v1/systemone /v1/chat/completions/batch /v1/chat/completions/render /v1/messages/render /v1/completions/render "
    "/v1/responses/render /v1/chat/completions/derender /v1/completions/derender /v1/load_lora_adapter "
    "/v1/unload_lora_adapter /inference/v1/generate /inference/v1/abort_requests /abort_requests /generative_scoring "
    "/cohere/v2/chat /v2/embed /v2/rerank /rerank /score /classify /pooling /kv_event_sources /scale_elastic_ep "
    "/is_scaling_elastic_ep /collective_rpc /update_weights /sleep /wake_up /pause /reset_prefix_cache /server_info "
    "/start_profile /generate / /metrics/more /v1"
)


@pytest.mark.parametrize(
    ("paths", "told"), [(READ, Way.READ), (CARRIED, Way.CARRIED), (FREE, Way.FREE), (CLOSED, Way.CLOSED)]
)
def test_routes_of_vllm(paths: str, told: Way) -> None:
    assert {path: way(path) for path in paths.split()} == dict.fromkeys(paths.split(), told)


@pytest.mark.parametrize(
    ("passes", "path", "told"),
    [
        (["/score"], "/score", Way.CARRIED),
        (["/score"], "/score/", Way.CARRIED),
        (["/score"], "/scores", Way.CLOSED),
        (["/own/"], "/own/page", Way.CARRIED),
        (["/own/"], "/ownpage", Way.CLOSED),
        (["/"], "/anything", Way.CARRIED),
        (["/"], "/health", Way.FREE),
        (["/"], "/v1/messages", Way.READ),
        (["/v1/systemone"], "/v1/systemone", Way.CARRIED),
        (["/v1/chat/completions"], "/v1/chat/completions", Way.READ),  # nobody takes a model's answers out of the guard
    ],
)
def test_what_names_open(passes: list[str], path: str, told: Way) -> None:
    assert way(path, passes) is told
