"""Signs of fraud that one sign-up shows by itself: one file per family; this page lists them.

What is left out, and why. A country, a language, or a domain's country by itself: they say where somebody is from, and are
never scored; countries count only where two that were told differ. A language that no told country speaks, and a mail domain
of another country: contradictions on paper, but what most people who moved show, and few operators. A domain that no list
knows: so are most companies'. A name with a number behind it: so are most people's addresses; many alike are a batch
(batches).
"""

from __future__ import annotations

from stillwatch.verification.signs import client, mail, payment, phone, place, programme, told
from stillwatch.verification.signs.sign import Sign

ALL: tuple[Sign, ...] = (*mail.ALL, *phone.ALL, *payment.ALL, *place.ALL, *client.ALL, *programme.ALL, *told.ALL)

__all__ = ["ALL", "Sign"]
