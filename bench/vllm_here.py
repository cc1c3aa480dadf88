"""vLLM's server on this machine's processor, with a model made here: what `bench.vllm_guarded` asks."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import anthropic
import httpx2
import openai
from guard_placed import free_port

STARTS = 300.0  # seconds that a server may take to answer, on a machine that is busy
CONTEXT = 2_048  # tokens
_SPECIAL = ["<|begin|>", "<|end|>", "<|pad|>"]
_TEMPLATE = "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: "
_SMALL = {  # heads of 32: vLLM's attention on a processor has no smaller ones
    "hidden_size": 128, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "head_dim": 32, "max_position_embeddings": CONTEXT, "tie_word_embeddings": True,
}  # fmt: skip


def tiny_llama(folder: Path) -> None:
    """A model whose weights vLLM makes up, and a tokenizer with a token for each byte."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    folder.mkdir(parents=True, exist_ok=True)
    words = [*_SPECIAL, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    tokenizer = Tokenizer(models.BPE(vocab={word: number for number, word in enumerate(words)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(_SPECIAL)
    tokenizer.save(str(folder / "tokenizer.json"))
    named = dict(zip(("bos_token", "eos_token", "pad_token"), _SPECIAL, strict=True))
    numbers = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2, "vocab_size": len(words)}
    kind = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_act": "silu",
        "torch_dtype": "bfloat16",
    }
    documents = {
        "config.json": {**kind, **_SMALL, **numbers},
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast", "chat_template": _TEMPLATE, "model_max_length": CONTEXT, **named,
        },
    }  # fmt: skip
    for name, document in documents.items():
        (folder / name).write_text(json.dumps(document))


class Served:
    """A server that answers."""

    def __init__(self, process: subprocess.Popen[bytes], address: str, log: Path) -> None:
        self.process, self.address, self.log = process, address, log
        self._client = httpx2.Client(base_url=address, timeout=120.0)

    def asks(self, path: str, body: dict[str, Any] | None, account: str = "honest") -> httpx2.Response:
        """The answer, whole; a GET where there is no body."""
        headers = {"authorization": f"Bearer sk-{account}"} if account else {}
        if body is None:
            return self._client.get(path, headers=headers)
        return self._client.post(path, json=body, headers=headers)

    def hangs_up(self, path: str, body: dict[str, Any], after: int, account: str = "spender") -> int:
        """Reads so many pieces of a stream's text and is gone; how many it read."""
        read = 0
        with self._client.stream("POST", path, json=body, headers={"authorization": f"Bearer sk-{account}"}) as answer:
            for line in answer.iter_lines():
                read += '"content":"' in line and '"content":""' not in line
                if read >= after:
                    break
        return read

    def openai(self, account: str) -> openai.OpenAI:
        return openai.OpenAI(api_key=f"sk-{account}", base_url=f"{self.address}/v1", max_retries=0)

    def anthropic(self, account: str) -> anthropic.Anthropic:
        return anthropic.Anthropic(api_key=f"sk-{account}", base_url=self.address, max_retries=0)

    def generated(self) -> int:
        """Tokens that the engine has made so far."""
        found = re.findall(
            r"^vllm:generation_tokens_total\{[^}]*\} ([0-9.e+]+)", self.asks("/metrics", None).text, re.M
        )
        return int(sum(float(one) for one in found))

    def routes(self) -> list[str]:
        """Paths of its app, as it lists them when it starts."""
        return list(dict.fromkeys(re.findall(r"Route: (\S+), ", self.log.read_text())))

    def workers(self) -> int:
        """API servers that have started."""
        return len(set(re.findall(r"Started server process.*?\[(\d+)\]", self.log.read_text())))

    def stop(self) -> None:
        """Told to end, and has."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)


@contextmanager
def serving(folder: Path, name: str, layer: dict[str, str], *options: str) -> Iterator[Served]:
    """`vllm serve` of the model in the folder, until it is left; RuntimeError when it ends before it answers."""
    port, log = free_port(), folder / f"{name}.log"
    command = [
        sys.executable, "-m", "vllm.entrypoints.cli.main", "serve", str(folder / "model"), "--served-model-name", "m",
        "--load-format", "dummy", "--max-model-len", str(CONTEXT), "--max-num-seqs", "16", "--enforce-eager", "--seed", "1",
        "--no-enable-prefix-caching", "--host", "127.0.0.1", "--port", str(port), *options,
    ]  # fmt: skip
    settings = {
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "HF_HUB_OFFLINE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "OMP_NUM_THREADS": "1",
    }
    paths = [str(_named_vllm(folder)), *sys.path]
    variables = {f"STILLWATCH_GUARD_{key}": value for key, value in layer.items()}
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, stdout=said, stderr=subprocess.STDOUT, start_new_session=True,
            env={**os.environ, **settings, **variables, "PYTHONPATH": os.pathsep.join(paths)},
        )  # fmt: skip
    server = Served(process, f"http://127.0.0.1:{port}", log)
    try:
        _until_it_answers(server)
        yield server
    finally:
        server.stop()


def _until_it_answers(server: Served) -> None:
    until = time.monotonic() + STARTS
    while time.monotonic() < until:
        if server.process.poll() is not None:
            raise RuntimeError(f"ended with {server.process.returncode}: {server.log}")
        try:
            if server.asks("/health", None, "").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.5)
    raise RuntimeError(f"does not answer: {server.log}")


def _named_vllm(folder: Path) -> Path:
    """vllm-cpu 0.32.0 asks for the version of a package `vllm`, which it is not called: its command ends without one."""
    place = folder / "named"
    try:
        version("vllm")
    except PackageNotFoundError:
        told = place / "vllm-0+cpu.dist-info"
        told.mkdir(parents=True, exist_ok=True)
        (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vllm\nVersion: {version('vllm-cpu')}+cpu\n")
    return place
