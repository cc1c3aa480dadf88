"""Signs in the mail address: hosts of throw-away mailboxes, domains that pass for a university's, mailboxes made by program.

Operators need a mailbox for each account and do not want to read it: they take them from disposable hosts, make them by
program, buy them young, or register one domain for hundreds. For programmes for students they take domains that pass for a
school's (JetBrains/swot, pull request 27082).

Innocent when: somebody wants no newsletters, forwards through a relay, studies at a small school that no list knows, founded
the company last month, or lets a password manager choose the name. No list knows most companies' domains: to be unknown is
no sign.
"""

from __future__ import annotations

from stillwatch.verification.lists import Lists
from stillwatch.verification.signs.sign import Sign
from stillwatch.verification.signup import Signup

DRAWN_BITS = 10.0  # for drawn at random: no name of 160 in forty languages reaches it (docs/verification-lists.md)
YOUNG_MAILBOX_DAYS = 30.0  # mailboxes sold in bulk are days old; people keep theirs for years
YOUNG_DOMAIN_DAYS = 60.0  # domains are registered for a farm and burnt within weeks
YOUNG_SCHOOL_DAYS = 730.0  # schools keep their domain for decades, and a new one has no students for its first year


def _disposable(signup: Signup, lists: Lists) -> bool | None:
    return lists.mail(signup.email_domain).disposable if signup.email_domain else None


def _relay(signup: Signup, lists: Lists) -> bool | None:
    return lists.mail(signup.email_domain).relay if signup.email_domain else None


def _lookalike(signup: Signup, lists: Lists) -> bool | None:
    return bool(lists.mail(signup.email_domain).resembles) if signup.email_domain else None


def _open_suffix(signup: Signup, lists: Lists) -> bool | None:
    return lists.mail(signup.email_domain).open_suffix if _asks_as_school(signup) else None


def _withdrawn(signup: Signup, lists: Lists) -> bool | None:
    return lists.mail(signup.email_domain).withdrawn if _asks_as_school(signup) else None


def _asks_as_school(signup: Signup) -> bool:
    """Elsewhere an academic domain gains nobody anything, and would only burden the students of that school or country."""
    return signup.pathway == "education" and bool(signup.email_domain)


def _young_school(signup: Signup, lists: Lists) -> bool | None:
    if not signup.email_domain or signup.email_domain_age_days is None:
        return None
    mail = lists.mail(signup.email_domain)
    return signup.email_domain_age_days < YOUNG_SCHOOL_DAYS and (mail.says_academic or mail.academic)


def _drawn(signup: Signup, lists: Lists) -> bool | None:
    if signup.email_random is None or lists.mail(signup.email_domain).relay:
        return None  # a relay draws the name itself
    return signup.email_random >= DRAWN_BITS


def _young_mailbox(signup: Signup, lists: Lists) -> bool | None:
    return None if signup.email_age_days is None else signup.email_age_days < YOUNG_MAILBOX_DAYS


def _young_domain(signup: Signup, lists: Lists) -> bool | None:
    return None if signup.email_domain_age_days is None else signup.email_domain_age_days < YOUNG_DOMAIN_DAYS


ALL = (
    Sign(
        "disposable_mail",
        "mail",
        _disposable,
        operators=0.2,  # named by providers of LLM services among the ways in; costs nothing, and is blocked the easiest
        customers=0.004,  # people who want no newsletter; services that ask for a card see few of them
        phrase="the mail address is at a disposable domain",
        innocent="somebody who tries the service out and wants no mail from it",
    ),
    Sign(
        "relay_mail",
        "mail",
        _relay,
        operators=0.02,  # a relay limits how many addresses one customer gets, and knows who it is
        customers=0.015,  # Apple offers it with each sign-up on a telephone
        phrase="the mail address is at a relay, which hides whose mailbox it is",
        innocent="anybody who signed up with Apple, Firefox Relay or SimpleLogin for privacy's sake",
    ),
    Sign(
        "academic_lookalike",
        "mail",
        _lookalike,
        operators=0.02,  # only where a programme for schools is what they are after
        customers=0.0002,  # alumni's and students' clubs under their university's name
        phrase="the mail domain looks like a university's and is not",
        innocent="a club, foundation or newspaper of that university with a domain of its own",
    ),
    Sign(
        "open_academic_suffix",
        "mail",
        _open_suffix,
        operators=0.15,  # of education sign-ups: the cheapest way to an address that ends like a school's
        customers=0.01,  # of education sign-ups: schools there that no list knows yet, and firms that teach
        phrase="the mail domain is below a suffix that looks academic and is open to anyone",
        innocent="a real school there, or a firm that teaches, that no list knows yet",
    ),
    Sign(
        "withdrawn_academic",
        "mail",
        _withdrawn,
        operators=0.1,  # of education sign-ups: domains are withdrawn because their mailboxes were sold in bulk
        customers=0.01,  # of education sign-ups: the students of that university, who did nothing
        phrase="the mail domain was taken off the list of academic domains for abuse",
        innocent="a student of that university: its mail was abused by others",
    ),
    Sign(
        "young_academic_domain",
        "mail",
        _young_school,
        operators=0.02,  # domains made to pass for a school's are used in their first months
        customers=0.0002,  # new schools are rare
        phrase="the mail domain says that it is a school's, and is less than two years old",
        innocent="a school that is new, or that changed its name",
    ),
    Sign(
        "drawn_mailbox",
        "mail",
        _drawn,
        operators=0.2,  # the simplest program there is; better ones take names from a list, which a batch shows
        customers=0.004,  # password managers, keyboard rows, people who like numbers in words
        phrase="the part before the @ looks drawn at random",
        innocent="somebody whose password manager chose it, or with a name of a language that the model knows little of",
    ),
    Sign(
        "young_mailbox",
        "mail",
        _young_mailbox,
        operators=0.6,  # mailboxes are made or bought for the purpose; aged ones cost more
        customers=0.08,  # a new job, a mailbox made for this service alone
        phrase="the mailbox was first seen less than a month before",
        innocent="somebody with a new job or a mailbox made for this alone",
    ),
    Sign(
        "young_domain",
        "mail",
        _young_domain,
        operators=0.15,  # a domain for a farm: cheaper by the account than mailboxes
        customers=0.01,  # founders sign up in the week in which they register their domain
        phrase="the mail domain was registered less than two months before",
        innocent="a company that was just founded",
    ),
)
