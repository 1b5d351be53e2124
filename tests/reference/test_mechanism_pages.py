"""The pages on the mechanisms say what the engine and the assumptions say, and name tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.reference.mechanism_figures import (
    DOCS,
    PAGES,
    assumptions,
    effect,
    parameter_cells,
    rows_by_page,
    run,
    shutdown_price,
)

pytestmark = pytest.mark.slow

ROOT = DOCS.parent
INDEX = PAGES / "README.md"
CLAIMS = [page for page in sorted(PAGES.glob("*.md")) if page != INDEX]
ROW = re.compile(
    r"^\| [\d, ]* ?\| [^|]+\| [^|]*\| `(?P<name>[^|]+?)` \| (?P<figures>(?:[-\d.,]+ \| ){4})", re.MULTILINE
)
PARAMETER = re.compile(r"^\| (?P<cells>`(?P<key>[a-z_]+(?:\.[\w ]+)+)` \| .*)$", re.MULTILINE)
NAMED_TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
CHART = re.compile(r"--out (docs/images/mechanisms/[\w-]+\.png)$", re.MULTILINE)
IMAGE = re.compile(r"\]\(\.\./(images/[\w/-]+\.png)\)")
LARGEST = 80_000
LONGEST = 60


def text(page: Path) -> str:
    """A page as it is written."""
    return page.read_text(encoding="utf-8")


def index_rows() -> dict[str, list[float]]:
    """Figures of the index by scenario."""
    return {
        found["name"]: [float(cell.replace(",", "")) for cell in found["figures"].rstrip("| ").split(" | ")]
        for found in ROW.finditer(text(INDEX))
    }


def test_index_shows_the_figures_of_the_engine() -> None:
    rows = index_rows()
    assert len(rows) == 18
    for name, figures in rows.items():
        for printed, (value, decimals) in zip(figures, effect(name), strict=True):
            assert printed == pytest.approx(value, rel=0.0, abs=0.51 * 10.0**-decimals), name


def test_what_the_index_reads_off_its_rows_holds() -> None:
    rows = index_rows()
    positive = {name for name, (_, first, _, second) in rows.items() if first > 0.0 and second > 0.0}
    assert positive == {"mining_bust", "power_limited", "captive_migration"}
    base = rows["base"]
    left = {name: (figures[0] / base[0], figures[2] / base[2]) for name, figures in rows.items()}
    for name in ("landing_early", "asic_shift", "formats_strand", "power_limited"):
        assert all(0.66 < share < 0.935 for share in left[name]), name
    for name in ("etched_small", "etched_stranded", "breakthrough_2029", "breakthrough_by_chance"):
        assert all(share > 0.98 for share in left[name]), name
    assert all(0.3 < share < 0.35 for share in left["mining_bust"])


def test_index_links_every_page() -> None:
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", text(INDEX)))
    assert linked == {page.name for page in CLAIMS}


@pytest.mark.parametrize("name", ["landings", "faster-than-believed", "captive-silicon"])
def test_pages_show_the_figures_of_the_engine(name: str) -> None:
    page = text(PAGES / f"{name}.md")
    assert [row for row in rows_by_page()[name] if row not in page] == []


def test_lives_end_before_the_books_and_devices_run_on() -> None:
    """What the page on claim 3 says of both cases; were it otherwise, the claim would be wrong or wholly right."""
    for case in ("neocloud", "meta"):
        found, _ = run(case)
        lives = found.results.fleet_lives
        life = max(step.months for step in found.case.ledgers["disclosed"].lives)
        assert lives.t90[0, 0] < life < lives.retirement[0, 0]


def test_shutdown_price_is_the_one_printed() -> None:
    assert f"shutdown price of {shutdown_price():.2f} USD" in text(PAGES / "landings.md")


@pytest.mark.parametrize("page", CLAIMS, ids=lambda page: page.stem)
def test_parameters_are_those_of_the_base(page: Path) -> None:
    named = [match for match in PARAMETER.finditer(text(page)) if not match["key"].startswith("ledgers.")]
    assert named or page.stem == "three-year-books"
    for match in named:
        row = assumptions()[match["key"]]
        assert match["cells"].startswith(f"{parameter_cells(match['key'])} | "), match["key"]
        assert row.source.replace("|", "/") in match["cells"]


@pytest.mark.parametrize("page", CLAIMS, ids=lambda page: page.stem)
def test_tests_named_on_a_page_exist(page: Path) -> None:
    named = NAMED_TEST.findall(text(page))
    assert named
    for file, name in named:
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), name


@pytest.mark.parametrize("page", CLAIMS, ids=lambda page: page.stem)
def test_every_page_is_short_and_has_its_chart_with_the_command_that_made_it(page: Path) -> None:
    assert len(text(page).splitlines()) <= LONGEST
    (image,) = IMAGE.findall(" ".join(text(page).split()))
    assert (DOCS / image).is_file()
    if image.startswith("images/mechanisms/"):
        assert CHART.findall(text(page)) == [f"docs/{image}"]
        assert (DOCS / image).stat().st_size < LARGEST
