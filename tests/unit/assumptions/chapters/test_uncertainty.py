"""What is random in a case: read, merged with the base, listed, kept, and refused where it cannot be."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import stdev

import numpy as np
import pytest
from typer.testing import CliRunner

import cli
from assumptions import (
    apply_overrides,
    bundled_cases,
    describe,
    describe_uncertainty,
    digest,
    drawable,
    explain,
    load_case,
    random_keys,
    risk_digest,
    sample_parameters,
    sensitivities,
)
from assumptions.cases.embedding import embedded_text, restored
from assumptions.cases.fingerprint import resolved
from assumptions.cases.history import list_index
from assumptions.cases.written import write_case as write_whole
from assumptions.chapters.schema import Case
from assumptions.chapters.uncertainty import SCORED, Processes, Uncertainty
from tests.unit.assumptions.conftest import Writer, bundled
from valuation.errors import AssumptionError

OFF = {"value": "none", "basis": "user", "source": "switched off"}
Chapter = Callable[[Case], Uncertainty]


def chapter(case: Case) -> Uncertainty:
    assert case.uncertainty is not None
    return case.uncertainty


def silent(case: Case) -> Case:
    """A case with everything random switched off."""
    laws = [f"uncertainty.parameters.{key}.distribution=none" for key in chapter(case).parameters]
    off = [f'uncertainty.processes.{name}.process="none"' for name in Processes.model_fields]
    return apply_overrides(case, [*laws, *off])


# The base


@pytest.mark.parametrize("name", bundled_cases())
def test_every_bundled_case_has_the_chapter_as_far_as_it_fits(name: str) -> None:
    case = bundled(name)
    assert set(random_keys(case)) <= set(drawable(case))
    assert len(random_keys(case)) >= 20
    assert not chapter(case).certain


def test_every_part_of_the_base_says_where_it_comes_from(neocloud: Case) -> None:
    rows = describe_uncertainty(neocloud)
    assert [row.key for row in rows if not (row.source and row.basis and row.label)] == []
    judged = [row for row in rows if row.basis == "judgement"]
    assert [row.key for row in rows if row not in judged and not row.url] == []


def test_the_pairs_of_the_method_are_there_with_their_signs(neocloud: Case) -> None:
    signs = {pair.pair: math.copysign(1.0, pair.rho) for pair in chapter(neocloud).correlations}
    assert signs == {
        frozenset(("price", "utilisation")): 1.0,
        frozenset(("price", "landing")): -1.0,
        frozenset(("power", "price")): 1.0,
        frozenset(("terms.required_return_annual", "scarcity")): -1.0,
    }


def test_the_volatility_of_rents_is_that_of_the_index(neocloud: Case) -> None:
    rents = [math.log(rent) for _, rent in sorted(list_index(neocloud).items())]
    monthly = [later - sooner for sooner, later in pairwise(rents)]
    mean = sum(monthly) / len(monthly)
    answers = sum((one - mean) * (two - mean) for one, two in pairwise(monthly)) / sum(
        (one - mean) ** 2 for one in monthly
    )
    yearly = stdev(later - sooner for sooner, later in zip(rents, rents[12:], strict=False))
    price = chapter(neocloud).processes.price.volatility_per_sqrt_year
    assert (len(monthly), len(rents) - 12) == (32, 21)
    assert round(stdev(monthly), 4) == 0.0747
    assert price.high == round(stdev(monthly) * math.sqrt(12), 2)
    assert price.low == round(stdev(monthly) * math.sqrt(12) * math.sqrt((1 + 2 * answers) / 2), 2)
    assert price.value == round(yearly / math.sqrt(2), 2)
    assert chapter(neocloud).processes.scarcity.volatility_per_sqrt_year.value == price.value


# A case over the base


def test_a_case_replaces_distributions_and_changes_processes_key_by_key(write_case: Writer) -> None:
    extra = """
[uncertainty.parameters."operations.pue"]
distribution = "triang"
shape = [0.25]
loc = 1.05
scale = 0.4

[uncertainty.parameters]
"market.pass_through" = { distribution = "none" }
"silicon.Rubin.service_units" = { distribution = "pert" }

[uncertainty.processes.price]
volatility_per_sqrt_year = 0.3

[uncertainty.processes.landing]
process = "none"

[uncertainty.copula]
kind = "t"

[[uncertainty.correlations]]
between = ["utilisation", "price"]
rho = 0.8

[[uncertainty.correlations]]
between = ["operations.pue", "power"]
rho = -1
"""
    case = load_case(write_case(extra=extra))
    found, base = chapter(case), chapter(bundled("neocloud"))
    assert set(random_keys(case)) == {*random_keys(bundled("neocloud")), "silicon.Rubin.service_units"} - {
        "market.pass_through"
    }
    assert found.parameters["operations.pue"].source == "case.toml"
    assert (found.processes.price.volatility_per_sqrt_year.value, found.processes.price.on) == (0.3, True)
    assert found.processes.price.volatility_per_sqrt_year.high == 0.3
    assert not found.processes.landing.on
    assert found.processes.landing.log_sd == base.processes.landing.log_sd
    assert found.copula.kind.value == "t"
    rho = {pair.pair: pair.rho for pair in found.correlations}
    assert len(rho) == len(base.correlations) + 1
    assert rho[frozenset(("price", "utilisation"))] == 0.8


def test_a_range_of_the_case_is_the_range_of_its_distribution() -> None:
    (row,) = explain(bundled("bitcoin-miner"), "uncertainty.parameters.operations.electricity_price_usd_per_kwh")
    assert (row.low, row.high) == (0.0324, 0.0486)
    assert row.value == "pert from 0.0324 by 0.0422 to 0.0486"


def test_processes_are_set_on_the_command_line_and_in_scenarios(neocloud: Case) -> None:
    case = apply_overrides(
        neocloud, ["uncertainty.processes.price.volatility_per_sqrt_year=0", 'uncertainty.copula.kind="t"']
    )
    assert chapter(case).processes.price.volatility_per_sqrt_year.value == 0.0
    assert chapter(case).copula.kind.value == "t"
    assert chapter(case).parameters == chapter(neocloud).parameters
    assert digest(case) == digest(neocloud)
    assert risk_digest(case) != risk_digest(neocloud)


def test_all_of_it_can_be_switched_off(neocloud: Case) -> None:
    found = silent(neocloud)
    assert chapter(found).certain
    assert random_keys(found) == []
    (row,) = explain(found, "uncertainty.parameters.operations.pue")
    assert row.value == "none"
    assert sample_parameters(found, np.zeros((0, 8))) == {}


def test_what_a_change_of_the_case_makes_impossible_can_be_switched_off(neocloud: Case) -> None:
    fitted = apply_overrides(neocloud, ["market.drift_covers=through_landings", "market.pass_through=0"])
    with pytest.raises(AssumptionError, match="count twice"):
        sample_parameters(fitted, np.zeros((len(random_keys(fitted)), 8)))
    still = apply_overrides(fitted, ["uncertainty.parameters.market.pass_through.distribution=none"])
    assert len(sample_parameters(still, np.zeros((len(random_keys(still)), 8)))) == len(random_keys(fitted)) - 1
    assert len(describe_uncertainty(still)) == len(describe_uncertainty(neocloud))


# The page


PAGE = (Path(__file__).parents[4] / "docs" / "uncertainty.md").read_text(encoding="utf-8")


def test_what_the_page_writes_is_a_case(write_case: Writer) -> None:
    blocks = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    case = load_case(write_case(extra="\n".join(blocks)))
    assert chapter(case).parameters["operations.pue"].distribution == "lognorm"
    assert not chapter(case).processes.landing.on
    assert chapter(case).copula.kind.value == "t"


def test_the_page_names_what_is_random_in_the_base(neocloud: Case) -> None:
    words = set(re.findall(r"\w+", PAGE.partition("## Assumptions that are random in the base")[2]))
    assert {key.split(".")[-1] for key in random_keys(neocloud)} <= words
    for name, process in chapter(neocloud).processes.items():
        (row,) = re.findall(rf"^\| `{name}` \|.*$", PAGE, re.MULTILINE)
        volatility = getattr(process, "volatility_per_sqrt_year", None)
        assert volatility is None or f"{volatility.value:g} per √year" in row


# Listings


def test_every_part_is_explained(neocloud: Case) -> None:
    keys = [row.key for row in describe_uncertainty(neocloud)]
    assert len(keys) == len(set(keys))
    assert all(explain(neocloud, key)[0].key == key for key in keys)
    processes = {key.split(".")[2] for key in keys if key.startswith("uncertainty.processes.")}
    assert processes == set(Processes.model_fields) > set(SCORED)
    (row,) = explain(neocloud, "uncertainty.correlations.price and utilisation")
    assert (row.value, row.unit) == (0.5, "correlation")
    (row,) = explain(neocloud, "uncertainty.processes.power.seasons")
    assert str(row.value).startswith("1.008, 0.978")


def test_the_deterministic_answer_does_not_know_it(neocloud: Case) -> None:
    bare = neocloud.model_copy(update={"uncertainty": None})
    assert describe(neocloud) == describe(bare)
    assert [key for key, _, _ in sensitivities(neocloud) if key.startswith("uncertainty")] == []
    assert digest(neocloud, neocloud.scenarios) == digest(bare, bare.scenarios)
    assert risk_digest(neocloud) != risk_digest(bare)
    assert "uncertainty" not in resolved(neocloud)["case"]
    assert describe_uncertainty(bare) == []


def test_distributions_are_told_in_words(write_case: Writer) -> None:
    laws = """
[uncertainty.parameters]
"operations.pue" = { distribution = "lognorm", shape = [0.1], loc = 1, scale = 0.15, high = 2 }
"churn.weights_per_year" = { distribution = "gamma", shape = [4], scale = 0.1, high = 2.0 }
"market.pass_through" = { distribution = "uniform", loc = 0.5, scale = 0.5 }
"""
    case = load_case(write_case(extra=laws))
    words = {row.key.removeprefix("uncertainty.parameters."): row.value for row in describe_uncertainty(case)}
    assert words["operations.pue"] == "lognorm(0.1, loc 1, scale 0.15), cut at no end and 2"
    assert words["market.pass_through"] == "uniform(loc 0.5, scale 0.5)"


# Kept with a case


def test_a_case_written_whole_keeps_what_is_random(tmp_path: Path, write_case: Writer) -> None:
    extra = '[uncertainty.parameters]\n"operations.pue" = { distribution = "uniform", loc = 1.1, scale = 0.2 }\n'
    extra += "[[uncertainty.correlations]]\nbetween = ['operations.pue', 'power']\nrho = 0.3\n"
    extra += "[uncertainty.processes.price]\nprocess = 'none'\n"
    case = load_case(write_case(extra=extra))
    write_whole(case, (), tmp_path / "small too")
    found = load_case(tmp_path / "small too")
    assert chapter(found) == chapter(case)
    assert risk_digest(found) == risk_digest(case)


@pytest.mark.parametrize("name", bundled_cases())
def test_texts_carry_it_beside_what_their_digest_covers(name: str) -> None:
    case = bundled(name)
    text = embedded_text(case, case.scenarios)
    for fingerprint in (digest(case, case.scenarios), risk_digest(case, case.scenarios)):
        found, _ = restored(text, fingerprint, "here")
        assert found == case
        for was, instead in (('"rho":0.5', '"rho":0.6'), ('"risk_digest":"', '"risk_digest":"0')):
            with pytest.raises(AssumptionError, match="it was changed"):
                restored(text.replace(was, instead), fingerprint, "here")
    bare = case.model_copy(update={"uncertainty": None})
    found, _ = restored(embedded_text(bare, case.scenarios), digest(case, case.scenarios), "here")
    assert found == bare


# Refused

BAD = [
    ("[uncertainty]\nvolatility = 1\n", ["uncertainty.volatility", "unknown key"]),
    ("uncertainty = 3\n", ["uncertainty", "3 is not a table"]),
    ("[uncertainty]\nparameters = 3\n", ["parameters", "3 is not a table"]),
    ("[uncertainty]\ncorrelations = 3\n", ["uncertainty.correlations", "a list"]),
    ('[uncertainty.parameters]\n"operations.pue" = 3\n', ["operations.pue", "3 does not fit", "a table"]),
    ("[[uncertainty.correlations]]\nbetween = ['price', 'power']\nrho = 1.2\n", ["rho", "1.2", "-1 to 1"]),
    ("[[uncertainty.correlations]]\nbetween = ['price', 'power']\nrho = -1.01\n", ["rho", "-1.01", "-1 to 1"]),
    ("[[uncertainty.correlations]]\nbetween = ['price', 'power']\nrho = nan\n", ["rho", "nan is not finite"]),
    ("[[uncertainty.correlations]]\nbetween = ['price', 'power']\n", ["rho", "nothing is given"]),
    ("[[uncertainty.correlations]]\nbetween = ['price', 'price']\nrho = 1\n", ["between", "two different names"]),
    ("[[uncertainty.correlations]]\nbetween = ['price']\nrho = 1\n", ["between", "two different names"]),
    ("[[uncertainty.correlations]]\nbetween = 'price'\nrho = 1\n", ["between", "two different names"]),
    ("[[uncertainty.correlations]]\nbetween = ['price', 'rain']\nrho = 0\n", ["'rain' is not random here"]),
    (
        "[[uncertainty.correlations]]\nbetween = ['price', 'silicon.Rubin.it_kw']\nrho = 0\n",
        ["'silicon.Rubin.it_kw' is not random here", "give it a distribution"],
    ),
    ("[[uncertainty.correlations]]\nbetween = ['price', 'failures']\nrho = 0\n", ["failures comes in counts"]),
    (
        "[uncertainty]\ncorrelations = [{between=['power', 'price'], rho=0}, {between=['price', 'power'], rho=1}]\n",
        ["price and power are correlated twice"],
    ),
    ("[uncertainty.processes.weather]\nprocess = 'none'\n", ["processes.weather", "unknown key"]),
    ("[uncertainty.processes.price]\nprocess = 'jumps'\n", ["price.process", "'jumps' is unknown", "diffusion, none"]),
    (
        "[uncertainty.processes.price]\nvolatility_per_sqrt_year = -0.1\n",
        ["price.volatility_per_sqrt_year", "-0.1 is out of range", "0 to 5"],
    ),
    ("[uncertainty.processes.power]\nhalf_life_months = 0\n", ["power.half_life_months", "0 is out of range"]),
    ("[uncertainty.processes.power]\nseasons = { factors = [1, 1] }\n", ["power.seasons.factors", "12 factors"]),
    (
        "[uncertainty.processes.power]\nseasons = { factors = [2,2,2,2,2,2,2,2,2,2,2,2] }\n",
        ["a mean of 2", "divide them"],
    ),
    ("[uncertainty.processes.landing]\nlog_sd = -1\n", ["landing.log_sd", "-1 is out of range"]),
    ("[uncertainty.processes.failures]\nconcentration = 0\n", ["failures.concentration", "0 is out of range"]),
    ("[uncertainty.copula]\nkind = 'clayton'\n", ["copula.kind", "'clayton' is unknown", "gaussian, t"]),
    ("[uncertainty.copula]\ndegrees_of_freedom = 0.5\n", ["degrees_of_freedom", "0.5 is out of range"]),
]


def law(key: str, text: str) -> str:
    return f'[uncertainty.parameters."{key}"]\n{text}\n'


LAWS = [
    ("market.pues", 'distribution = "pert"', ["unknown key"]),
    ("market.pues", 'distribution = "none"', ["unknown key"]),
    ("market.mode", 'distribution = "pert"', ["holds no number"]),
    ("silicon.Rubin.landing", 'distribution = "pert"', ["holds no number"]),
    ("market.contract_to_list_ratio", 'distribution = "pert"', ["cannot be random", "belongs to the base"]),
    ("terms.planning_life_months", 'distribution = "pert"', ["cannot be random", "whole numbers"]),
    ("capex.server_share_of_capex", 'distribution = "pert"', ["cannot be random", "purchases"]),
    ("ledgers.three_year.salvage_share_of_cost", 'distribution = "pert"', ["cannot be random", "books"]),
    ("silicon.H100.cost_usd", 'distribution = "pert"', ["cannot be random", "unit_cost_usd"]),
    ("operations.pue", 'distribution = "bell"', ["'bell' is no distribution", "lognorm"]),
    ("operations.pue", 'distribution = "poisson"\nshape = [3]', ["poisson is discrete", "continuous"]),
    ("operations.pue", 'distribution = "multivariate_normal"', ["has no quantiles (ppf)"]),
    ("operations.pue", 'distribution = "pearsonr"', ["'pearsonr' is no distribution"]),
    ("operations.pue", "loc = 1", ["distribution", "nothing is given"]),
    ("operations.pue", 'distribution = "lognorm"', ["lognorm with 0 shape parameters", "shape = [s]"]),
    ("operations.pue", 'distribution = "lognorm"\nshape = [-1]', ["for which lognorm exists"]),
    ("operations.pue", 'distribution = "norm"\nscale = -1', ["scale", "-1 is out of range"]),
    ("operations.pue", 'distribution = "norm"\nloc = nan', ["loc", "finite"]),
    ("operations.pue", 'distribution = "pert"\nscale = 2', ["pert with shape, loc or scale"]),
    ("operations.pue", 'distribution = "uniform"\nlow = 2\nhigh = 1', ["low 2 is above high 1"]),
    ("operations.pue", 'distribution = "uniform"\nlow = 2\nhigh = 3', ["nothing of uniform lies between"]),
    (
        "operations.pue",
        'distribution = "norm"\nloc = 1.2\nscale = 0.1',
        ["-inf to inf", "1 to 5 [ratio]", "cut it off"],
    ),
    ("operations.pue", 'distribution = "uniform"\nloc = 0.9', ["0.9 to 1.9", "1 to 5 [ratio]", "cut it off"]),
    ("operations.pue", 'distribution = "pert"\nlow = 0.5', ["0.5 to 1.54", "cut it off"]),
    ("demand.four_bit_share", 'distribution = "pert"\nhigh = 0.95', ["demand.four_bit_share reaches 0.95"]),
    ("breakthroughs.breakthrough.memory_share_of_cost", 'distribution = "pert"\nhigh = 0.9', ["add up to 1.06"]),
]


@pytest.mark.parametrize(
    ("extra", "parts"),
    [*BAD, *((law(key, text), ["uncertainty.parameters", *parts]) for key, text, parts in LAWS)],
)
def test_what_cannot_be_random_is_refused_in_one_line(write_case: Writer, extra: str, parts: list[str]) -> None:
    head = extra if extra.startswith("uncertainty = ") else ""
    folder = write_case(extra="" if head else extra, **({"head": head} if head else {}))
    with pytest.raises(AssumptionError) as caught:
        load_case(folder)
    text = str(caught.value)
    assert "\n" not in text
    assert [part for part in ("case.toml", "allowed is", *parts) if part not in text] == []


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("extra", [BAD[5][0], law(*LAWS[4][:2]), law(*LAWS[21][:2]), BAD[18][0]])
def test_commands_say_it_in_one_line(write_case: Writer, command: str, extra: str) -> None:
    found = CliRunner().invoke(cli.app, [command, str(write_case(extra=extra))])
    assert found.exit_code == 1
    assert found.stdout == ""
    assert found.stderr.startswith("error: case.toml: uncertainty")
    assert found.stderr.count("\n") == 1


def test_values_set_are_refused_in_one_line() -> None:
    for key, value in (
        ("processes.price.volatility_per_sqrt_year", -0.1),
        ("processes.price.process", "jumps"),
        ("processes.power.seasons", 1.0),
        ("parameters.operations.pue", "none"),
        ("parameters.operations.pue.distribution", "bell"),
        ("parameters.operations.pue.distribution", "lognorm"),
    ):
        with pytest.raises(AssumptionError, match=r"allowed is") as caught:
            apply_overrides(bundled("neocloud"), [(f"uncertainty.{key}", value)])
        assert "\n" not in str(caught.value)
