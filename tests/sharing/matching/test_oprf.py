"""RFC 9497's own vectors, and what it says is to be refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.sharing.matching import group
from stillwatch.sharing.matching.dleq import Proof
from stillwatch.sharing.matching.oprf import OPRF, VOPRF, Keys, Mode, NotProved

# RFC 9497, appendix A.1 (ristretto255-SHA512), A.1.1 mode OPRF and A.1.2 mode VOPRF: all of their vectors.
SEED, INFO = bytes([0xA3]) * 32, b"test key"
LONG = "5a" * 17
BLIND = "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706"
OTHER = "222a5e897cf59db8145db8d16e597e8facb80ae7d4e26d9881aa6f61d645fc0e"
DERIVED = {
    OPRF: ("5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e", None),
    VOPRF: (
        "e6f73f344b79b379f1a0dd37e07ff62e38d9f71345ce62ae3a9bc60b04ccd909",
        "c803e2cc6b05fc15064549b5920659ca4a77b2cca6f04f6b357009335476ad4e",
    ),
}
VECTORS = {
    "A.1.1.1": (
        OPRF, ["00"], [BLIND], ["609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c"],
        ["7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e"],
        ["527759c3d9366f277d8c6020418d96bb393ba2afb20ff90df23fb7708264e2f3"
         "ab9135e3bd69955851de4b1f9fe8a0973396719b7912ba9ee8aa7d0b5e24bcf6"],
        "", "",
    ),
    "A.1.1.2": (
        OPRF, [LONG], [BLIND], ["da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418"],
        ["b4cbf5a4f1eeda5a63ce7b77c7d23f461db3fcab0dd28e4e17cecb5c90d02c25"],
        ["f4a74c9c592497375e796aa837e907b1a045d34306a749db9f34221f7e750cb4"
         "f2a6413a6bf6fa5e19ba6348eb673934a722a7ede2e7621306d18951e7cf2c73"],
        "", "",
    ),
    "A.1.2.1": (
        VOPRF, ["00"], [BLIND], ["863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945"],
        ["aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e"],
        ["b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d"
         "a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c"],
        OTHER, "ddef93772692e535d1a53903db24367355cc2cc78de93b3be5a8ffcc6985dd06"
        "6d4346421d17bf5117a2a1ff0fcb2a759f58a539dfbe857a40bce4cf49ec600d",
    ),
    "A.1.2.2": (
        VOPRF, [LONG], [BLIND], ["cc0b2a350101881d8a4cba4c80241d74fb7dcbfde4a61fde2f91443c2bf9ef0c"],
        ["60a59a57208d48aca71e9e850d22674b611f752bed48b36f7a91b372bd7ad468"],
        ["8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60"
         "356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6"],
        OTHER, "401a0da6264f8cf45bb2f5264bc31e109155600babb3cd4e5af7d181a2c9dc0a"
        "67154fabf031fd936051dec80b0b6ae29c9503493dde7393b722eafdf5a50b02",
    ),
    "A.1.2.3": (
        VOPRF, ["00", LONG], [BLIND, OTHER],
        ["863f330cc1a1259ed5a5998a23acfd37fb4351a793a5b3c090b642ddc439b945",
         "90a0145ea9da29254c3a56be4fe185465ebb3bf2a1801f7124bbbadac751e654"],
        ["aa8fa048764d5623868679402ff6108d2521884fa138cd7f9c7669a9a014267e",
         "cc5ac221950a49ceaa73c8db41b82c20372a4c8d63e5dded2db920b7eee36a2a"],
        ["b58cfbe118e0cb94d79b5fd6a6dafb98764dff49c14e1770b566e42402da1a7d"
         "a4d8527693914139caee5bd03903af43a491351d23b430948dd50cde10d32b3c",
         "8a9a2f3c7f085b65933594309041fc1898d42d0858e59f90814ae90571a6df60"
         "356f4610bf816f27afdd84f47719e480906d27ecd994985890e5f539e7ea74b6"],
        "419c4f4f5052c53c45f3da494d2b67b220d02118e0857cdbcf037f9ea84bbe0c",
        "cc203910175d786927eeb44ea847328047892ddf8590e723c37205cb74600b0a"
        "5ab5337c8eb4ceae0494c2cf89529dcf94572ed267473d567aeed6ab873dee08",
    ),
}  # fmt: skip


def raw(written: list[str]) -> list[bytes]:
    return [bytes.fromhex(one) for one in written]


@pytest.mark.parametrize("number", VECTORS)
def test_the_vectors_of_the_rfc(number: str) -> None:
    name, inputs, blinds, blinded, evaluated, outputs, random, proof = VECTORS[number]
    mode, keys = Mode(name), Mode(name).keys(SEED, INFO)
    secret, public = DERIVED[name]
    assert keys.secret.hex() == secret and public in (None, keys.public.hex())
    sent = [mode.blinded(*pair) for pair in zip(raw(inputs), raw(blinds), strict=True)]
    back = [mode.evaluated(keys.secret, one) for one in sent]
    assert (sent, back) == (raw(blinded), raw(evaluated))
    if proof:
        made = mode.proof(keys, sent, back, bytes.fromhex(random))
        assert bytes(made).hex() == proof
        mode.verify(keys.public, sent, back, Proof.read(bytes.fromhex(proof)))
    found = [mode.finished(*three) for three in zip(raw(inputs), raw(blinds), back, strict=True)]
    assert found == raw(outputs) == [mode.value(keys.secret, one) for one in raw(inputs)]


# RFC 9496, appendix A.2: encodings that are no elements, some of each reason; and what has no length of one.
NO_POINTS = [
    "00" * 32,  # the identity, which RFC 9497 refuses in section 3.3
    "00ff" + "ff" * 30, "ff" * 31 + "7f", "f3" + "ff" * 30 + "7f", "ed" + "ff" * 30 + "7f",  # not reduced
    "01" + "00" * 31, "01" + "ff" * 30 + "7f",  # negative
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",  # x² is no square
    "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",  # xy is negative
    "ec" + "ff" * 30 + "7f",  # s = -1, which makes y = 0
    "00" * 31, "00" * 33, "",
]  # fmt: skip


@pytest.mark.parametrize("written", NO_POINTS)
def test_what_is_no_point_is_refused_on_both_sides(written: str) -> None:
    mode, keys, given_ = Mode(VOPRF), Mode(VOPRF).keys(SEED, INFO), bytes.fromhex(written)
    with pytest.raises(group.BadElement):
        group.checked_point(given_)
    with pytest.raises(group.BadElement):
        mode.evaluated(keys.secret, given_)
    with pytest.raises(group.BadElement):
        mode.finished(b"\0", bytes.fromhex(BLIND), given_)


@pytest.mark.parametrize("number", [group.ORDER, group.ORDER + 1, 2**255, 2**256 - 1])
def test_a_scalar_has_one_form(number: int) -> None:
    with pytest.raises(group.BadElement):
        Proof.read(number.to_bytes(32, "little") + bytes(32))
    with pytest.raises(group.BadElement):
        Proof.read(bytes(32) + number.to_bytes(32, "little"))
    assert bytes(Proof.read((group.ORDER - 1).to_bytes(32, "little") + bytes(32)))[32:] == bytes(32)


def test_a_proof_holds_for_nothing_else() -> None:
    mode = Mode(VOPRF)
    keys, thief = mode.keys(SEED, INFO), mode.keys(bytes(32), INFO)
    sent = [mode.blinded(bytes([one]), group.random_scalar()) for one in range(4)]
    back = [mode.evaluated(keys.secret, one) for one in sent]
    proof = mode.proof(keys, sent, back, group.random_scalar())
    mode.verify(keys.public, sent, back, proof)
    wrong = {
        "another key for one of them": (keys.public, sent, [*back[:3], mode.evaluated(thief.secret, sent[3])], proof),
        "another public key": (thief.public, sent, back, proof),
        "another order": (keys.public, sent[::-1], back, proof),
        "one left out": (keys.public, sent[:3], back[:3], proof),
        "halves changed round": (keys.public, sent, back, Proof(proof.answer, proof.challenge)),
        "of another mode": (keys.public, sent, back, Mode(OPRF).proof(keys, sent, back, group.random_scalar())),
    }
    for what, told in wrong.items():
        with pytest.raises(NotProved):
            mode.verify(*told)
            pytest.fail(what)


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=300))
def test_the_value_hangs_on_input_and_key_alone(one: bytes, other: bytes) -> None:
    mode = Mode(VOPRF)
    keys = mode.keys(SEED, INFO)
    found = []
    for _ in range(2):
        blind = group.random_scalar()
        found.append(mode.finished(one, blind, mode.evaluated(keys.secret, mode.blinded(one, blind))))
    assert found[0] == found[1] == mode.value(keys.secret, one)
    assert (mode.value(keys.secret, other) == found[0]) == (one == other)
    assert mode.value(mode.keys(SEED, b"another epoch").secret, one) != found[0]


def test_a_key_is_in_no_text() -> None:
    keys = Mode(VOPRF).keys(SEED, INFO)
    assert keys.secret.hex() not in f"{keys} {keys!r} {[keys]}" and keys.public.hex() in repr(keys)
    assert isinstance(keys, Keys)
