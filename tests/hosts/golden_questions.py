"""The questions made for the golden table: each kind of argument, each function's rarer arguments, each error.

An answer beside a question was worked out by hand, in the comment before it where it is not plain; `...` stands where
the functions' own answer is taken. A message is quoted in part.
"""

# ruff: noqa: E501  # questions stand beside each other, as in a table

from __future__ import annotations

import datetime as dt
from typing import Any

from xlcap.cells import CellError
from xlcap.functions import call

Question = tuple[Any, ...]
"""An id, a function, its arguments and the answer."""

N = None
DAY = dt.date


def skipped(count: int) -> list[None]:
    """Arguments left out in the middle."""
    return [None] * count


def refused(code: str, says: str) -> dict[str, str]:
    """An error and a piece of its message."""
    return {"error": code, "says": says}


# Common 7,000,000 and 20,000 preferred at a price of 20: a preference of 20,000,000, or 1,000,000 of 8,000,000 shares.
HOLDINGS = [
    ["class", "kind", "shares", "terms", "conversion_price"],
    ["Common", "common", 7e6, N, N],
    ["Series B", "preferred", 20000, "PRICESMART-B", 20],
]
# The same, the price of a share to be worked out from events.
UNPRICED = [[*row[:4], accrued] for row, accrued in zip(HOLDINGS, ["accrued", N, 0], strict=True)]
OPTIONS = [["class", "kind", "shares", "strike"], ["Common", "common", 900, N], ["Options", "option", 100, 2]]
SERIES = [
    ["class", "kind", "shares", "seniority", "preference", "conversion_price"],
    ["Common", "common", 8e6, N, N, N],
    ["Series A", "preferred", 2e6, 1, 5e6, 2.5],
]
POOLED = [
    [*SERIES[0], "strike"],
    [*SERIES[1], N],
    [*SERIES[2], N],
    ["Options", "option", 500000, N, N, N, 2],
    ["Pool", "pool", 500000, N, N, N, N],
]
VALUESTAR = [
    ["class", "kind", "shares", "terms", "conversion_price"],
    ["Common", "common", 1e7, N, N],
    ["Series B", "preferred", 500000, "VALUESTAR-B", 1.75],
]

# 700,000 on 7,000,000: 20 x 7.0 / 7.7 = 18.1818, in cents 18.18, from the day after the record date.
DIVIDEND = [["event", "date", "common_outstanding", "shares"], ["stock_dividend", "2004-03-10", 7e6, 7e5]]
UNCOUNTED = [["event", "date", "shares"], ["stock_dividend", "2004-03-10", 7e5]]
SPLIT = [["event", "date", "ratio"], ["split", "2004-06-14", 2]]
NAMED = [
    ["id", "event", "date", "ratio", "known_on"],
    ["one", "split", "2004-06-14", 2, "2004-06-01"],
    ["two", "split", "2005-06-14", 2, "2005-07-01"],
]
# A distribution of 2 a share when a share is worth 16: 20 x 14 / 16 = 17.50.
PAID_OUT = [["event", "date", "value"], ["distribution", "2004-07-01", 2]]
JUNE = [f"2004-06-{day:02}" for day in range(1, 31)]
CLOSES = [["date", "close"], *([day, 16] for day in JUNE), ["2004-07-01", 16]]
PATRON = [
    ["class", "kind", "shares", "terms", "conversion_price"],
    ["Common", "common", 7e6, N, N],
    ["Series B", "preferred", 100, "PATRON-B", 2.4],
]
# 700,000 on the 7,000,000 of the cap table: 2.20 x 7.0 / 7.7 = 2.00.
PATRON_UNCOUNTED = [["event", "date", "shares"], ["stock_dividend", "2007-03-10", 7e5]]
PATRON_DAYS = [["date", "close", "volume"], *([f"2006-10-{day}", 1.95, 5000] for day in range(16, 28))]

BLOCK = [["id", "PRICESMART-B"], ["dividend.rate", 0.06]]
WHOLE_BLOCK = [[field, 0.06 if field == "dividend.rate" else value] for field, value in call("TERMS", ["PRICESMART-B"])]

KINDS: list[Question] = [
    # a number
    ("number", "SPLIT_ADJUSTED_PRICE", [20, 2], 10),
    ("number with decimals", "SPLIT_ADJUSTED_PRICE", [18.18, 0.1], 181.8),
    ("number of fifteen digits", "SPLIT_ADJUSTED_PRICE", [123456789.012345, 1], 123456789.012345),
    ("number that is no binary fraction", "DISTRIBUTION_ADJUSTED_PRICE", [0.3, 3, 1], 0.2),
    ("number as text", "SPLIT_ADJUSTED_PRICE", ["20", "2"], 10),
    ("number as text with spaces and an exponent", "SPLIT_ADJUSTED_PRICE", [" 20.0 ", "2e0"], 10),
    ("number with a currency sign", "SPLIT_ADJUSTED_PRICE", ["$1,820.50", 2], refused("#VALUE!", "a number is expected; found '$1,820.50'; write 1820.50")),
    ("number in words", "SPLIT_ADJUSTED_PRICE", [20, "two"], refused("#VALUE!", "argument 'ratio': a number is expected; found 'two'")),
    ("number that is TRUE", "SPLIT_ADJUSTED_PRICE", [20, True], refused("#VALUE!", "a number is expected; found TRUE")),
    ("number of zero", "SPLIT_ADJUSTED_PRICE", [20, 0], refused("#NUM!", "must be above zero; found 0")),
    ("number below zero", "SPLIT_ADJUSTED_PRICE", [20, -2], refused("#NUM!", "must be above zero; found -2")),
    ("number very large", "SPLIT_ADJUSTED_PRICE", [1e300, 1e-5], 1e305),
    ("number larger than a cell can hold", "SPLIT_ADJUSTED_PRICE", [1e308, 1e-300], refused("#NUM!", "larger than any number a cell can hold")),
    ("range with a number larger than a cell can hold", "SPLIT_ADJUSTED_PRICE", [[[2], [1e308]], 1e-300], [[2e300], [CellError("#NUM!")]]),
    ("number very small", "SPLIT_ADJUSTED_PRICE", [1, 1e100], 1e-100),
    # a range of questions
    ("range of one cell", "SPLIT_ADJUSTED_PRICE", [[[20]], [[2]]], 10),
    ("range down", "SPLIT_ADJUSTED_PRICE", [[[20], [10], [5]], 2], [[10], [5], [2.5]]),
    ("range across", "SPLIT_ADJUSTED_PRICE", [[[20, 10, 5]], 2], [[10, 5, 2.5]]),
    ("range of rows and columns", "SPLIT_ADJUSTED_PRICE", [20, [[1, 2], [4, 5]]], [[20, 10], [5, 4]]),
    ("two ranges", "SPLIT_ADJUSTED_PRICE", [[[20], [30]], [[2], [3]]], [[10], [10]]),
    ("range with a blank question", "SPLIT_ADJUSTED_PRICE", [[[20], [N], [5]], 2], [[10], [N], [2.5]]),
    ("range with an error", "SPLIT_ADJUSTED_PRICE", [[[20], [CellError("#DIV/0!")], [5]], 2], [[10], [CellError("#DIV/0!")], [2.5]]),
    ("range with half a question", "SPLIT_ADJUSTED_PRICE", [[[20], [30]], [[2], [N]]], refused("#VALUE!", "price, ratio row 2, column 1")),
    ("range with a text in it", "SPLIT_ADJUSTED_PRICE", [[[20], ["ten"]], 2], refused("#VALUE!", "price row 2, column 1, argument 'price': a number is expected; found 'ten'")),
    ("ranges of different size", "SPLIT_ADJUSTED_PRICE", [[[20], [30]], [[2], [3], [4]]], refused("#VALUE!", "the ranges given for price, ratio must have the same size")),
    ("range of dates", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, [["2004-03-10"], [38057]]], [[20], [18.18]]),
    ("range of fields", "TERM", ["PRICESMART-B", [["id"], ["dividend.rate"], ["dividend.cumulative"]]], [["PRICESMART-B"], [0.08], [True]]),
    ("range for a table of answers", "EXEMPTIONS", ["VALUESTAR-B", [["D.8(v)(B)"], ["D.8(v)(C)"]]], refused("#VALUE!", "EXEMPTIONS answers with a table, so it takes one cell for exemption")),
    # a date; 38000 is 14 January 2004, so 11 March, 57 days later, is 38057
    ("date", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, DAY(2004, 3, 11)], 18.18),
    ("date before", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, DAY(2004, 3, 10)], 20),
    ("date as text with words behind it", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, "2004-03-11 or later"], refused("#VALUE!", "a date is expected")),
    ("date as serial number", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, 38057], 18.18),
    ("date as serial number before", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, 38056], 20),
    ("date as serial number with a time", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, 38056.75], 20),
    ("date as text", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, "2004-03-11"], 18.18),
    ("date as text with a time", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, "2004-03-10T23:59:59"], 20),
    ("date in another order", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, "11.03.2004"], refused("#VALUE!", "argument 'as_of': a date is expected (a date cell, or text such as 2004-02-16); found '11.03.2004'")),
    ("date there is not", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, "2004-02-30"], refused("#VALUE!", "a date is expected")),
    ("date of zero", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, 0], refused("#VALUE!", "a date is expected")),
    ("date after the last", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, 2958466], refused("#VALUE!", "a date is expected")),
    ("date that is TRUE", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, True], refused("#VALUE!", "a date is expected")),
    ("date answered", "AUTOMATIC_CONVERSION", [[["id", "PRICESMART-B"], ["conversion.automatic.date", DAY(2013, 7, 9)]]], DAY(2013, 7, 9)),
    # a choice, yes or no, a whole number, a text
    ("choice", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, "2004-03-11", N, "pre_open"], 20),
    ("choice in other letters", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, "2004-03-11", N, "Pre Open"], 20),
    ("choice there is not", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, "2004-03-11", N, "noon"], refused("#VALUE!", "argument 'time_of_day': one of pre_open, open, post_open, intraday, pre_close, close is expected; found 'noon'")),
    ("choice that is a number", "ACCRUED_DIVIDENDS", ["PRICESMART-B", "2004-02-16", "2003-07-09", *skipped(5), 1], refused("#VALUE!", "argument 'part': one of total, running, arrears, on_arrears is expected; found 1")),
    ("yes", "IS_LIQUIDATION", ["PRICESMART-B", "merger", True], True),
    ("no", "IS_LIQUIDATION", ["PRICESMART-B", "merger", False], False),
    ("yes as a number", "IS_LIQUIDATION", ["PRICESMART-B", "merger", 1], True),
    ("no as a number", "IS_LIQUIDATION", ["PRICESMART-B", "merger", 0], False),
    ("yes as a word", "IS_LIQUIDATION", ["PRICESMART-B", "merger", "Yes"], True),
    ("no as a word", "IS_LIQUIDATION", ["PRICESMART-B", "merger", "no"], False),
    ("neither yes nor no", "IS_LIQUIDATION", ["PRICESMART-B", "merger", "maybe"], refused("#VALUE!", "argument 'winding_up': TRUE or FALSE is expected; found 'maybe'")),
    ("neither one nor zero", "IS_LIQUIDATION", ["PRICESMART-B", "merger", 2], refused("#VALUE!", "TRUE or FALSE is expected; found 2")),
    # (16 + 17 + 18) / 3 = 17
    ("whole number", "AVERAGE_CLOSE", ["PRICESMART-B", [["date", "close"], ["2004-06-01", 16], ["2004-06-02", 17], ["2004-06-03", 18]], "2004-06-04", 3], 17),
    ("whole number as text", "AVERAGE_CLOSE", ["PRICESMART-B", [["date", "close"], ["2004-06-01", 16], ["2004-06-02", 17], ["2004-06-03", 18]], "2004-06-04", "3"], 17),
    ("whole number that is none", "AVERAGE_CLOSE", ["PRICESMART-B", CLOSES, "2004-06-04", 2.5], refused("#VALUE!", "argument 'days': a whole number is expected; found 2.5")),
    ("text", "TERM", ["PRICESMART-B", "dividend.rate"], 0.08),
    ("text with spaces around", "TERM", ["PRICESMART-B", "  dividend.rate "], 0.08),
    ("text that is a number", "TERM", ["PRICESMART-B", 8], refused("#N/A", "8")),
    # a certificate: its name, a block, a whole block
    ("certificate in small letters", "TERM", ["pricesmart-b", "id"], "PRICESMART-B"),
    ("certificate there is not", "TERM", ["PRICESMART-C", "id"], refused("#VALUE!", "terms: no certificate is called 'PRICESMART-C'; did you mean 'PRICESMART-B'? Known are ")),
    ("certificate left out", "TERM", [N, "id"], refused("#VALUE!", "argument 'terms': is required")),
    ("certificate in a range of one cell", "TERM", [[["PRICESMART-B"]], "id"], "PRICESMART-B"),
    ("certificate beside a blank", "TERM", [[["PRICESMART-B", N]], "id"], "PRICESMART-B"),
    # 1,000 x 6% x 45 / 360 = 7.50
    ("block of terms", "ACCRUED_DIVIDENDS", [BLOCK, "2004-02-16", "2003-07-09"], 7.5),
    ("block of terms with a header", "ACCRUED_DIVIDENDS", [[["field", "value"], *BLOCK], "2004-02-16", "2003-07-09"], 7.5),
    ("block of terms with blank rows", "ACCRUED_DIVIDENDS", [[*BLOCK, [N, N]], "2004-02-16", "2003-07-09"], 7.5),
    ("whole block of terms", "ACCRUED_DIVIDENDS", [WHOLE_BLOCK, "2004-02-16", "2003-07-09"], 7.5),
    ("whole block of terms given back", "TERM", [WHOLE_BLOCK, "dividend.rate"], 0.06),
    ("block with a field there is not", "TERM", [[["id", "PRICESMART-B"], ["dividend.rat", 0.06]], "id"], refused("#VALUE!", "terms: dividend.rat: this key is not known; did you mean 'rate'?")),
    ("block with a value that does not fit", "TERM", [[["id", "PRICESMART-B"], ["dividend.rate", "six"]], "id"], refused("#VALUE!", "terms: dividend.rate: a number is expected; found 'six'")),
    ("block without an id", "TERM", [[["dividend.rate", 0.06], ["name", "x"]], "id"], refused("#VALUE!", "terms: the block has no field 'id'")),
    ("block with an error in it", "TERM", [[["id", "PRICESMART-B"], ["dividend.rate", CellError("#REF!")]], "id"], refused("#REF!", "#REF!")),
    # a table
    ("table in another order of columns", "CONVERSION_PRICE", ["PRICESMART-B", [["shares", "date", "event", "common_outstanding"], [7e5, "2004-03-10", "stock_dividend", 7e6]], "2004-03-11"], 18.18),
    ("table with headers as people write them", "CONVERSION_PRICE", ["PRICESMART-B", [["Event", "Date", "Common outstanding", "Shares"], ["Stock dividend", "2004-03-10", 7e6, 7e5]], "2004-03-11"], 18.18),
    ("table with hard spaces in its headers", "CONVERSION_PRICE", ["PRICESMART-B", [["event\xa0", "date", "common\xa0outstanding", "shares"], ["stock\xa0dividend", "2004-03-10", 7e6, 7e5]], "2004-03-11"], 18.18),
    ("table with dates of every form", "CONVERSION_PRICE", ["PRICESMART-B", [["event", "date", "ratio"], ["split", "2004-06-14", 2], ["split", DAY(2004, 7, 14), 2], ["split", 38250, 2]], "2005-01-01"], 2.5),
    ("table with numbers as text", "CONVERSION_PRICE", ["PRICESMART-B", [["event", "date", "ratio"], ["split", "2004-06-14", "2"]], "2005-01-01"], 10),
    ("table with blank rows", "CONVERSION_PRICE", ["PRICESMART-B", [["event", "date", "ratio"], [N, N, N], ["split", "2004-06-14", 2], [N, N, N]], "2005-01-01"], 10),
    ("table with a blank column", "CONVERSION_PRICE", ["PRICESMART-B", [["event", "date", N, "ratio"], ["split", "2004-06-14", N, 2]], "2005-01-01"], 10),
    ("table with a header alone", "CONVERSION_PRICE", ["PRICESMART-B", [["event", "date", "ratio"]], "2005-01-01"], 20),
    ("table of blanks", "CONVERSION_PRICE", ["PRICESMART-B", [[N, N], [N, N]], "2005-01-01"], 20),
    ("table left out", "CONVERSION_PRICE", ["PRICESMART-B", N, "2005-01-01"], 20),
    ("table with a choice as people write it", "WATERFALL", [100e6, [["class", "kind", "shares"], ["Common", "Common", 1000]]], [["Class", "Payout"], ["Common", 100e6]]),
    ("table without a column it needs", "CONVERSION_PRICE", ["PRICESMART-B", [["event", "ratio"], ["split", 2]], "2005-01-01"], refused("#VALUE!", "events: column 'date' is missing")),
    ("table with a column twice", "CONVERSION_PRICE", ["PRICESMART-B", [["event", "date", "ratio", "ratio"], ["split", "2004-06-14", 2, 2]], "2005-01-01"], refused("#VALUE!", "events: column 'ratio' stands there twice; keep one")),
    ("table with a column there is not", "CONVERSION_PRICE", ["PRICESMART-B", [["event", "date", "ratoi"], ["split", "2004-06-14", 2]], "2005-01-01"], refused("#VALUE!", "events: column 'ratoi' is not known; did you mean 'ratio'?")),
    ("table with a number that is none", "CONVERSION_PRICE", ["PRICESMART-B", [["event", "date", "ratio"], ["split", "2004-06-14", "two"]], "2005-01-01"], refused("#VALUE!", "events row 1, column 'ratio': a number is expected; found 'two'")),
    ("table with a date that is none", "CONVERSION_PRICE", ["PRICESMART-B", [["event", "date", "ratio"], ["split", 38000, 2], ["split", "June", 2]], "2005-01-01"], refused("#VALUE!", "events row 2, column 'date': a date is expected")),
    ("table with a blank where there must be something", "CONVERSION_PRICE", ["PRICESMART-B", [["event", "date", "ratio"], ["split", "2004-06-14", N]], "2005-01-01"], refused("#VALUE!", "events row 1, column 'ratio': is blank")),
    ("table with a word there is not", "CONVERSION_PRICE", ["PRICESMART-B", [["event", "date", "ratio"], ["splitt", "2004-06-14", 2]], "2005-01-01"], refused("#VALUE!", "found 'splitt'; did you mean 'split'?")),
    ("table with a count below zero", "WATERFALL", [100, [["class", "kind", "shares"], ["Common", "common", -5]]], refused("#VALUE!", "cap_table row 1, column 'shares': must be 0 or more; found -5")),
    ("table with an error in it", "CLOSING_PRICE", ["PRICESMART-B", [["date", "close"], ["2004-06-01", 16], ["2004-06-02", CellError("#N/A")]], "2004-06-01"], refused("#N/A", "prices row 2, column 'close': the cell holds the error #N/A")),
    ("table with an error in its header", "CONVERSION_PRICE", ["PRICESMART-B", [["event", "date", CellError("#NAME?")], ["split", "2004-06-14", 2]], "2005-01-01"], refused("#NAME?", "#NAME?")),
    # one column, one row, one cell
    # 5% of 17,000,000 is 850,000, of 17,400,000 870,000
    ("column of numbers", "EXEMPT_BASKET", ["VALUESTAR-B", [[400000], [300000]], [[17e6], [17.4e6]]], [["Shares", "Limit", "Used before", "Exempt", "Counted"], [400000, 850000, 0, 400000, 0], [300000, 870000, 400000, 300000, 0]]),
    ("row of numbers", "EXEMPT_BASKET", ["VALUESTAR-B", [[400000, 300000]], [[17e6, 17.4e6]]], [["Shares", "Limit", "Used before", "Exempt", "Counted"], [400000, 850000, 0, 400000, 0], [300000, 870000, 400000, 300000, 0]]),
    ("one cell for numbers", "EXEMPT_BASKET", ["VALUESTAR-B", 400000, 17e6], [["Shares", "Limit", "Used before", "Exempt", "Counted"], [400000, 850000, 0, 400000, 0]]),
    ("columns of different length", "EXEMPT_BASKET", ["VALUESTAR-B", [[400000], [300000]], 17e6], refused("#VALUE!", "argument 'fully_diluted': 2 issues and 1 counts: give one count for each issue")),
    ("column with a text in it", "EXEMPT_BASKET", ["VALUESTAR-B", [[400000], ["many"]], [[17e6], [17.4e6]]], refused("#VALUE!", "argument 'shares', row 2, column 1: a number is expected; found 'many'")),
    ("column with an error in it", "EXEMPT_BASKET", ["VALUESTAR-B", [[400000], [CellError("#NUM!")]], [[17e6], [17.4e6]]], refused("#NUM!", "argument 'shares', row 2, column 1")),
    # 33 of 200 shares: 16.5, 8.25, 8.25; whole shares 16, 8, 8, the one left to the largest remainder
    ("column of share counts with a blank", "REDEMPTION_ALLOCATION", ["PRICESMART-B", [[100], [N], [50], [50]], 33], [["Held", "Redeemed", "Left", "Amount"], [100, 17, 83, N], [N, N, N, N], [50, 8, 42, N], [50, 8, 42, N]]),
    ("share counts in two columns", "REDEMPTION_ALLOCATION", ["PRICESMART-B", [[100, 1], [50, 2]], 33], refused("#VALUE!", "one column of share counts is expected, a row for each holder")),
    ("share count below zero", "REDEMPTION_ALLOCATION", ["PRICESMART-B", [[100], [-50]], 33], refused("#VALUE!", "must be zero or more; found -50")),
    # 17.50 x 4 / 1.75 = 40; 17.50 x 8 / 3.50 = 40
    ("one price for all rows", "CONVERSION_SHARES", ["VALUESTAR-B", [[4], [8]], 1.75], [["Preferred", "Exact shares", "Rounded shares", "Whole shares", "Fraction", "Cash for fraction", "Accrued cash"], [4, 40, 40, 40, 0, 0, 0], [8, 80, 80, 80, 0, 0, 0]]),
    ("a price for each row", "CONVERSION_SHARES", ["VALUESTAR-B", [[4], [8]], [[1.75], [3.5]]], [["Preferred", "Exact shares", "Rounded shares", "Whole shares", "Fraction", "Cash for fraction", "Accrued cash"], [4, 40, 40, 40, 0, 0, 0], [8, 40, 40, 40, 0, 0, 0]]),
    ("prices that are too few", "CONVERSION_SHARES", ["VALUESTAR-B", [[4], [8], [2]], [[1.75], [3.5]]], refused("#VALUE!", "argument 'price': has 2 rows beside 3 of shares")),
    # 1 April and 1 July 2004 are Thursdays; a quarter pays 1,000 x 8% / 4 = 20
    ("holidays in a column", "DIVIDEND_SCHEDULE", ["PRICESMART-B", "2004-04-01", "2004-07-31", "2003-07-09", [["2004-04-01"], [DAY(2004, 7, 1)], [N]]], [["Nominal", "Payment", "Record", "Days", "Dividend"], [DAY(2004, 4, 1), DAY(2004, 4, 2), DAY(2004, 3, 15), 90, 20], [DAY(2004, 7, 1), DAY(2004, 7, 2), DAY(2004, 6, 15), 90, 20]]),
    ("holidays in a row", "DIVIDEND_SCHEDULE", ["PRICESMART-B", "2004-04-01", "2004-07-31", "2003-07-09", [["2004-04-01", N, 38169]]], [["Nominal", "Payment", "Record", "Days", "Dividend"], [DAY(2004, 4, 1), DAY(2004, 4, 2), DAY(2004, 3, 15), 90, 20], [DAY(2004, 7, 1), DAY(2004, 7, 2), DAY(2004, 6, 15), 90, 20]]),
    ("holiday that is no date", "DIVIDEND_SCHEDULE", ["PRICESMART-B", "2004-04-01", "2004-07-31", "2003-07-09", [["2004-04-01"], ["Christmas"]]], refused("#VALUE!", "argument 'holidays', row 2, column 1: a date is expected")),
    ("words in one cell", "PRICED_ROUND", [SERIES, 3e6, 12e6, *skipped(7), "broad_based", "common, series"], ...),
    ("words in a column", "PRICED_ROUND", [SERIES, 3e6, 12e6, *skipped(7), "broad_based", [["common"], ["series"]]], ...),
    ("word that is not counted", "PRICED_ROUND", [SERIES, 3e6, 12e6, *skipped(7), "broad_based", "everything"], refused("#VALUE!", "argument 'count': the words are common, series, preferred, options, convertibles, reserved_pool; found 'everything'")),
]  # fmt: skip

# An error that a cell holds comes back as itself.
CARRIED: list[Question] = [
    (f"error {code} in an argument", "SPLIT_ADJUSTED_PRICE", [20, CellError(code)], refused(code, f"argument 'ratio': the cell holds the error {code}"))
    for code in ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
]  # fmt: skip
CARRIED += [
    ("error for a certificate", "TERM", [CellError("#REF!"), "id"], refused("#REF!", "#REF!")),
    ("error for a date", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, CellError("#N/A")], refused("#N/A", "argument 'as_of'")),
    ("error for a choice", "CONVERSION_PRICE", ["PRICESMART-B", DIVIDEND, "2004-03-11", N, CellError("#NAME?")], refused("#NAME?", "argument 'time_of_day'")),
    ("error for yes or no", "IS_LIQUIDATION", ["PRICESMART-B", "merger", CellError("#DIV/0!")], refused("#DIV/0!", "argument 'winding_up'")),
    ("error for a text", "TERM", ["PRICESMART-B", CellError("#NULL!")], refused("#NULL!", "argument 'field'")),
    ("error for a table", "CONVERSION_PRICE", ["PRICESMART-B", CellError("#REF!"), "2004-03-11"], refused("#REF!", "#REF!")),
    ("error for a name", "WATERFALL", [200e6, HOLDINGS, CellError("#VALUE!")], refused("#VALUE!", "argument 'payee'")),
    ("error for a column", "CONVERSION_SHARES", ["VALUESTAR-B", 4, CellError("#NUM!")], refused("#NUM!", "argument 'price'")),
    ("argument left out at the end", "SPLIT_ADJUSTED_PRICE", [20], refused("#VALUE!", "argument 'ratio': is required: new shares for each old one")),
    ("argument left out in front", "SPLIT_ADJUSTED_PRICE", [N, 2], refused("#VALUE!", "argument 'price': is required: conversion price before the event")),
    ("all arguments left out", "FULL_RATCHET_PRICE", [], refused("#VALUE!", "argument 'price': is required")),
    ("table left out that must be there", "WATERFALL", [200e6, N], refused("#VALUE!", "argument 'cap_table': is required")),
    ("one argument too many", "SPLIT_ADJUSTED_PRICE", [20, 2, 3], refused("#VALUE!", "takes at most 2 arguments (price, ratio); found 3")),
    ("an argument where there is none", "CERTIFICATES", ["PRICESMART-B"], refused("#VALUE!", "takes at most 0 arguments")),
]  # fmt: skip


RARER: list[Question] = [
    # the conversion price; DIVIDEND moves 20 to 18.18, a split of two for one halves it
    ("initial price of shares of their own", "INITIAL_CONVERSION_PRICE", ["PATRON-B", DAY(2006, 10, 28), PATRON_DAYS], 1.95),
    ("initial price without the day it needs", "INITIAL_CONVERSION_PRICE", ["PATRON-B", N, PATRON_DAYS], refused("#VALUE!", "argument 'issue_date': is required")),
    ("initial price before a split", "INITIAL_CONVERSION_PRICE", ["PATRON-B", "2006-10-28", PATRON_DAYS, [["event", "date", "ratio"], ["split", "2007-06-14", 2]]], 1.95),
    ("price from closing prices", "CONVERSION_PRICE", ["PRICESMART-B", PAID_OUT, "2004-07-02", CLOSES], 17.5),
    ("price without the closing prices it needs", "CONVERSION_PRICE", ["PRICESMART-B", PAID_OUT, "2004-07-02"], refused("#N/A", "events row 1: 30 closing prices before 2004-07-01 are needed (VI.E(6)(b)); it has 0")),
    ("price from a cap table", "CONVERSION_PRICE", ["PRICESMART-B", UNCOUNTED, "2004-03-11", *skipped(5), HOLDINGS], 18.18),
    ("price as known then", "CONVERSION_PRICE", ["PRICESMART-B", NAMED, "2005-06-20", N, N, "2005-06-20"], 10),
    ("price as known later", "CONVERSION_PRICE", ["PRICESMART-B", NAMED, "2005-06-20", N, N, "2005-07-20"], 5),
    ("price from an initial price", "CONVERSION_PRICE", ["PATRON-B", PATRON_UNCOUNTED, "2007-12-31", PATRON_DAYS, "close", "2007-12-31", "2006-10-28", 2.2, PATRON], 2),
    ("initial price of one price for all", "CONVERSION_PRICE", ["PRICESMART-B", SPLIT, "2005-01-01", *skipped(4), 30], refused("#VALUE!", "argument 'initial_price': PRICESMART-B has one price for all its shares; leave it blank")),
    ("price of shares of their own", "CONVERSION_PRICE", ["PATRON-B", N, "2006-11-01", PATRON_DAYS, N, N, "2006-10-28"], 1.95),
    ("price before the issue", "CONVERSION_PRICE", ["PATRON-B", N, "2006-10-27", PATRON_DAYS, N, N, "2006-10-28"], refused("#VALUE!", "as_of: 2006-10-27 is before the shares were issued (2006-10-28)")),
    # a split is effective after the opening of the day after
    ("price at the opening", "CONVERSION_PRICE", ["PRICESMART-B", SPLIT, "2004-06-15", N, "open"], 20),
    ("price after the opening", "CONVERSION_PRICE", ["PRICESMART-B", SPLIT, "2004-06-15", N, "post_open"], 10),
    ("carried, with everything given", "CARRIED_ADJUSTMENT", ["PATRON-B", PATRON_UNCOUNTED, "2007-12-31", PATRON_DAYS, "close", "2007-12-31", "2006-10-28", 2.2, PATRON], 0),
    ("history, with everything given", "CONVERSION_HISTORY", ["PATRON-B", PATRON_UNCOUNTED, PATRON_DAYS, "2007-12-31", "2007-12-31", "2006-10-28", 2.2, PATRON], ...),
    ("history of nothing", "CONVERSION_HISTORY", ["PRICESMART-B"], ...),
    ("certificate of an event", "ADJUSTMENT_CERTIFICATE", ["PRICESMART-B", NAMED, "2005-12-31", N, "one"], ...),
    ("certificate, with everything given", "ADJUSTMENT_CERTIFICATE", ["PATRON-B", PATRON_UNCOUNTED, "2007-12-31", PATRON_DAYS, N, "2007-12-31", "2006-10-28", 2.2, PATRON], ...),
    ("certificate of an event there is not", "ADJUSTMENT_CERTIFICATE", ["PRICESMART-B", NAMED, "2005-12-31", N, "three"], refused("#N/A", "argument 'event_id': no event has the id 'three'; there are one, two")),
    ("certificate of nothing", "ADJUSTMENT_CERTIFICATE", ["PRICESMART-B", SPLIT, "2004-06-01"], refused("#N/A", "argument 'as_of': nothing changed the conversion price up to 2004-06-01")),
    ("statement, with everything given", "CONVERSION_STATEMENT", ["PATRON-B", PATRON_UNCOUNTED, "2007-12-31", PATRON_DAYS, "2007-12-31", "2006-10-28", 2.2, PATRON], ...),
    ("reduction that is too short", "PRICE_REDUCTION_TEST", ["PRICESMART-B", DAY(2004, 8, 1), 38210, "2004-07-30"], ...),
    # single adjustments
    # 20 x (16 x 7,000,000 - 12,000,000) / (16 x 6,500,000) = 20 x 100 / 104
    ("tender", "TENDER_ADJUSTED_PRICE", [20, 16, 7e6, 12e6, 500000], 2000 / 104),
    ("tender for everything", "TENDER_ADJUSTED_PRICE", [20, 16, 7e6, 12e6, 7e6], refused("#NUM!", "the shares purchased (7,000,000) must be fewer than those outstanding (7,000,000)")),
    # (100,000 + 200,000 + 300,000 + 50,000 - 40,000 - 10,000) / 200,000 = 3
    ("effective price of everything", "EFFECTIVE_PRICE", [200000, 100000, 200000, 300000, 50000, 40000, 10000], 3),
    ("effective price in the middle", "EFFECTIVE_PRICE", [200000, N, 200000], 1),
    ("effective price of more than was received", "EFFECTIVE_PRICE", [200000, 100000, N, N, N, 150000], refused("#NUM!", "argument 'allocated_elsewhere': is more than everything received")),
    ("average of an issue above the price", "WEIGHTED_AVERAGE_PRICE", [5, 800000, 200000, 2e6], 5),
    ("counted by a ratchet", "DEEMED_OUTSTANDING", ["PATRON-B", VALUESTAR, 2.4], refused("#N/A", "PATRON-B: 3(e)(vi)A: a full ratchet counts no shares")),
    ("exemptions of a certificate", "EXEMPTIONS", ["PATRON-B"], ...),
    ("exemption there is not", "EXEMPTIONS", ["VALUESTAR-B", "friends"], refused("#N/A", "the certificate has no exemption 'friends'")),
    # rounds
    ("round at a price", "PRICED_ROUND", [SERIES, 3e6, N, 1.5], ...),
    ("round with the adjustment on top", "PRICED_ROUND", [SERIES, 3e6, 12e6, N, False, *skipped(5), "full_ratchet"], ...),
    ("round with everything given", "PRICED_ROUND", [POOLED, 3e6, 12e6, N, True, [["instrument", "amount", "discount"], ["SAFE 1", 500000, 0.2]], [["class", "strike"], ["Options", 1.2]], 0.1, 50000, N, "broad_based", "common, series", "Series A", False, 4], ...),
    ("round under a block of terms", "PRICED_ROUND", [VALUESTAR, 1e6, N, 1.25, *skipped(11), [["id", "VALUESTAR-B"]]], ...),
    ("round of exempt shares", "PRICED_ROUND", [VALUESTAR, 1e6, N, 1.25, *skipped(5), "employees"], ...),
    ("round of an exemption there is not", "PRICED_ROUND", [VALUESTAR, 1e6, N, 1.25, *skipped(5), "friends"], refused("#N/A", "argument 'exempt': the certificate has no exemption 'friends'")),
    ("round without a price", "PRICED_ROUND", [SERIES, 3e6], refused("#VALUE!", "argument 'pre_money': give the pre-money valuation, or the price of a new share, and not both")),
    ("round that no price pays for", "PRICED_ROUND", [SERIES, 3e6, 1e6, *skipped(7), "full_ratchet"], refused("#NUM!", "argument 'pre_money': no price fits")),
    ("round for a class there is not", "PRICED_ROUND", [SERIES, 3e6, 12e6, *skipped(7), "full_ratchet", N, "Series Z"], refused("#N/A", "argument 'series': the cap table has no preferred class 'Series Z'")),
    ("round compared with everything given", "PRICED_ROUND_COMPARED", [POOLED, 3e6, 12e6, N, True, [["instrument", "amount", "discount"], ["SAFE 1", 500000, 0.2]], [["class", "strike"], ["Options", 1.2]], 0.1, 50000, N, "common, series, options", "series", "Series A", False, 4], ...),
    ("round compared under a block of terms", "PRICED_ROUND_COMPARED", [VALUESTAR, 1e6, N, 1.25, *skipped(5), "employees", *skipped(5), [["id", "VALUESTAR-B"]]], ...),
    # the market
    ("closing price that is not there", "CLOSING_PRICE", ["PRICESMART-B", CLOSES, "2004-08-01"], refused("#N/A", "prices: the price table has no row for 2004-08-01")),
    ("closing price from bid and asked", "CLOSING_PRICE", ["PRICESMART-B", [["date", "close", "otc_bid", "otc_ask"], ["2004-06-01", N, 15, 16]], "2004-06-01"], 15.5),
    ("closing price of no table", "CLOSING_PRICE", ["PRICESMART-B", N, "2004-06-01"], refused("#N/A", "prices: the price table has no row for 2004-06-01")),
    ("average of the days of the certificate", "AVERAGE_CLOSE", ["PRICESMART-B", CLOSES, "2004-07-01"], 16),
    # 32 before the ex-date of a split of two for one is 16
    ("market price beside another event", "MARKET_PRICE", ["PRICESMART-B", [["date", "close"], *([day, 32] for day in JUNE[:14]), *([day, 16] for day in [*JUNE[14:], "2004-07-01"])], "2004-07-01", [["event", "date", "ex_date", "ratio", "id"], ["split", "2004-06-14", "2004-06-15", 2, "split"]], N, "2004-07-06"], 16),
    ("market price of an event in the table", "MARKET_PRICE", ["PRICESMART-B", CLOSES, "2004-07-01", [["event", "date", "ex_date", "value", "id"], ["distribution", "2004-07-01", "2004-07-02", 2, "cash"]], "cash"], 16),
    ("market price of an event there is not", "MARKET_PRICE", ["PRICESMART-B", CLOSES, "2004-07-01", SPLIT, "cash"], refused("#N/A", "argument 'event_id': no event has the id 'cash'")),
    ("market price of too few days", "MARKET_PRICE", ["PRICESMART-B", CLOSES[:9], "2004-07-01"], refused("#N/A", "prices: the table ends on 2004-06-08 and has no row for 2004-06-09")),
    ("market price where there is none", "MARKET_PRICE", ["VALUESTAR-B", CLOSES, "2004-07-01"], refused("#N/A", "VALUESTAR-B: market: this certificate defines no market price")),
    ("market price in detail beside another event", "MARKET_PRICE_DETAIL", ["PRICESMART-B", [["date", "close"], *([day, 32] for day in JUNE[:14]), *([day, 16] for day in [*JUNE[14:], "2004-07-01"])], "2004-07-01", [["event", "date", "ex_date", "ratio", "id"], ["split", "2004-06-14", "2004-06-15", 2, "split"]], N, "2004-07-06"], ...),
    ("market price in detail of an event", "MARKET_PRICE_DETAIL", ["PRICESMART-B", CLOSES, "2004-07-01", [["event", "date", "ex_date", "value", "id"], ["distribution", "2004-07-01", "2004-07-02", 2, "cash"]], "cash"], ...),
    ("volumes that are blank", "VOLUME_WEIGHTED_PRICE", ["PATRON-B", [row[:2] for row in PATRON_DAYS], "2006-10-28"], refused("#VALUE!", "prices row 3, column 'volume': is blank")),
    ("fair value of too few days", "FAIR_MARKET_VALUE", ["PATRON-B", PATRON_DAYS, "2006-10-28"], refused("#N/A", "prices: 20 closing prices before 2006-10-28")),
    # conversion
    # (1,000 + 10 + 20) x 2 / 20 = 103
    ("conversion with arrears", "CONVERSION_SHARES", ["PRICESMART-B", 2, 20, 10, 20], [["Preferred", "Exact shares", "Rounded shares", "Whole shares", "Fraction", "Cash for fraction", "Accrued cash"], [2, 103, 103, 103, 0, 0, 0]]),
    # 1,010 x 3 / 20 = 151.5, the half at 16; 1 April pays the dividend, so the accrued one is left out
    ("conversion with closing prices", "CONVERSION_SHARES", ["PRICESMART-B", 3, 20, 10, N, N, CLOSES, "2004-06-30"], [["Preferred", "Exact shares", "Rounded shares", "Whole shares", "Fraction", "Cash for fraction", "Accrued cash"], [3, 151.5, 151.5, 151, 0.5, 8, 0]]),
    ("conversion on a payment date", "CONVERSION_SHARES", ["PRICESMART-B", 3, 20, 10, N, N, N, "2004-04-01", N, [["2004-04-02"]]], [["Preferred", "Exact shares", "Rounded shares", "Whole shares", "Fraction", "Cash for fraction", "Accrued cash"], [3, 150, 150, 150, 0, 0, 0]]),
    ("conversion paid in cash", "CONVERSION_SHARES", ["PRICESMART-B", 3, 20, 10, N, 18.4, N, N, True], [["Preferred", "Exact shares", "Rounded shares", "Whole shares", "Fraction", "Cash for fraction", "Accrued cash"], [3, 150, 150, 150, 0, 0, 30]]),
    ("conversion before a declaration", "CONVERSION_SHARES", ["VALUESTAR-B", 3, 1.75, *skipped(7), "2000-06-01"], [["Preferred", "Exact shares", "Rounded shares", "Whole shares", "Fraction", "Cash for fraction", "Accrued cash"], [3, 30, 30, 30, 0, 0, 0]]),
    ("conversion without a price for the fraction", "CONVERSION_SHARES", ["PRICESMART-B", 3, 20, 10], refused("#VALUE!", "argument 'fraction_price': a fraction of 0.5 share is paid in cash (VI.D)")),
    ("conversion of a broken share", "CONVERSION_SHARES", ["PRICESMART-B", 1.5, 20], refused("#NUM!", "argument 'shares': preferred shares are whole, zero or more; found 1.5")),
    ("conversion at zero", "CONVERSION_SHARES", ["PRICESMART-B", 1, 0], refused("#VALUE!", "argument 'price': must be above zero; found 0")),
    # (1,000 + 10 + 20) / 20 = 51.5
    ("rate with everything given", "CONVERSION_RATE", ["PRICESMART-B", 20, 10, 20, "2004-02-16", [["2004-04-01"]]], 51.5),
    # a called share converts until the close of business
    ("convertible at a time of day", "CAN_CONVERT", ["PRICESMART-B", "2009-01-15", "2009-01-15", "close"], False),
    ("convertible after a default", "CAN_CONVERT", ["PRICESMART-B", "2009-02-16", "2009-01-15", N, True], True),
    ("convertible until paid", "CAN_CONVERT", ["PRICESMART-B", "2009-02-16", "2009-01-15", N, True, "2009-02-10"], False),
    ("convertible before its issue", "CAN_CONVERT", ["PATRON-B", "2006-10-20", *skipped(4), "2006-10-28"], False),
    ("mandatory conversion that does not come", "MANDATORY_CONVERSION_DATE", [[["id", "PATRON-B"], ["conversion.on_price.days", 2]], [["date", "close", "volume"], ["2007-01-03", 6, 9000], ["2007-01-04", 5, 9000]], "2006-12-29", N, "2006-11-01", 2.4], refused("#N/A", "on 2007-01-04 the mean close 5.5 is below 6 (2.5 x 2.4)")),
    # a split of two for one: 2.5 x 1.20 = 3
    ("mandatory conversion after an event", "MANDATORY_CONVERSION_DATE", [[["id", "PATRON-B"], ["conversion.on_price.days", 2]], [["date", "close", "volume"], ["2007-01-03", 3, 9000], ["2007-01-04", 3, 9000]], "2006-12-29", [["event", "date", "ratio"], ["split", "2006-12-01", 2]], "2006-11-01", 2.4, "2007-03-01"], DAY(2007, 1, 4)),
    ("mandatory conversion in detail", "MANDATORY_CONVERSION_DETAIL", [[["id", "PATRON-B"], ["conversion.on_price.days", 2]], [["date", "close", "volume"], ["2007-01-03", 3, 9000], ["2007-01-04", 3, 9000]], "2006-12-29", [["event", "date", "ratio"], ["split", "2006-12-01", 2]], "2006-11-01", 2.4, "2007-03-01"], [["Date", "Mean close", "Needed", "Mean volume", "Needed volume", "Registered", "Converts"], [DAY(2007, 1, 4), 3, 3, 9000, 8334, True, True]]),
    ("automatic conversion in a qualified event", "AUTOMATIC_CONVERSION_TEST", ["VALUESTAR-B", N, N, True, True], ...),
    ("automatic conversion by an offering", "AUTOMATIC_CONVERSION_TEST", ["NVCA-BROAD-BASED", 2, 3, N, N, 30, 60e6, 2], ...),
    ("automatic conversion with too many votes", "AUTOMATIC_CONVERSION_TEST", ["VALUESTAR-B", 4, 3], refused("#NUM!", "argument 'votes_for': must be from zero to the 3 outstanding; found 4")),
    ("automatic conversion on no date", "AUTOMATIC_CONVERSION", ["VALUESTAR-B"], refused("#N/A", "VALUESTAR-B: conversion.automatic: these terms have no automatic conversion on a date")),
    # 100 x 1,030 / 20 = 5,150 at once; 103,000 / 18.18 = 5,665.57: 515 more, and 0.57 x 16 = 9.12
    ("deferred with everything given", "DEFERRED_SHARES", ["PRICESMART-B", 100, 20, 18.18, 10, 20, N, CLOSES, "2004-06-30", [["2004-07-05"]]], [["Now shares", "Now cash", "Deferred shares", "Deferred cash"], [5150, 0, 515, 9.12]]),
    ("deferred at a higher price", "DEFERRED_SHARES", ["PRICESMART-B", 100, 18.18, 20], refused("#NUM!", "argument 'price_after': the price after, 20, is above the price before, 18.18")),
    # 2 x 5,000 / 2.40 = 4,166.7, one holder's, up to 4,167
    ("reserved below par", "RESERVED_SHARES", ["PATRON-B", [[1], [1]], 2.4, *skipped(5), 3, [["Ann"], ["Ann"]]], [["Needed", "Available", "Shortfall", "Price below par"], [4167, N, N, True]]),
    ("outstanding with more in treasury", "COMMON_OUTSTANDING", [100, 200], refused("#NUM!", "argument 'treasury': 200 shares in treasury are more than the 100 issued")),
    ("entitlement with everything given", "ENTITLEMENT", ["PATRON-B", [["event", "date", "shares", "property", "value"], ["stock_dividend", "2007-03-10", 7e5, N, N], ["reorganization", "2007-05-02", N, "Newco stock", 0.5]], "2007-12-31", N, 0, PATRON_DAYS, 3, "2006-10-28", 2.2, "2007-12-31", PATRON], ...),
    # 1,010 / 20 = 50.5 shares, of half a unit each
    ("entitlement to a package", "ENTITLEMENT", ["PRICESMART-B", [["event", "date", "property", "value"], ["reorganization", "2005-05-02", "Newco stock", 0.5]], "2005-06-01", 20, 10], ...),
    ("pay to play where there is none", "PAY_TO_PLAY", ["VALUESTAR-B", [["holder", "shares", "entitled", "bought"], ["Ann", 1000, 200, 50]]], refused("#N/A", "VALUESTAR-B: pay_to_play: these terms ask no holder")),
    # dividends: a quarter of 1,000 at 8% is 20; unpaid, it bears 2% a quarter
    ("dividends running", "ACCRUED_DIVIDENDS", ["PRICESMART-B", "2004-02-16", "2003-07-09", *skipped(5), "running"], 10),
    # 45 days of the next quarter on 1,020: 1,020 x 8% x 45 / 360 = 10.20
    ("dividends unpaid", "ACCRUED_DIVIDENDS", ["PRICESMART-B", "2004-05-16", "2003-07-09", [["2004-04-01"]]], 30.2),
    ("dividends unpaid and the arrears", "ACCRUED_DIVIDENDS", ["PRICESMART-B", "2004-05-16", "2003-07-09", [["2004-04-01"]], *skipped(4), "arrears"], 20),
    # 20 less 5 of arrears; 30 days on 1,020 are 6.80, 15 days on 1,015
    ("dividends paid later", "ACCRUED_DIVIDENDS", ["PRICESMART-B", "2004-05-16", "2003-07-09", [["2004-04-01"]], [["date", "amount"], ["2004-05-01", 5]]], 15 + 6.8 + 1015 * 0.08 * 15 / 360),
    # 1 to 15 January, 14 days: 1,000 x 8% x 14 / 360; in default on to 1 March, 60 days
    ("dividends of a called share", "ACCRUED_DIVIDENDS", ["PRICESMART-B", "2009-03-01", "2003-07-09", N, N, "2009-01-15", "2009-01-10"], 1120 / 360),
    ("dividends of a called share in default", "ACCRUED_DIVIDENDS", ["PRICESMART-B", "2009-03-01", "2003-07-09", N, N, "2009-01-15", "2009-01-10", True], 4800 / 360),
    ("dividends in detail with everything given", "ACCRUED_DIVIDENDS_DETAIL", ["PRICESMART-B", "2009-03-01", "2003-07-09", [["2008-10-01"]], [["date", "amount"], ["2008-11-01", 5]], "2009-01-15", "2009-01-10", False], ...),
    ("dividends before the issue", "ACCRUED_DIVIDENDS", ["PRICESMART-B", "2003-07-08", "2003-07-09"], refused("#NUM!", "argument 'as_of': 2003-07-08 is before the share was issued (2003-07-09)")),
    # 10 x (80 of the year + 20)
    ("preference with arrears", "DIVIDEND_PREFERENCE", ["PRICESMART-B", 10, N, 20], 1000),
    ("arrears that do not count", "DIVIDEND_PREFERENCE", ["VALUESTAR-B", 10, N, 1.4], refused("#VALUE!", "argument 'arrears': the Common need not wait for arrears under this certificate (A.1)")),
    # 1,000 shares of 17.50 at 1.75 are 10,000 of 10,010,000
    ("participation in property", "DIVIDEND_PARTICIPATION", ["VALUESTAR-B", 0, 1000, 1.75, 1.4, N, 1.1e6, 1e7, 990000], ...),
    ("participation in Common", "DIVIDEND_PARTICIPATION", ["PATRON-B", 0.1, [[1], [1]], 2.4, N, [["Ann"], ["Bob"]], *skipped(3), True], ...),
    ("participation where there is none", "DIVIDEND_PARTICIPATION", ["PRICESMART-B", 0.1, 1, 20], refused("#N/A", "PRICESMART-B: dividend.participation: this certificate gives the series no share")),
    ("in kind where it is cash", "PIK_SHARES", ["PRICESMART-B", 500000], refused("#N/A", "PRICESMART-B: dividend.payout: this certificate pays its dividends in cash (III.A)")),
    ("allowed with everything given", "DIVIDEND_ALLOWED", ["PATRON-B", "junior_dividend", True, True, "cash", True], True),
    ("allowed as a repurchase", "DIVIDEND_ALLOWED", ["PRICESMART-B", "junior_repurchase", False, N, "existing_obligation"], True),
    ("allowed without what must be told", "DIVIDEND_ALLOWED", ["PRICESMART-B", "preferred_dividend", True], refused("#VALUE!", "argument 'senior_paid': is required for a payment on the series")),
    # 100 in the ratio of 2 to 1
    ("allocation in cents", "DIVIDEND_ALLOCATION", ["PRICESMART-B", 100, [["class", "accumulated"], ["Series B", 400], ["Parity", 200]]], [["Class", "Accumulated", "Paid", "Still accumulated"], ["Series B", 400, 66.67, 333.33], ["Parity", 200, 33.33, 166.67], ["(left over)", N, 0, N]]),
    ("allocation unrounded", "DIVIDEND_ALLOCATION", ["PRICESMART-B", 100, [["class", "accumulated"], ["Series B", 400], ["Parity", 200]], "none"], [["Class", "Accumulated", "Paid", "Still accumulated"], ["Series B", 400, 200 / 3, 1000 / 3], ["Parity", 200, 100 / 3, 500 / 3], ["(left over)", N, 0, N]]),
    ("transfer of a called share", "TRANSFERS_OPEN", ["PRICESMART-B", "2004-02-02", True], False),
    ("transfer of a surrendered share", "TRANSFERS_OPEN", ["PRICESMART-B", "2004-02-02", N, True], False),
    ("transfer with holidays", "TRANSFERS_OPEN", ["PRICESMART-B", "2004-01-02", N, N, [["2004-01-01"], ["2004-01-02"]]], False),
    # liquidation
    ("event with everything given", "EVENT_PAYS", ["PATRON-B", "change_of_control", False, 60, True, False], ...),
    ("qualified event", "EVENT_PAYS", ["VALUESTAR-B", "merger", N, 40, N, True], ...),
    ("merger without the percentage it needs", "IS_LIQUIDATION", ["VALUESTAR-B", "merger"], refused("#VALUE!", "argument 'percent': is required")),
    ("merger of more than everything", "IS_LIQUIDATION", ["VALUESTAR-B", "merger", N, 150], refused("#NUM!", "argument 'percent': must be from 0 to 100; found 150")),
    # 100,000,000: the preference of 20,000,000 is more than an eighth of it
    ("waterfall", "WATERFALL", [100e6, HOLDINGS], [["Class", "Payout"], ["Common", 80e6], ["Series B", 20e6]]),
    ("waterfall of several exits", "WATERFALL", [[[100e6], [200e6]], HOLDINGS], [["Proceeds", "Common", "Series B"], [100e6, 80e6, 20e6], [200e6, 175e6, 25e6]]),
    ("waterfall for a payee", "WATERFALL", [100e6, HOLDINGS, "Common"], 80e6),
    ("waterfall for a payee there is not", "WATERFALL", [100e6, HOLDINGS, "Series C"], refused("#N/A", "argument 'payee': the cap table has no 'Series C'; it has Common, Series B")),
    ("waterfall in cents", "WATERFALL", [100, [["class", "kind", "shares"], ["A", "common", 1], ["B", "common", 2]]], [["Class", "Payout"], ["A", 33.33], ["B", 66.67]]),
    ("waterfall unrounded", "WATERFALL", [100, [["class", "kind", "shares"], ["A", "common", 1], ["B", "common", 2]], N, "none"], [["Class", "Payout"], ["A", 100 / 3], ["B", 200 / 3]]),
    ("waterfall of nothing", "WATERFALL", [0, HOLDINGS], [["Class", "Payout"], ["Common", 0], ["Series B", 0]]),
    ("waterfall of less than nothing", "WATERFALL", [-1, HOLDINGS], refused("#NUM!", "argument 'proceeds': must be zero or more; found -1")),
    # the options pay 200: 10,000 + 200 over 1,000 shares are 10.20 a share, 8.20 net of the strike
    ("waterfall with the strike added", "WATERFALL", [10000, OPTIONS], [["Class", "Payout"], ["Common", 9180], ["Options", 820]]),
    ("waterfall with the strike included", "WATERFALL", [10000, OPTIONS, *skipped(4), "included"], [["Class", "Payout"], ["Common", 9000], ["Options", 1000]]),
    ("waterfall by class", "WATERFALL", [300, [["class", "holder", "kind", "shares"], ["Common", "Ann", "common", 1], ["Common", "Bob", "common", 2]], *skipped(8), "class"], [["Class", "Payout"], ["Common", 300]]),
    ("waterfall by holder", "WATERFALL", [300, [["class", "holder", "kind", "shares"], ["Common", "Ann", "common", 1], ["Common", "Bob", "common", 2]], *skipped(8), "holder"], [["Holder", "Payout"], ["Ann", 100], ["Bob", 200]]),
    # a split of two for one: the price is 10, the shares 2,000,000 of 9,000,000; 180,000,000 are 20 a share
    ("waterfall at a price from events", "WATERFALL", [180e6, UNPRICED, *skipped(5), SPLIT, "2005-01-01", CLOSES], [["Class", "Payout"], ["Common", 140e6], ["Series B", 40e6]]),
    ("waterfall under a block of terms", "WATERFALL", [100e6, HOLDINGS, *skipped(3), [["id", "PRICESMART-B"], ["liquidation.preference_multiple", 2]]], [["Class", "Payout"], ["Common", 60e6], ["Series B", 40e6]]),
    # no preference: 5,000,000 of 15,000,000 shares
    ("waterfall in a qualified event", "WATERFALL", [100e6, VALUESTAR, N, N, True], [["Class", "Payout"], ["Common", 66666666.67], ["Series B", 33333333.33]]),
    ("cap table without what must be worked out", "WATERFALL", [180e6, [row[:4] for row in HOLDINGS], *skipped(5), SPLIT, "2005-01-01"], refused("#VALUE!", "cap_table row 2, column 'issue_date': is blank: dividends accrue from it (III.A)")),
    ("waterfall in detail with everything given", "WATERFALL_DETAIL", [180e6, UNPRICED, "none", False, [["id", "PRICESMART-B"]], "included", SPLIT, "2005-01-01", CLOSES], ...),
    ("breakpoints with everything given", "BREAKPOINTS", [UNPRICED, False, [["id", "PRICESMART-B"]], "added", SPLIT, "2005-01-01", CLOSES, True], ...),
    # the preference of 10 a share is reached at 10 x 9,000,000
    ("converts with everything given", "CONVERTS_AT", [UNPRICED, "Series B", False, [["id", "PRICESMART-B"]], "added", SPLIT, "2005-01-01", CLOSES], 90e6),
    ("converts, all of them", "CONVERTS_AT", [HOLDINGS], [["Class", "Converts above"], ["Series B", 160e6]]),
    ("converts never", "CONVERTS_AT", [HOLDINGS, "Common"], refused("#N/A", "argument 'payee': 'Common' converts, or is exercised, at no exit")),
    # 25,000,000 / 2,000,000 x 9,000,000
    ("proceeds with everything given", "PROCEEDS_FOR", [25e6, UNPRICED, "Series B", False, [["id", "PRICESMART-B"]], "added", SPLIT, "2005-01-01", CLOSES], 112.5e6),
    ("proceeds for an amount no exit brings", "PROCEEDS_FOR", [1, [["class", "kind", "amount", "shares"], ["Common", "common", N, 100], ["Loan", "debt", 0.5, N]], "Loan"], refused("#N/A", "argument 'amount': no exit brings 'Loan' 1; the most it ever gets is 0.5")),
    ("equilibria with everything given", "EQUILIBRIA", [180e6, UNPRICED, False, [["id", "PRICESMART-B"]], "added", SPLIT, "2005-01-01", CLOSES], ...),
    ("stages with everything given", "WATERFALL_STAGES", [[["payment", "amount"], ["closing", 150e6], ["escrow", 50e6]], UNPRICED, "none", False, [["id", "PRICESMART-B"]], "added", SPLIT, "2005-01-01", CLOSES], ...),
    ("cap table without a class", "WATERFALL", [100, [["kind", "shares"], ["common", 5]]], refused("#VALUE!", "cap_table: column 'class' is missing")),
    ("cap table with a kind there is not", "WATERFALL", [100, [["class", "kind", "shares"], ["Common", "comon", 5]]], refused("#VALUE!", "cap_table row 1, column 'kind': did you mean 'common'?")),
    # redemption
    ("redemption before its first day", "REDEMPTION_PRICE", [[["id", "PRICESMART-B"], ["redemption.first_date", "2008-07-09"]], "2008-07-08", True], refused("#NUM!", "argument 'redemption_date': the shares cannot be redeemed before 2008-07-09 (V.A); found 2008-07-08")),
    ("redemption where there is none", "REDEMPTION_PRICE", ["VALUESTAR-B", "2008-07-09"], refused("#N/A", "VALUESTAR-B: redemption: these terms give no right to redeem")),
    ("redemption on dates that are open", "REDEMPTION_SCHEDULE", ["REDEMPTION-3-INSTALMENTS", 300], refused("#VALUE!", "REDEMPTION-3-INSTALMENTS: redemption.instalments.first.date: the certificate leaves this date open")),
    ("redemption in instalments with dividends", "REDEMPTION_SCHEDULE", [[["id", "REDEMPTION-3-INSTALMENTS"], *([f"redemption.instalments.{word}.date", DAY(2030 + year, 1, 31)] for year, word in enumerate(["first", "second", "third"]))], 300, [[1], [2], [3]]], ...),
    # 100 of 200 shares for 50,000 at 1,000 each: 50, which are 25, 12.5 and 12.5
    ("redemption of what the funds pay", "REDEMPTION_ALLOCATION", ["PRICESMART-B", [[100], [50], [50]], 100, 1000, 50000], [["Held", "Redeemed", "Left", "Amount"], [100, 25, 75, 25000], [50, 13, 37, 13000], [50, 12, 38, 12000]]),
    ("redemption of more than there is", "REDEMPTION_ALLOCATION", ["PRICESMART-B", [[10]], 33], refused("#NUM!", "argument 'shares': must be a number of whole shares from zero to the 10 held; found 33")),
    # governance
    ("notice with everything given", "NOTICE_DATES", ["VALUESTAR-B", "record_date", DAY(2000, 5, 1), [["2000-04-10"]], "3"], ...),
    ("notice of an occasion there is not", "NOTICE_DATES", ["PRICESMART-B", "birthday", "2009-01-15"], refused("#N/A", "argument 'occasion': the certificate has no notice 'birthday'; known are liquidation_payment")),
    # 1,000 x 17.50 / 1.75
    ("votes with dividends", "VOTES", ["VALUESTAR-B", 1000, 1.75, 0], 10000),
    ("votes without the price they need", "VOTES", ["PATRON-B", 1000], refused("#VALUE!", "argument 'price': is required: a share votes as the Common it converts into (1)")),
    ("seats that are too few", "DIRECTOR_SEATS", ["VALUESTAR-B", 1, [["class", "shares"], ["Series A", 600000], ["Series B", 300000]]], refused("#NUM!", "argument 'board': the classes elect 3 directors, more than the 1 there are")),
    ("authorized and overdrawn", "AUTHORIZED_REMAINING", ["PATRON-B", 1900, 50, 100], refused("#NUM!", "argument 'proposed': 100 shares are 50 more than the 50 that may still be issued of the 2,000 authorised")),
    ("consent with more votes than shares", "CONSENT_MET", ["PRICESMART-B", "adverse_change", 20001, 20000], refused("#NUM!", "argument 'votes_for': must be from zero to the 20,000 outstanding; found 20,001")),
    ("consent to a matter there is not", "CONSENT_MET", ["PRICESMART-B", "lunch", 1, 2], refused("#N/A", "argument 'matter': the certificate has no consent for 'lunch'")),
    ("term there is not", "TERM", ["PRICESMART-B", "dividend.rat"], refused("#N/A", "argument 'field': PRICESMART-B has no field 'dividend.rat'; did you mean 'dividend.rate'?")),
    ("terms of a block", "TERMS", [BLOCK], ...),
    ("terms after a split of zero", "TERMS_AT", ["VALUESTAR-B", 0], refused("#VALUE!", "argument 'ratio': must be above zero; found 0")),
]  # fmt: skip

QUESTIONS: list[Question] = [*KINDS, *CARRIED, *RARER]
