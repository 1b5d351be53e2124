"""A fleet of eight generations over ten years on random paths: what estimates of a known kind are measured on.

It stands beside the product's engine and shares its draws only, so that samplers are judged on a problem that is quick
to work out (some tens of microseconds a path) and as rough as the product's own: generations land late by a lognormal
delay, advances arrive by chance and take a random step off all prices, a generation retires for good in the first
month in which its margin at mean utilisation is negative, what is left of its book is written off and later purchases
are cancelled, and losses are carried forward against tax.

==================  ==================================================================================================
drawn               once a path: 5 landing delays, 6 gaps and 6 sizes of advances. Every month: 11 correlated series,
                    of the common price, of electricity, of utilisation and of the 8 generations' own prices
price of compute    log is start + drift + loadings of the common and the own series - steps of landings and advances
landing             generations 3 to 7, month ceil(planned + 3 exp(0.7 z)); from then on all prices 0.18 to 0.22 lower
advance             Poisson, 0.15 a year, at most 6; log price falls by 0.45 (0.2 + 0.8 U), an effect in part
electricity         mean-reverting in logs about a trend
utilisation         logistic of a mean-reverting deviation
units               400 bought in each month of a generation's window, 156 in all; exp(-(age/110)^1.3) of them survive
margin of a unit    730 (utilisation x price x throughput) - 730 kW PUE electricity - other cost [USD a month]
tax                 23 % of margin less straight-line depreciation over 3 years, write-offs and losses carried forward
net present value   10 % a year; purchases of month 0 at once, all else at the ends of months
economic value      of a generation at a year-end: remaining margins on the path of the units then in place
write-down          of a year: book above economic value, generation by generation, and write-offs of the year
obsolescence        when economic value falls below a tenth of what has been spent, linear between year-ends
==================  ==================================================================================================

Deliveries keep to the planned windows whatever the landing. The numbers above define the problem. The other constants
(prices, costs, volatilities, correlations, windows) are the benchmark's own and describe no market: plain values at
which net present value has a mean of about -330, a deviation of 780 and a mean of -1,510 on the worst twentieth of the
paths [USD million], and at which everything above happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special

from valuation.draws.processes import mean_reverting
from valuation.draws.sampling import Draws, Plan, Sampler
from valuation.draws.shocks import arrivals
from valuation.timeline import FloatArray, IntArray

MONTHS, YEARS, GENERATIONS, BUYING = 120, 10, 8, 60
HOURS = 730.0
# Landings: planned months of generations 3 to 7, and what each takes off all log prices.
PLANNED = np.array([6.0, 15.0, 24.0, 36.0, 54.0])
LANDING_STEPS = np.linspace(0.18, 0.22, 5)
DELAY_MEDIAN, DELAY_SPREAD = 3.0, 0.7
# Advances.
MOST_ADVANCES, ADVANCES_PER_MONTH = 6, 0.15 / 12.0
ADVANCE_STEP, LEAST_EFFECT = 0.45, 0.2
# Purchases: first and one past the last month of each generation's window.
WINDOWS = ((0, 12), (0, 18), (0, 24), (6, 30), (15, 39), (24, 48), (36, 60), (54, 60))
UNITS, SCALE_OF_LIFE, SHAPE_OF_LIFE = 400.0, 110.0, 1.3
# A unit of each generation; cost in USD, other cost in USD a month.
THROUGHPUT = 1.36 ** np.arange(GENERATIONS)
KILOWATTS = 0.7 * 1.17 ** np.arange(GENERATIONS)
UNIT_COST = 23_000.0 * 1.175 ** np.arange(GENERATIONS)
OTHER_COST = 68.0 * 1.03 ** np.arange(GENERATIONS)
PUE = 1.3
# Prices in USD an hour of compute; drift a month; deviations a month of the common and the own series.
PRICE, PRICE_DRIFT = 2.95, -0.014
COMMON_DEVIATION, OWN_DEVIATION = 0.19 / np.sqrt(12.0), 0.10 / np.sqrt(12.0)
# Electricity in USD a kWh, its trend a month; utilisation. Half-lives in months, volatilities per root year.
ELECTRICITY, ELECTRICITY_TREND = 0.09, 0.002
UTILISATION = 0.65
HALF_LIVES = np.array([12.0, 6.0])[:, None]
VOLATILITIES = np.array([0.30, 0.60])[:, None]
# Correlation of the common price with electricity and utilisation, and of generations next to one another.
PRICE_ELECTRICITY, PRICE_UTILISATION, NEIGHBOURS = 0.15, 0.4, 0.3
# Books, tax, discount, and the share of what was spent below which a fleet is obsolete.
LIFE, TAX, DISCOUNT, OBSOLETE = 36, 0.23, 1.1, 0.1

SLIPS = tuple(f"slip {generation}" for generation in range(3, GENERATIONS))
# As the product orders them: the size of an advance next to the gap before it.
ADVANCES = tuple(f"{what} {number}" for number in range(MOST_ADVANCES) for what in ("gap", "size"))
SERIES = ("price", "electricity", "utilisation", *(f"own {generation}" for generation in range(GENERATIONS)))


@dataclass(frozen=True)
class Certain:
    """What no path changes.

    Attributes
    ----------
    in_service, capex, depreciation : (T, G)
        Units in service, USD spent and USD depreciated in a month.
    book : (T, G)
        Book at the end of a month [USD].
    in_place : (G, Y, T)
        Discounted units of those in place at a year-end, by month after it.
    first : (G,)
        Month of the first purchase.
    """

    in_service: FloatArray
    capex: FloatArray
    depreciation: FloatArray
    book: FloatArray
    in_place: FloatArray
    first: IntArray


@dataclass(frozen=True)
class Operation:
    """Generations at work on a block of paths.

    Attributes
    ----------
    margin : (T, G, n)
        Of a unit; nil once retired [USD].
    flows : (4, T, n)
        Margin, depreciation, purchases and write-offs of all generations [USD].
    ends : (Y, G, n)
        1 at year-ends at which a generation is not retired, 0 at others.
    """

    margin: FloatArray
    flows: FloatArray
    ends: FloatArray


@dataclass(frozen=True)
class Paths:
    """What a block of paths comes to, and what happens on them, each of shape (n,).

    Attributes
    ----------
    npv, peak_write_down : numpy.ndarray
        [USD million].
    obsolescence : numpy.ndarray
        [month].
    retired, advances : numpy.ndarray
        Generations that retire within the ten years, and advances that arrive.
    late : numpy.ndarray
        Months by which landings are late, on average.
    written_off, cancelled, sheltered : numpy.ndarray
        Books written off, purchases cancelled and income set off against earlier losses [USD million].
    """

    npv: FloatArray
    peak_write_down: FloatArray
    obsolescence: FloatArray
    retired: FloatArray
    advances: FloatArray
    late: FloatArray
    written_off: FloatArray
    cancelled: FloatArray
    sheltered: FloatArray


def correlation() -> FloatArray:
    """Correlation matrix of the scalars, which have none, and the series."""
    start = len(SLIPS) + len(ADVANCES)
    matrix = np.eye(start + len(SERIES))
    price, electricity, utilisation = range(start, start + 3)
    matrix[price, electricity] = matrix[electricity, price] = PRICE_ELECTRICITY
    matrix[price, utilisation] = matrix[utilisation, price] = PRICE_UTILISATION
    generation = np.arange(GENERATIONS)
    matrix[start + 3 :, start + 3 :] = NEIGHBOURS ** np.abs(generation[:, None] - generation)
    return matrix


def plan(seed: int, sampler: Sampler) -> Plan:
    """What is drawn."""
    return Plan(seed, sampler, (*SLIPS, *ADVANCES), SERIES, MONTHS, correlation())


@cache
def certain() -> Certain:
    """Fleet, books and discounted units, from the windows of purchases."""
    month = np.arange(MONTHS)
    bought = np.array([[first <= each < last for first, last in WINDOWS] for each in month]) * UNITS
    age = month[:, None] - month
    alive = np.where(age >= 0, np.exp(-((np.maximum(age, 0) / SCALE_OF_LIFE) ** SHAPE_OF_LIFE)), 0.0)
    capex = bought * UNIT_COST
    depreciation = ((age >= 0) & (age < LIFE)) @ capex / LIFE
    in_place = []
    for year in range(1, YEARS + 1):
        end = 12 * year
        ahead = np.maximum(month - end + 1, 0)[:, None]
        in_place.append(np.where(ahead > 0, DISCOUNT ** (-ahead / 12.0), 0.0) * (alive[:, :end] @ bought[:end]))
    return Certain(
        in_service=alive @ bought,
        capex=capex,
        depreciation=depreciation,
        book=np.cumsum(capex - depreciation, axis=0),
        in_place=np.ascontiguousarray(np.array(in_place).transpose(2, 0, 1)),
        first=np.array([first for first, _ in WINDOWS]),
    )


def falls(scores: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What landings and advances take off log prices in each month, (T, n), and the months of both, (5, n), (6, n)."""
    landed = np.ceil(PLANNED[:, None] + DELAY_MEDIAN * np.exp(DELAY_SPREAD * scores[: len(PLANNED)]))
    gaps, sizes = scores[len(PLANNED) :: 2], scores[len(PLANNED) + 1 :: 2]
    arrived = np.ceil(arrivals(gaps, np.array([ADVANCES_PER_MONTH]), float(MONTHS)))
    steps = np.empty((len(landed) + len(arrived), scores.shape[1]))
    steps[: len(landed)] = LANDING_STEPS[:, None]
    steps[len(landed) :] = ADVANCE_STEP * (LEAST_EFFECT + (1.0 - LEAST_EFFECT) * special.ndtr(sizes))
    found = np.zeros((MONTHS + 1, scores.shape[1]))
    # Whatever comes later goes to one month more, which is left off.
    month = np.minimum(np.concatenate([landed, arrived]), MONTHS).astype(np.int64)
    np.add.at(found, (month, np.arange(scores.shape[1])), steps)
    return found[:MONTHS], landed, arrived


def operate(draws: Draws, fallen: FloatArray) -> Operation:
    """Work the generations month by month; what landings and advances take off log prices has shape (T, n)."""
    sure, series, width = certain(), draws.series, draws.series.shape[2]
    deviation = mean_reverting(series[:, 1:3], HALF_LIVES, VOLATILITIES)[1:]
    usage = special.expit(special.logit(UTILISATION) + deviation[:, 1])
    power = ELECTRICITY * np.exp(ELECTRICITY_TREND * np.arange(MONTHS)[:, None] + deviation[:, 0])
    log_price = np.repeat(np.log(PRICE * HOURS * THROUGHPUT)[:, None], width, axis=1)
    margin, flows = np.empty((MONTHS, GENERATIONS, width)), np.empty((4, MONTHS, width))
    live, ends = np.ones((GENERATIONS, width), dtype=np.bool_), np.empty((YEARS, GENERATIONS, width))
    for month in range(MONTHS):
        log_price += OWN_DEVIATION * series[month, 3:]
        log_price += PRICE_DRIFT + COMMON_DEVIATION * series[month, 0] - fallen[month]
        full = np.exp(log_price)
        cost = (HOURS * PUE * KILOWATTS)[:, None] * power[month] + OTHER_COST[:, None]
        still = live & ((UTILISATION * full >= cost) | (month < sure.first)[:, None])
        margin[month] = (usage[month] * full - cost) * still
        flows[0, month] = sure.in_service[month] @ margin[month]
        flows[1, month] = sure.depreciation[month] @ still
        flows[2, month] = sure.capex[month] @ still
        # Retirement is for good, so nobody is live who was not the month before.
        flows[3, month] = sure.book[month - 1] @ (live ^ still) if month else 0.0
        live = still
        if month % 12 == 11:
            ends[month // 12] = still
    return Operation(margin, flows, ends)


def taxed(income: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Tax on monthly income with losses carried forward, (T, n), and income set off against losses, (n,)."""
    tax, carried, sheltered = np.empty_like(income), np.zeros(income.shape[1]), np.zeros(income.shape[1])
    for month, own in enumerate(income):
        left = own + carried
        np.maximum(left, 0.0, out=tax[month])
        sheltered += np.maximum(own, 0.0) - tax[month]
        carried = np.minimum(left, 0.0)
    tax *= TAX
    return tax, sheltered


def obsolete(value: FloatArray, spent: FloatArray) -> FloatArray:
    """Month in which value falls below a tenth of what has been spent, (n,), from both at year-ends, (Y, n)."""
    left = np.concatenate([np.ones((1, value.shape[1])), value / spent])
    # At the last year-end nothing is left, so there always is a first one.
    after, column = np.argmax(left < OBSOLETE, axis=0), np.arange(value.shape[1])
    before, then = left[after - 1, column], left[after, column]
    return np.asarray(12.0 * (after - 1.0 + (before - OBSOLETE) / (before - then)))


def value(draws: Draws) -> Paths:
    """Paths of a block of draws."""
    sure = certain()
    fallen, landed, arrived = falls(draws.scalars)
    run = operate(draws, fallen)
    margin, depreciation, capex, written_off = run.flows
    tax, sheltered = taxed(margin - depreciation - written_off)
    paid = DISCOUNT ** (-np.arange(1, MONTHS + 1) / 12.0)
    npv = paid @ (margin - tax) - np.where(np.arange(MONTHS) > 0, paid, 1.0) @ capex
    worth = np.matmul(sure.in_place, run.margin.swapaxes(0, 1))
    short = np.maximum(sure.book[11::12].T[:, :, None] * run.ends.swapaxes(0, 1) - worth, 0.0).sum(axis=0)
    write_down = short + written_off.reshape(YEARS, 12, -1).sum(axis=1)
    return Paths(
        npv=npv / 1e6,
        peak_write_down=write_down.max(axis=0) / 1e6,
        obsolescence=obsolete(worth.sum(axis=0), np.cumsum(capex.reshape(YEARS, 12, -1).sum(axis=1), axis=0)),
        retired=GENERATIONS - run.ends[-1].sum(axis=0),
        advances=np.isfinite(arrived).sum(axis=0),
        late=(landed - PLANNED[:, None]).mean(axis=0),
        written_off=written_off.sum(axis=0) / 1e6,
        cancelled=(sure.capex.sum() - capex.sum(axis=0)) / 1e6,
        sheltered=sheltered / 1e6,
    )
