"""What the certificates say, as cells: all of one, one field of it, and which there are."""

from typing import Annotated, Any

from xlcap.engine.series_split import after_split
from xlcap.errors import XlcapError, nearest
from xlcap.functions.arguments import Certificate, Positive, Text
from xlcap.functions.registry import function
from xlcap.terms import available, load, spill
from xlcap.terms.schema import flatten

TOPIC = "Terms"


@function(TOPIC)
def terms(certificate: Certificate) -> list[list[Any]]:
    """Everything a certificate says that computes something, as a block of field and value.

    Copy the block to the sheet as values, change a cell, and give the block wherever a function asks for ``terms``; a
    block needs only the field ``id`` and the fields it changes. A date the certificate leaves blank stands there in the
    certificate's words until a date is put in its place.

    >>> from xlcap.functions import call
    >>> call("TERMS", ["PRICESMART-B"])[:2]
    [['field', 'value'], ['id', 'PRICESMART-B']]
    """
    return spill(certificate)


@function(TOPIC)
def terms_at(
    terms: Certificate,
    ratio: Annotated[Positive, "shares of the series for each one before: 2 is two for one, 0.1 is one for ten"],
) -> list[list[Any]]:
    """The certificate as it reads after a split of the series itself, as a block of field and value.

    Source: Valuestar A.3, B.1, B.4, C.2: price, dividend and cap a share are divided by the ratio, the number of its
    shares needed to elect directors is multiplied. So is the amount that converts divided, which D.1 does not say
    (AMB-VS5: conversion.adjust_reference). The number authorised stays. Patron's certificate has no such clause and
    stays as it is (AMB-PT12). Use the block wherever a function asks for ``terms``; then DIRECTOR_SEATS needs no
    ``split`` for this class. For splits of the Common see CONVERSION_PRICE.

    >>> from xlcap.functions import call
    >>> dict(call("TERMS_AT", ["VALUESTAR-B", 2]))["price_per_share"]
    8.75
    """
    return spill(after_split(terms, ratio))


@function(TOPIC)
def term(terms: Certificate, field: Annotated[Text, "field, such as conversion.initial_price"]) -> Any:
    """One field of a certificate, by the name TERMS gives it.

    Errors: a field the certificate does not have, with the nearest name.

    >>> from xlcap.functions import call
    >>> call("TERM", ["PRICESMART-B", "dividend.rate"])
    0.08
    """
    fields = flatten(terms)
    name = field.strip().lower()
    if name not in fields:
        close = nearest(name, fields)
        hint = f"did you mean '{close}'?" if close else f'TERMS("{terms.id}") lists its fields'
        raise XlcapError(f"{terms.id} has no field '{field}'; {hint}", where="argument 'field'", code="#N/A")
    return fields[name]


@function(TOPIC)
def certificates() -> list[list[Any]]:
    """The certificates that can be named: those shipped with xlcap, and those in the folders of XLCAP_TERMS.

    A file that cannot be read is listed with its error.

    >>> from xlcap.functions import call
    >>> [row[0] for row in call("CERTIFICATES", []) if row[0].startswith("PRICE")]
    ['PRICESMART-B']
    """
    rows: list[list[Any]] = [["Id", "Name", "Issuer", "Source"]]
    for name in available():
        try:
            found = load(name)
        except XlcapError as error:
            rows.append([name, str(error), "", ""])
        else:
            rows.append([name, found.name, found.issuer, found.source])
    return rows
