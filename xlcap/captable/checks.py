"""What may stand in a row of a cap table: which columns a kind has, which it needs, which do not go together.

Everything a row shows by itself is in the tables below; each fault is placed at its column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlcap.captable.columns import Row
from xlcap.errors import nearest
from xlcap.tables import header_name

KINDS = (
    "common",
    "preferred",
    "option",
    "warrant",
    "convertible",
    "pool",
    "debt",
    "cost",
    "carve_out",
    "note",
    "safe",
)

_WORDS: Mapping[str, Sequence[str]] = {
    "kind": KINDS,
    "participation": ("none", "full", "capped"),
    "rate_of": ("net", "gross"),
    "dividends_on_conversion": ("forfeited", "paid", "converted"),
    "discount_reading": ("literal", "remainder"),
}
"""Columns that hold one of a few words."""

_SPOKEN = {
    "common": "Common",
    "preferred": "preferred stock",
    "option": "options",
    "warrant": "warrants",
    "convertible": "convertibles",
    "pool": "the pool",
    "debt": "debts",
    "cost": "costs",
    "carve_out": "carve-outs",
    "note": "notes",
    "safe": "SAFEs",
}

_OPTIONS = ("option", "warrant")
_CONVERTIBLES = ("note", "safe")
_ALL_STOCK = ("common", "preferred", *_OPTIONS, "convertible", "pool")

_APPLIES: Mapping[str, Sequence[str]] = {
    "shares": _ALL_STOCK,
    "seniority": ("preferred", "debt", "carve_out", *_CONVERTIBLES),
    "amount": ("debt", "cost", "carve_out", *_CONVERTIBLES),
    "preference": ("preferred", *_CONVERTIBLES),
    "as_converted": ("preferred", *_CONVERTIBLES),
    **dict.fromkeys(("rate", "rate_of"), ("carve_out",)),
    **dict.fromkeys(("strike", "underlying"), _OPTIONS),
    **dict.fromkeys(("valuation_cap", "cap_counts", "discount", "discount_reading"), _CONVERTIBLES),
    **dict.fromkeys(
        (
            "terms",
            "accrued",
            "original_issue_price",
            "preference_multiple",
            "conversion_price",
            "conversion_ratio",
            "dividends_on_conversion",
            "participation",
            "cap",
            "cap_multiple",
            "cap_per_share",
            "cap_includes_dividends",
            "converts_with",
            "conversion_group",
            "conversion_vote",
            "converts_alone",
            "issue_date",
        ),
        ("preferred",),
    ),
}
"""The kinds a column applies to; one that is not here applies to all."""

_SHARES = (("shares",), "give the number of shares")
_AMOUNT = (("amount",), "give what is owed, dollars")
_STRIKE = (("strike",), "give the exercise price (0 if there is none)")
_INVESTED = (("amount", "preference"), "give what converts, dollars: principal and interest, or the purchase amount")

_NEEDED: Mapping[str, Sequence[tuple[Sequence[str], str]]] = {
    "common": (_SHARES,),
    "preferred": (
        _SHARES,
        (
            ("preference", "original_issue_price", "terms"),
            "give the row's preference in dollars, its 'original_issue_price', or its certificate in 'terms'",
        ),
        (("seniority", "terms"), "give the rank, a higher number is paid earlier"),
    ),
    "option": (_SHARES, _STRIKE),
    "warrant": (_SHARES, _STRIKE),
    "convertible": (_SHARES,),
    "pool": (_SHARES,),
    "debt": (_AMOUNT,),
    "cost": (_AMOUNT,),
    "carve_out": ((("amount", "rate"), "give a fixed amount in dollars, or a share of the proceeds in 'rate'"),),
    "note": (_INVESTED,),
    "safe": (_INVESTED,),
}
"""What each kind cannot do without: one of the columns, and what to say where all are blank."""

_CONVERSIONS = ("conversion_price", "conversion_ratio", "as_converted", "terms")

_GOES_WITH: Mapping[str, Sequence[str]] = {
    "rate_of": ("rate",),
    "conversion_vote": ("conversion_group",),
    "converts_alone": ("conversion_group",),
    "conversion_group": _CONVERSIONS,
    "converts_with": _CONVERSIONS,
    "cap_includes_dividends": ("cap", "cap_multiple", "cap_per_share"),
    "cap_multiple": ("original_issue_price", "terms"),
    "valuation_cap": ("amount",),
    "discount": ("amount",),
    "cap_counts": ("valuation_cap",),
    "discount_reading": ("discount",),
    "issue_date": ("terms",),
}
"""Columns that say nothing without one of others."""

_EXCLUDES: Sequence[tuple[str, Sequence[str], str]] = (
    (
        "terms",
        ("original_issue_price", "preference_multiple", "dividends_on_conversion", "converts_with"),
        "is for the certificate to say, and 'terms' names one",
    ),
    ("preference", ("accrued",), "is part of the preference stated in dollars"),
    (
        "preference",
        ("preference_multiple", "dividends_on_conversion"),
        "goes with a price a share, not a preference in dollars",
    ),
    ("conversion_price", ("conversion_ratio", "as_converted"), "stands beside a conversion price"),
    ("conversion_ratio", ("as_converted",), "stands beside a conversion ratio"),
    ("cap", ("cap_multiple", "cap_per_share"), "stands beside a cap in dollars"),
    ("cap_multiple", ("cap_per_share",), "stands beside a cap as a multiple"),
    ("amount", ("rate",), "stands beside a fixed amount"),
    ("valuation_cap", ("as_converted", "discount_reading"), "stands beside a valuation cap"),
    ("as_converted", ("discount_reading",), "stands beside the shares it converts into"),
)
"""A column, others that must then be blank, and why."""


def read_words(row: Row) -> None:
    """Columns of a few words hold one of them, and are kept as they are compared."""
    for name, words in _WORDS.items():
        text = row.__dict__.get(name)
        if text is None or text in words:
            continue
        word = header_name(text)
        if word not in words:
            named = [known for known in words if known in word.split("_")]  # of a convertible note both are kinds
            close = " or ".join(f"'{known}'" for known in named or filter(None, [nearest(word, words)]))
            hint = f"did you mean {close}? One" if close else "one"
            raise row.fault(f"{hint} of {', '.join(words)} is expected; found '{text}'", name)
        row.__dict__[name] = word  # as in the making of a record, which this is a part of


def check_columns(row: Row) -> None:
    """The columns that are filled in are those the kind has, all it needs, and say one thing once."""
    filled = {name: None for name, value in row.__dict__.items() if value is not None}.keys()
    for name in filled:
        if row.kind not in _APPLIES.get(name, KINDS) and (name != "shares" or row.shares):
            raise row.fault(f"applies to {_listed(_APPLIES[name])}; leave it blank for {_SPOKEN[row.kind]}", name)
    for names, ask in _NEEDED[row.kind]:
        if filled.isdisjoint(names):
            raise row.fault(f"is blank: {ask}", names[0])
    for name, refused, why in _EXCLUDES:
        if name in filled and not filled.isdisjoint(refused):
            raise row.fault(f"{why}; leave one of the two blank", next(other for other in refused if other in filled))
    for name, others in _GOES_WITH.items():
        if name in filled and filled.isdisjoint(others):
            raise row.fault(f"goes with {' or '.join(map(repr, others))}, which is blank", name)
    if not row.shares and row.kind in ("common", "preferred", *_OPTIONS):
        raise row.fault("must be above 0; found 0", "shares")
    if row.discount is not None and row.discount >= 1:
        raise row.fault(f"must be below 1 (0.2 is 20%); found {row.discount}", "discount")


def _listed(kinds: Sequence[str]) -> str:
    names = [_SPOKEN[kind] for kind in kinds]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
