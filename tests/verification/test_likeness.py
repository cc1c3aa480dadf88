"""Mailboxes drawn at random, and names of many languages, which are none."""

from __future__ import annotations

import random
import string

import pytest

from stillwatch.verification.likeness import random_bits
from stillwatch.verification.signs.mail import DRAWN_BITS

# Written for this test, in languages from every part of the world; none of them is in data/verification/names.txt.
NAMES = """
oluwafunmilayo.adegoke thorbjornsen kristjansdottir gwendolyn.rhys llewellyn.jones siobhan.ocallaghan przybylski.k
szczepaniak krzyzanowska zdzislaw.wrzesniewski hryvnak.ostap mykhailychenko dzhugashvili mkrtchyan.hayk khachaturian
tsiklauri mzhavanadze vaishnavi.deshpande thiruvananthan ramakrishnaiah venkatanarasimharaju tejasvi.kulshreshtha
jyotsna.ghosh hrithik.kshatriya nguyenthithanhhang phamngocthach tranquocvuong hoangxuanvinh xuqinglong zhangxueliang
chenzhongqiang zhuangzhou qiongqiong.lyu kwonhyeokjun baekseunghwan gwakminsu hyeonwoo.jeon byungchul.ryu
tsukasa.shinozaki kyohei.tsuchiya ryunosuke.akutagawa rattanaporn.wongsakul chatchai.phromsombat nattapong.jirasak
kittipong.thepwong mphahlele.tshepo ntombizodwa.ngcobo nurulhuda.wahid nkwankwo.chibuzor tshabalala.nkululeko
mbappelottin ngugiwathiongo kiptanui.jepchirchir abdirahman.warsame gebremariam.tsegaye alqahtaniyah abdulmuttalib
sharifzadeh ghorbanpour khosrowshahi tahmasebi.mojgan yldrmhmt gkhnyldrm csillagszemu nagykovacsi vytautas.landsbergis
kestutis.jankauskas zydrunas.savickas janis.berzins ilze.kalnina kaarel.tammsaare jaaskelainen.jyrki
hallgrimsson.thorsteinn sveinbjornsdottir van.der.westhuizen iosebashvili tlhapi.kgosi kealakekua.kahanamoku
pohutukawa.ngata xochitl.cuauhtemoc tlahuicole.netza quetzalli.itzayana ixchel.tzoc ollantaytambo huallpa.condori
mamani.quispe jhonatan.wladimir mdshahriar.hossain shafiqul.islam rkmishra sksharma pksrivastava bngsrikanth krmurthy
jsmith1984 mjordan23 jzhang.pku wlchen88 ljubljanac.grgic krkljes.hrvoje smrzkova vlckova.zmrzlina sdvorak hjkim ydlee
shpark jhchoi mwkang dhkwon tjkang ngphuong ltkhanh dqminh ptkngan hvtrung jwojcik mszczesny wojtyszek
abubakar.tafawabalewa mohdfaizal.bin.ismail lkysingapore tnhlim cwtan hkcheung szeto.kwok ongkhengteck yeohsiewling
chua.hwee.hoon darkknight77 gamergirl.zoe coffeeholic bookworm1999 quickbrownfox schwarzschild anna2b 4ever2young
mary.ann-o1984 84311290 1380013800 zhxj w3.dev k8s.admin
""".split()


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_language_is_not_drawn(name: str) -> None:
    assert (random_bits(name) or 0.0) < DRAWN_BITS


@pytest.mark.parametrize("mailbox", ["qxzvkjwpht", "k7x2m9qp4", "hwqzjxvbtkcd", "a1b2c3d4e5f6", "jq8vx3kz1w"])
def test_what_a_program_draws_is(mailbox: str) -> None:
    assert (random_bits(mailbox) or 0.0) >= DRAWN_BITS


@pytest.mark.parametrize("mailbox", ["84311290", "zhxj", "анна", "", "li.wei", "j.k"])
def test_what_cannot_be_judged_is_not(mailbox: str) -> None:
    assert random_bits(mailbox) is None


def test_a_longer_draw_is_the_surer() -> None:
    dice = random.Random(7)

    def found(length: int) -> float:
        drawn = ("".join(dice.choices(string.ascii_lowercase + string.digits, k=length)) for _ in range(300))
        return sum((random_bits(one) or 0.0) >= DRAWN_BITS for one in drawn) / 300

    assert found(8) < found(12) < found(16)
    assert found(16) > 0.85


def test_what_follows_a_plus_is_the_senders_own() -> None:
    assert random_bits("annabella+qxzvkjwpht") == random_bits("annabella")
