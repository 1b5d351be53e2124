from __future__ import annotations

import json

from assumptions import apply_overrides, digest, load_case
from assumptions.cases.fingerprint import canonical, resolved
from assumptions.chapters.schema import Case


def test_the_fingerprint_is_stable(neocloud: Case) -> None:
    first = digest(neocloud, neocloud.scenarios)
    assert first == digest(load_case("neocloud"), load_case("neocloud").scenarios)
    assert len(first) == 64


def test_everything_counts(neocloud: Case, meta: Case) -> None:
    variants = [
        digest(neocloud),
        digest(neocloud, neocloud.scenarios),
        digest(neocloud, neocloud.scenarios[::-1]),
        digest(meta),
        digest(apply_overrides(neocloud, ["terms.scrap_share_of_cost=0.021"])),
        digest(Case.model_validate({**dict(neocloud), "horizon_months": 181})),
        digest(Case.model_validate({**dict(neocloud), "schedule": neocloud.schedule[:-1]})),
    ]
    assert len(set(variants)) == len(variants)


def test_scenarios_not_run_do_not_count(neocloud: Case) -> None:
    fewer = Case.model_validate({**dict(neocloud), "scenarios": ()})
    assert digest(fewer) == digest(neocloud)


def test_canonical_text_sorts_keys_and_keeps_floats() -> None:
    assert canonical({"b": 0.1, "a": [1, None]}) == '{"a":[1,null],"b":0.1}'


def test_the_resolved_set_reads_back(meta: Case) -> None:
    data = json.loads(canonical(resolved(meta, meta.scenarios)))
    assert data["case"]["terms"]["required_return_annual"]["value"] == 0.11
    assert data["list_index"]["2026-09"] == 3.789
    assert data["scenarios"][0]["name"] == "base"
