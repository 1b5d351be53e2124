"""How to read and use the workbook."""

from __future__ import annotations

from reports.excel.plan.layout import LABEL, Context, fit_height, head, section
from reports.excel.plan.outline import GUIDE, SHEETS
from reports.excel.writing.writer import Sheet
from reports.record.report import LANDINGS, NEWS, SIGNS

WIDTHS = (1.5, 42, 66, 20)
TEXT_WIDTH = 126
HOW_TO = (
    "Start on Cover and Dashboard: charges of this and the next fiscal year, gaps, pictures, all scenarios.",
    "Choose another scenario in the yellow cell of Scenarios; every live sheet follows at once.",
    "Change a yellow cell of Inputs. Its column Effect says what follows: live, live ahead, live from now, run again.",
    "A changed life acts prospectively: what is left is spread over what remains of the new life.",
    "What needs a new run is counted in the head of each sheet: obsolesce read BOOK.xlsx --run --out DIR.",
    "Follow a value back: Cover, Economic, Worth, Devices, Market, Landings, Silicon, Plan, Drivers, Inputs.",
    "Follow a charge back: Cover, Years, Gap, Books, Cohorts. One formula fills a whole row.",
    "Drivers holds what scenarios do to the inputs: the base times a factor, plus an amount; both may be changed.",
    "Checks lists what must hold, with its tolerance; the outcome stands in the head of every sheet.",
    "A program may ask to save on closing, because it recalculates on opening; nothing has changed.",
)
PICKED_HOW_TO = (
    "Start on Cover and Dashboard: charges of this and the next fiscal year, gaps, pictures, all scenarios.",
    "Choose another scenario in the yellow cell of Scenarios; every live sheet follows at once.",
    "Change a book life, a salvage share or a failure rate on Inputs: the ledgers recompute from the as-of date on.",
    "A changed life acts prospectively: what is left is spread over what remains of the new life.",
    "Other inputs move prices and values: change them, save, and run the case so (obsolesce read BOOK.xlsx --run).",
    "Every changed input is counted; the head of each sheet says when engine values no longer belong to the inputs.",
    "Follow a number back: Cover, Years, Gap, Books, Cohorts; one formula fills a whole row.",
    "Checks lists what must hold, with its tolerance; the outcome stands in the head of every sheet.",
    "A program may ask to save on closing, because it recalculates on opening; nothing has changed.",
)
LEGEND = (
    ("input", "1,234", "blue on yellow: typed, may be changed"),
    ("calc", "1,234", "black: formula on the same sheet"),
    ("cross_left", "1,234", "green: formula that reads another sheet"),
    ("engine", "1,234", "black on grey: value from the program, not live"),
    ("show", "1,234", "black on Cover, totals in bold: presentation"),
    ("pass", "all checks pass", "green: a check that holds"),
    ("fail", "2 checks FAIL", "red: a check that does not hold"),
    ("stale", "1 input changed", "amber: engine values no longer belong to the inputs"),
)
LIVE_FROM = (
    "Live, from the as-of date on: landings, scarcity, rents, values, retirement, ledgers, cash, gap, fiscal years.",
    "Not live: what lies before the as-of date, the parts of the walk, sensitivities.",
    "Series of the program, picked by scenario: rivals, demand, breakthroughs, stranding, scarce power.",
    "The planned decline of rents is solved in the run and held here: type another if inputs move far.",
)
PICKED_FROM = (
    "Live: the ledgers, their totals, the gap, hidden depreciation, fiscal years and quarters, from the as-of date on.",
    "Not live: economic value, retirement months, anything before the as-of date, sensitivities.",
)
WORDS = (
    "Live follows the inputs; engine is given by the program; live pick is one of those, by scenario; typed is yours."
)
LIMITS = (
    "Amounts are nominal USD; sheets with months show USD, Cover, Scenarios and Quarters USD million.",
    "Months, stocks and flows: a stock stands at the month end in the head of its column, a flow is that of the month.",
    "Cost, power and service of silicon are those of today at every date; prices, landings and scarcity are dated.",
    "Economic figures start at the first fiscal year-end with an observed rent; earlier years show books only.",
    "'Functional' obsolescence comes from better devices, 'external' from demand, power or rules; both are economic.",
)


def build_guide(context: Context) -> None:
    """Write the sheet."""
    sheet = context.sheet(GUIDE)
    sheet.widths(WIDTHS)
    head(context, sheet, "", state=2)
    live = context.chain.is_live
    steps, limits = (HOW_TO, LIVE_FROM) if live else (PICKED_HOW_TO, PICKED_FROM)
    row = _contents(context, sheet, 4)
    row = _lines(sheet, row + 1, "How to use it", [f"{number}. {text}" for number, text in enumerate(steps, start=1)])
    row = _legend(sheet, row + 1)
    row = _lines(sheet, row + 1, "Signs", [SIGNS, LANDINGS, NEWS])
    row = _lines(sheet, row + 1, "What is live, and limits", [WORDS, *limits, *LIMITS])
    sheet.print_on((0, 0, row - 1, 3), (1, 1), landscape=False)


def _contents(context: Context, sheet: Sheet, row: int) -> int:
    section(sheet, row, "Contents", (LABEL, LABEL + 2))
    sheet.text(row, LABEL + 2, "Values", "section")
    found = [entry for entry in SHEETS if context.has_sheet(entry.name)]
    for offset, entry in enumerate(found, start=1):
        sheet.goto(row + offset, LABEL, entry.name, entry.name)
        sheet.text(row + offset, LABEL + 1, entry.holds)
        sheet.text(row + offset, LABEL + 2, entry.live, "unit")
    return row + 1 + len(found)


def _lines(sheet: Sheet, row: int, title: str, texts: list[str]) -> int:
    section(sheet, row, title, (LABEL, LABEL + 2))
    for offset, text in enumerate(texts, start=1):
        sheet.merged(row + offset, (LABEL, LABEL + 2), text)
        fit_height(sheet, row + offset, [(text, TEXT_WIDTH)])
    return row + 1 + len(texts)


def _legend(sheet: Sheet, row: int) -> int:
    section(sheet, row, "Colours", (LABEL, LABEL + 2))
    for offset, (role, sample, meaning) in enumerate(LEGEND, start=1):
        sheet.text(row + offset, LABEL, sample, role)
        sheet.text(row + offset, LABEL + 1, meaning)
    return row + 1 + len(LEGEND)
