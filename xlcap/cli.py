"""The command line. Commands import what they need when they run: answering a function must not wait for pandas."""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from xlcap import __version__
from xlcap.addins import declare
from xlcap.errors import XlcapError, nearest

if TYPE_CHECKING:
    from xlcap.batch import Batch, Outcome, Report
    from xlcap.functions import Argument, Function

DONE, USAGE, BUG, INTERRUPTED = 0, 2, 70, 130

_BATCH_EXTRA = ("formualizer", "lxml", "openpyxl", "pandas", "pyarrow", "tqdm")
_EXCEL_EXTRA = ("pyopenvba", "xlwings")

_EXIT_CODES = """\
exit codes:
  0    all done
  1    done, but some rows failed (or, for `terms`, some files cannot be read; for `check`, there are problems)
  2    nothing done: the command, the template, the rows, a table or the output names are at fault
  3    all written, but formulas in some workbooks show errors
  70   a bug in xlcap
  130  interrupted; no file is half written
"""

_FILL = """\
Make one workbook for each row of ROWS, with TEMPLATE's formulas live and their values in place, without Excel.

Columns of ROWS are the template's input names (its named cells), in any case and order. A blank leaves what the
template holds. A column that is no input must be used in the output's name or to choose the rows of a table. Files
are .csv (comma separated, UTF-8), .parquet, .xlsx or .xlsm; of a workbook the first sheet is read, or the one after
a '#': book.xlsx#Sheet2. Numbers stay exact, dates are written 2004-06-30, and text that begins with = + - or @ stays
text. A workbook is written beside its target and moved into place, so a file is old or new and never half written.

  xlcap fill template.xlsx --rows reports.csv --out reports --table Events=events.csv:report --name '{report} {as_of}'
"""

_TABLE = """\
fill the template's table NAME with the rows of FILE, whose columns are the table's; the table grows or shrinks. With
KEY, a report gets the rows whose column KEY equals its own column COLUMN (KEY, if not told). Repeat for each table.
"""

_CALL = """\
Read one JSON array of arguments a line from standard input, and print one JSON answer a line.

A range is an array of rows, a date a text such as "2004-06-30", a blank null, an error in a cell {"error": "#N/A"}. The
answer is {"value": ...} in the same form, or {"error": {"code", "message", "where"}}. Decimals are read exactly. A line
that is not a JSON array is answered by an error; a blank line is skipped. The exit code is 0 when every line is
answered, be it by errors: look for "error" in the answers.

  echo '[20, 2]' | xlcap call SPLIT_ADJUSTED_PRICE
"""

_CERTIFICATE = """\
Write the certificate of an adjustment of the conversion price that a company owes its holders: the event, the facts,
the computation, the price, what a share converts into, and the adjustments so far.

CERTIFICATE is the name of one of `xlcap terms`, or the path of a .toml file. Tables are .csv, .parquet, .xlsx or .xlsm,
as for `xlcap fill`. Without --out the certificate is printed as a text; with it, the name says the form: .xlsx, laid
out to be printed, .txt or .md.

  xlcap certificate PRICESMART-B --events events.csv --as-of 2004-12-31 --prices prices.csv --out certificate.xlsx
"""

_CHECK = """\
List what workbooks ask of xlcap: the calls of its functions and the form each is stored in, the inputs and tables that
`xlcap fill` can set, and the problems: names close to a function's, arguments missing or too many, links that lead
nowhere or elsewhere, formulas that cannot be computed without Excel.

The exit code is 0 where there is no problem, 1 where there are some, 2 where a file cannot be read.

  xlcap check workbooks/*.xlsx
"""

_CONVERT = """\
Write FILE anew with every call of xlcap's functions stored in one form, so that a model made in one program works in
another:

  plain         WATERFALL(...)                 VBA in the workbook itself; `xlcap fill` and the shipped templates
  xlam          [1]!WATERFALL(...)             Excel's add-in xlcap.xlam, with a link to it
  xll           _xll.WATERFALL(...)            an add-in that is a library (PyXLL, Excel-DNA)
  officejs      _xldudf_XLCAP_WATERFALL(...)   xlwings Lite: Excel on Windows, Mac and the web
  libreoffice   XLCAP.WATERFALL(...)           LibreOffice Calc

Nothing else in the file changes: every cell keeps its value, spills go on spilling. What cannot be converted without
changing what it means is refused by name, and nothing is written.

  xlcap convert model.xlsx --to officejs --out model-web.xlsx
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}; see `{self.prog} --help`\n")


def _parser() -> argparse.ArgumentParser:
    common = _Parser(add_help=False)
    common.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help="show where an error arose")
    parser = _Parser(
        prog="xlcap",
        description="Convertible preferred stock, clause by clause: fill workbooks, ask functions, read certificates.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[common],
    )
    parser.add_argument("--version", action="version", version=f"xlcap {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(
        name: str, run: Callable[[argparse.Namespace], int], help: str, text: str = "", among: Any = commands
    ) -> Any:
        added = among.add_parser(
            name,
            help=help,
            description=text or f"{help[0].upper()}{help[1:]}.",
            epilog=_EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            parents=[common],
        )
        added.set_defaults(run=run)
        return added

    fill = command("fill", _fill, "fill a template: one workbook for each row", _FILL)
    fill.add_argument("template", metavar="TEMPLATE", type=Path, help="an .xlsx or .xlsm workbook")
    fill.add_argument("--rows", metavar="ROWS", required=True, help="the reports to make, one a row")
    fill.add_argument("--out", metavar="FOLDER", type=Path, required=True, help="where they go; made if need be")
    fill.add_argument("--table", metavar="NAME=FILE[:KEY[=COLUMN]]", action="append", default=[], help=_TABLE)
    fill.add_argument(
        "--name",
        metavar="PATTERN",
        help="the workbooks' names, with columns of ROWS in braces: '{report} {as_of}' (default: the first column)",
    )
    fill.add_argument("--report", metavar="FILE.json", type=Path, help="write what became of each row, for machines")
    fill.add_argument("--no-overwrite", action="store_true", help="refuse to replace a workbook that is there already")

    demo = command("demo", _demo, "fill one of the templates with sample data")
    demo.add_argument("folder", metavar="FOLDER", type=Path, nargs="?", default=Path("demo"), help="default: demo")
    demo.add_argument(
        "--sample",
        metavar="NAME",
        default="pricesmart",
        help="whose: pricesmart (the default), valuestar or patron; waterfall: the model of exits",
    )

    certificate = command("certificate", _certificate, "certify an adjustment of the conversion price", _CERTIFICATE)
    certificate.add_argument("terms", metavar="CERTIFICATE", help="the name of a certificate, or a .toml file")
    certificate.add_argument("--events", metavar="FILE", required=True, help="what happened, one event a row")
    certificate.add_argument(
        "--as-of", metavar="DATE", required=True, help="the last change up to this day is certified"
    )
    certificate.add_argument("--event", metavar="ID", help="certify this event instead of the last change")
    certificate.add_argument("--prices", metavar="FILE", help="closing prices, where an event needs them")
    certificate.add_argument("--issue-date", metavar="DATE", help="the shares' own issue date, where prices go by it")
    certificate.add_argument("--initial-price", metavar="N", help="and their own initial price, where it is known")
    certificate.add_argument("--cap-table", metavar="FILE", help="shares outstanding, where an event does not say")
    certificate.add_argument("--known-at", metavar="DATE", help="only facts known on this day count")
    certificate.add_argument("--out", metavar="FILE", type=Path, help="an .xlsx, .txt or .md file")

    check = command("check", _check, "check workbooks: calls, inputs, problems", _CHECK)
    check.add_argument("files", metavar="FILE", type=Path, nargs="+", help="an .xlsx or .xlsm workbook")
    check.add_argument("--json", action="store_true", help="for machines")

    convert = command("convert", _convert, "bring a workbook's calls into another host's form", _CONVERT)
    convert.add_argument("file", metavar="FILE", type=Path, help="an .xlsx or .xlsm workbook")
    convert.add_argument("--to", metavar="FORM", required=True, help="plain, xlam, xll, officejs or libreoffice")
    convert.add_argument("--out", metavar="FILE", type=Path, required=True, help="the workbook to write")
    convert.add_argument(
        "--addin",
        metavar="PATH",
        help="name or path of Excel's add-in, which links are to lead to (default: xlcap.xlam in the start-up folder)",
    )
    convert.add_argument("--force", action="store_true", help="replace a workbook that is there already")

    addin = commands.add_parser("addin", help="make the functions live in a spreadsheet program", parents=[common])
    addins = addin.add_subparsers(title="add-ins", metavar="ADDIN", required=True)

    declare(partial(command, among=addins))

    terms = command("terms", _terms, "list certificates, or show one")
    terms.add_argument("name", metavar="NAME", nargs="?", help="a certificate, or the path of a .toml file")
    terms.add_argument("--explain", action="store_true", help="with NAME: what each field means")
    terms.add_argument("--schema", action="store_true", help="print the JSON Schema of certificates, for editors")

    functions = command("functions", _functions, "list the functions, or show one")
    functions.add_argument("name", metavar="NAME", nargs="?", help="a function")
    functions.add_argument("--json", action="store_true", help="for machines")

    call = command("call", _call, "answer a function for lines of JSON", _CALL)
    call.add_argument("name", metavar="NAME", help="a function")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; every error a user can cause is one line on standard error."""
    options = _parser().parse_args(arguments)
    debug = getattr(options, "debug", False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console that cannot show a sign shows another
            stream.reconfigure(errors="replace")
    if debug:
        logging.basicConfig(level=logging.DEBUG, format="%(name)s: %(message)s")
    try:
        code = int(options.run(options))
        sys.stdout.flush()
        return code
    except XlcapError as error:
        if debug:
            raise
        return _say(str(error), USAGE)
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:  # whoever read the output has what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except OSError as error:  # a file of the user's that the command could not foresee
        if debug:
            raise
        return _say(f"{error.filename}: {error.strerror}" if error.filename else str(error), USAGE)
    except Exception as bug:
        if debug:
            raise
        missing = bug.name or "" if isinstance(bug, ModuleNotFoundError) else ""
        if missing.partition(".")[0] in _EXCEL_EXTRA:
            return _say(f'{missing} is not installed; `pip install "xlcap[excel]"` brings what Excel needs', USAGE)
        if missing.partition(".")[0] in _BATCH_EXTRA:
            return _say(f'{missing} is not installed; `pip install "xlcap[batch]"` brings what workbooks need', USAGE)
        return _say(f"this is a bug in xlcap ({type(bug).__name__}: {bug}); run it with --debug and report that", BUG)


def _say(message: str, code: int) -> int:
    print(f"xlcap: {message}", file=sys.stderr)
    return code


# -- workbooks ---------------------------------------------------------------------------------------------------


def _fill(options: argparse.Namespace) -> int:
    from xlcap.batch import TableFile, plan
    from xlcap.batch.report import SOME_FAILED, write_json

    if options.report and (options.report.suffix.lower() != ".json" or not options.report.parent.is_dir()):
        raise XlcapError("is to be a .json file in a folder that is there", where=f"--report {options.report}")
    try:
        batch = plan(
            options.template,
            options.rows,
            options.out,
            tables=[TableFile.parse(told) for told in options.table],
            name=options.name,
            overwrite=not options.no_overwrite,
        )
    except XlcapError as error:
        if options.report:
            refused = {"code": error.code, "message": error.message, "where": error.where}
            write_json(options.report, {"exit_code": USAGE, "error": refused})
        raise
    report = _run(batch)
    if options.report:
        try:
            write_json(options.report, report.to_json())
        except XlcapError as error:  # the workbooks are there all the same
            return _say(str(error), report.exit_code or SOME_FAILED)
    return report.exit_code


def _run(batch: Batch) -> Report:
    """Make the workbooks under a progress bar, if a person is watching, and say what became of them."""
    from tqdm import tqdm

    from xlcap.batch.report import shortened

    outcomes: list[Outcome] = []
    with suppress(KeyboardInterrupt):  # the workbooks that are whole are kept
        outcomes.extend(tqdm(batch.run(), total=len(batch.orders), unit="workbook", disable=None, file=sys.stderr))
    report = batch.report(outcomes)
    for line in shortened(list(report.faults())):
        print(line, file=sys.stderr)
    sys.stderr.flush()
    print(report.summary())
    return report


def _demo(options: argparse.Namespace) -> int:
    from xlcap.batch import TableFile, plan
    from xlcap.batch.demo import demo

    sample = demo(sample=options.sample)
    tables = [TableFile.parse(told) for told in sample.tables]
    report = _run(plan(sample.template, sample.rows, options.folder, tables=tables, name=sample.name))
    made = [outcome.output for outcome in report.outcomes if outcome.output and outcome.status != "failed"]
    command = ["xlcap", "fill", sample.template, "--rows", sample.rows, "--out", options.folder]
    for told in sample.tables:
        command += ["--table", told]
    if sample.name:
        command += ["--name", sample.name]
    if made:
        print("\nOpen in Excel or LibreOffice:", *(f"  {output}" for output in made), sep="\n")
    quoted = subprocess.list2cmdline if os.name == "nt" else shlex.join
    print(f"\nThe same by hand:\n  {quoted([str(word) for word in command])}")
    return report.exit_code


def _check(options: argparse.Namespace) -> int:
    from xlcap.check import run

    return run(options)


def _convert(options: argparse.Namespace) -> int:
    from xlcap.convert import run

    return run(options)


def _option_of(argument: re.Match[str]) -> str:
    return f"--{(argument[1] or 'event').replace('_', '-')}"


def _certificate(options: argparse.Namespace) -> int:
    from xlcap.batch.certificate import Question, as_text, certificate, form_of, table_of, write
    from xlcap.cells import as_date, as_number

    def told(option: str, read: Callable[[Any], Any]) -> Any:
        given = getattr(options, option)
        try:
            return None if given is None else read(given)
        except XlcapError as error:
            raise error.at(f"--{option.replace('_', '-')}") from None

    if options.out:
        form_of(options.out)
    question = Question(
        options.terms,
        table_of(options.events),
        told("as_of", as_date),
        table_of(options.prices) if options.prices else None,
        options.event,
        told("known_at", as_date),
        told("issue_date", as_date),
        told("initial_price", as_number),
        table_of(options.cap_table) if options.cap_table else None,
    )
    try:
        made = certificate(question)
    except XlcapError as error:  # an argument of the functions is an option here
        where = re.sub(r"argument '(?:event_id|(\w+))'", _option_of, error.where or "") or None
        raise XlcapError(error.message, where=where, code=error.code) from None
    if options.out:
        write(made, options.out)
        print(f"{made.subject}: {options.out}")
    else:
        print(as_text(made), end="")
    return DONE


# -- certificates ------------------------------------------------------------------------------------------------


def _terms(options: argparse.Namespace) -> int:
    from xlcap.terms import Terms, available, load
    from xlcap.terms.schema import flatten, json_schema

    if options.schema:
        print(json.dumps(json_schema(Terms), indent=2))
        return DONE
    if options.name:
        fields = flatten(load(options.name))
        width = max(map(len, fields))
        for field, value in fields.items():
            print(f"{field:{width}}  {value}")
            if options.explain:
                print(textwrap.fill(_meaning(field), 110, initial_indent="    ", subsequent_indent="    "))
        return DONE
    code, lines = DONE, []
    for name, file in available().items():
        try:
            terms = load(name)
            lines.append((name, f"{terms.issuer} {terms.name}", file))
        except XlcapError as error:
            code = _say(str(error), 1)
    _columns(lines)
    return code


def _meaning(field: str) -> str:
    """What a dotted field of the terms holds, from the class that declares it."""
    from xlcap.terms import Terms
    from xlcap.terms.schema import keys

    section: Any = Terms
    parts = iter(field.split("."))
    for part in parts:
        key = keys(section)[part]
        if key.sections:
            next(parts, None)  # the entry's own name
        section = key.section or key.sections
    return key.doc


# -- functions ---------------------------------------------------------------------------------------------------


def _functions(options: argparse.Namespace) -> int:
    from xlcap.functions import functions

    chosen = [_function(options.name)] if options.name else list(functions().values())
    if options.json:
        described = [_described(function) for function in chosen]
        print(json.dumps(described[0] if options.name else described, indent=2))
    elif options.name:
        print("\n".join(_shown(chosen[0])))
    else:
        topics: dict[str, list[Function]] = {}
        for function in chosen:
            topics.setdefault(function.topic, []).append(function)
        for i, (topic, members) in enumerate(topics.items()):
            print(f"{chr(10) if i else ''}{topic}")
            _columns([(f"  {function.name}", function.doc) for function in members])
    return DONE


def _function(name: str) -> Function:
    from xlcap.functions import functions

    known = functions()
    if name.upper() not in known:
        close = nearest(name.upper(), known)
        hint = f"did you mean {close}?" if close else "`xlcap functions` lists them"
        raise XlcapError(f"there is no function {name}; {hint}")
    return known[name.upper()]


def _described(function: Function) -> dict[str, object]:
    return {
        "name": function.name,
        "topic": function.topic,
        "help": function.doc,
        "arguments": [
            {
                "name": argument.name,
                "help": argument.doc,
                "kind": argument.kind.name,
                "required": argument.required,
                "default": _plain(argument.default),
                "choices": list(argument.kind.choices),
                "columns": argument.kind.columns() if argument.kind.columns else {},
            }
            for argument in function.arguments
        ],
    }


def _plain(default: object) -> object:
    return default if default is None or isinstance(default, bool | int | str) else str(default)


def _shown(function: Function) -> Iterator[str]:
    names = [argument.name if argument.required else f"[{argument.name}]" for argument in function.arguments]
    yield f"{function.name}({', '.join(names)})"
    yield function.doc
    details = function.details.partition(">>>")[0].strip()  # what follows is for Python
    if details:
        yield f"\n{details}"
    if function.arguments:
        yield ""
    for argument in function.arguments:
        yield from _argument(argument)


def _argument(argument: Argument) -> Iterator[str]:
    told = argument.kind.name if argument.required else f"{argument.kind.name}, optional"
    if argument.default is not None:
        told += f", default {_plain(argument.default)}"
    yield f"  {argument.name} ({told})"
    yield textwrap.fill(argument.doc, 110, initial_indent="      ", subsequent_indent="      ")
    if argument.kind.choices:
        yield f"      one of: {', '.join(argument.kind.choices)}"
    for column, doc in (argument.kind.columns() if argument.kind.columns else {}).items():
        yield f"      {column}: {doc}"


def _call(options: argparse.Namespace) -> int:
    from xlcap.hosts.lines import answers

    name = _function(options.name).name
    for line in answers(name, sys.stdin.buffer):
        print(line, flush=True)
    return DONE


def _columns(lines: Sequence[tuple[str, ...]]) -> None:
    """Print lines in columns as wide as they need to be."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip())
