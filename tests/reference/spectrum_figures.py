"""Figures of the page on the spectrum of silicon, made anew from the functions of the engine."""

from __future__ import annotations

from functools import cache

from assumptions import EtchedCase, SpectrumGrid, etched_case, handovers, load_spectrum, spectrum_grid
from assumptions.answers.spectrum_run import ClassRow
from assumptions.door.provenance import Number

HORIZONS = (1.0, 2.0, 4.0, 6.0)
"""Horizons of the table of winners [years]."""
ROUND = 1_000.0
"""From here on cents are shown without decimals."""
TIMES = {1.4: "1.4-fold", 3.0: "threefold", 10.0: "tenfold"}
WORDS = ("none", "one", "two", "three", "four", "five", "six")
FILLED = "only if filled"


@cache
def grid() -> SpectrumGrid:
    """The spectrum as it stands."""
    return spectrum_grid(load_spectrum())


@cache
def etched() -> EtchedCase:
    """The case of etched weights as it stands."""
    return etched_case(grid())


def named(key: str) -> ClassRow:
    """A class of the table of costs."""
    return next(row for row in grid().table if row.key == key)


def heading() -> str:
    """What the table of costs is of."""
    churn, years = grid().place
    model = grid().spectrum.workload.model
    return f"Cents per million tokens of {model}, well batched, at {churn:g} new weights a year over {years:g} years:"


def cost_rows() -> list[str]:
    """Rows of the table of costs."""
    return [
        f"| {row.title} | {row.example} | {row.evidence} | {_cents(row.cost)} | {_cents(row.stranding)} "
        f"| {_cents(row.cost_at_best)} to {_cents(row.cost_at_worst)} | {_share(row.reprogrammability)} "
        f"| {'yes' if row.on_frontier else 'no'} |"
        for row in grid().table
    ]


def winner_rows() -> list[str]:
    """Rows of the table of winners."""
    rows = []
    for years in HORIZONS:
        changes = handovers(grid().spectrum, years)
        steps = [f"{_within(change.above)} from {change.churn_per_year:.1f}" for change in changes]
        told = "; ".join([_within(changes[0].below), *steps])
        rows.append(f"| {years:g} year{'' if years == 1.0 else 's'} | {told} |")
    return rows


def churn_told() -> list[str]:
    """What the page says of the arrivals."""
    churn = grid().spectrum.churn
    weights, design, formats = churn.weights_per_year, churn.architecture_per_year, churn.number_format_per_year
    return [
        (
            f"{weights.value:g} new weights a year ({_span(weights)}), {design.value:g} new architectures "
            f"({_span(design)}) and {formats.value:g} new number formats ({_span(formats)})"
        ),
        f"Flagship models live {12.0 / weights.value:.0f} months on average ({weights.value:g} a year)",
        f"--set churn.number_format_per_year={formats.high:g} ",
    ]


def order_told() -> list[str]:
    """What the page says of the order of the classes."""
    first = grid().wins(*grid().place)
    gpu, fpga, tpu, asic = (named(key) for key in ("gpu", "fpga", "tpu", "transformer_asic"))
    formats = {key: 1.0 - entry.absorbs_format_share.value for key, entry in grid().spectrum.classes.items()}
    return [
        f"by a hair ({_cents(gpu.cost_at_best)} against {_cents(first.cost_at_worst)} cents), of the GPU",
        f"that ASIC in {_share(formats['transformer_asic'])} of cases",
        f"capital behind a million tokens is {_cents(named('etched').capital)} cents against {_cents(asic.capital)}",
        f"the GPU, which {_share(formats['gpu'])} of formats strand",
        (
            f"absorbs more than a TPU from {_formats_that_level('fpga', 'tpu'):.2f} new number formats a year on "
            f"({100.0 * fpga.reprogrammability:.1f} against {100.0 * tpu.reprogrammability:.1f} % here)"
        ),
    ]


def mechanism_told() -> list[str]:
    """What the page on claims 6 and 7 reads off the table."""
    fpga, gpu, asic = (_share(named(key).reprogrammability) for key in ("fpga", "gpu", "asic"))
    return [f"An FPGA absorbs {fpga} of changes, less than a GPU ({gpu}) and more than a programmable ASIC ({asic})"]


def etched_told() -> list[str]:
    """What the page says of etched weights."""
    case, respin = etched(), grid().spectrum.respin
    upgrades = {row.what: row for row in case.upgrades}
    new, design = upgrades["new weights"], upgrades["a new design"]
    masks = new.upgrade_price_usd - respin.unit_price_usd.value
    volume = case.years[0].break_even_million_tokens
    return [
        (
            f"At {case.units:,.0f} cards a model, new weights cost about {new.upgrade_price_usd:,.0f} USD a card "
            f"({respin.unit_price_usd.value:,.0f} of silicon and {masks:,.0f} of masks and design)"
        ),
        (
            f"the claimed {case.claimed_price_usd:,.0f} holds from {new.units_for_claim:,.0f} cards on, or from "
            f"{design.units_for_claim:,.0f} if the design is new"
        ),
        f"Every change needs a respin, {case.respins_per_year:.2f} a year",
        f"at {case.turnaround_months:g} months each {_share(case.lost_share)} of the output is lost",
        f"tokens then cost {_cents(case.cost_if_respun)} cents a million, against {_cents(case.cost_if_bought_anew)}",
        f"costs {case.annual_cost_usd:,.0f} USD a year with an upgrade in it",
        (
            f"tokens bought at {100.0 * case.years[0].api_price_usd_per_million:g} cents a million that pays from "
            f"{round(volume, -3):,.0f} million tokens a year: {_share(volume / case.output_million_tokens)} of what "
            f"the card makes, some {round(volume / case.personal_million_tokens, -1):,.0f} times what a person uses"
        ),
        *_years_told(case),
        *_erosion_told(case),
    ]


def _years_told(case: EtchedCase) -> list[str]:
    fall = TIMES[case.erosion[0].fall]
    filled = [row.verdict for row in case.years].count(FILLED)
    owner, person = sum(row.owner_upgrades for row in case.years), sum(row.person_upgrades for row in case.years)
    return [
        f"if prices fall {fall} a year it is so for {WORDS[filled]} years, and then never",
        f"An owner who fills it pays for {WORDS[owner]} upgrade, a person for {WORDS[person]}",
    ]


def _erosion_told(case: EtchedCase) -> list[str]:
    row = next(row for row in case.erosion if row.against == named("gpu").title)
    return [
        (
            f"Its advantage in cost over the GPU, {row.advantage:.1f} times, lasts {row.years_low:.1f} years where "
            f"rivals get cheaper {TIMES[row.fall_low]} a year, {row.years:.1f} years at {TIMES[row.fall]}, "
            f"{row.years_high:.1f} years at {TIMES[row.fall_high]}"
        )
    ]


def _formats_that_level(one: str, other: str) -> float:
    """Number formats a year at which two classes absorb the same: the hazards are straight lines in that rate."""
    churn, classes = grid().spectrum.churn, grid().spectrum.classes
    gaps = [
        getattr(classes[one], name).value - getattr(classes[other], name).value
        for name in ("absorbs_weights_share", "absorbs_architecture_share", "absorbs_format_share")
    ]
    steady = churn.weights_per_year.value * gaps[0] + churn.architecture_per_year.value * gaps[1]
    return -float(steady) / float(gaps[2])


def _cents(usd: float) -> str:
    cents = 100.0 * usd
    return f"{cents:,.0f}" if cents >= ROUND else f"{cents:.2f}"


def _share(share: float) -> str:
    return f"{100.0 * share:.0f} %"


def _span(number: Number) -> str:
    return f"{number.low:g} to {number.high:g}"


def _within(title: str) -> str:
    """A title inside a sentence."""
    return title if title[:2].isupper() else title[0].lower() + title[1:]
