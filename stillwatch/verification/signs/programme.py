"""Signs in the pathway: a programme for schools or companies asked for from a mailbox that is neither's.

Programmes for students, start-ups and companies give credits or higher limits, which is why operators ask for them. Whoever
belongs to one usually has an address there.

Innocent when: a school gives its students no mailboxes, or the founders have no domain yet. Security research is no sign
here: many researchers are on their own. Looked for only in sign-ups through such a programme; a person at the counter is not
judged by it.
"""

from __future__ import annotations

from stillwatch.verification.lists import Lists
from stillwatch.verification.signs.sign import Sign
from stillwatch.verification.signup import Signup

_COMPANIES = {"startup", "enterprise", "reseller"}


def _no_school(signup: Signup, lists: Lists) -> bool | None:
    if signup.pathway != "education" or not signup.email_domain:
        return None
    return not lists.mail(signup.email_domain).academic


def _no_company(signup: Signup, lists: Lists) -> bool | None:
    if signup.pathway not in _COMPANIES or not signup.email_domain:
        return None
    mail = lists.mail(signup.email_domain)
    return mail.free or mail.relay or mail.disposable


ALL = (
    Sign(
        "school_without_domain",
        "programme",
        _no_school,
        operators=0.7,  # addresses at a real school are the dearest to come by
        customers=0.25,  # of education sign-ups: one in four schools is missing from the list, many students write privately
        phrase="the programme is for schools, and the mail domain is no school's that a list knows",
        innocent="a student or teacher with a private address, or of a school that no list knows",
    ),
    Sign(
        "company_without_domain",
        "programme",
        _no_company,
        operators=0.5,  # a mailbox is cheaper than a domain with a company behind it
        customers=0.1,  # of such sign-ups: founders before their domain, tiny firms
        phrase="the programme is for companies, and the mail address is at a host where anyone gets one",
        innocent="founders who have no domain yet, or a very small firm",
    ),
)
