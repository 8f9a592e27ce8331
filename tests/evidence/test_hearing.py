"""A series settles each year as a reader with a pencil would: claim by claim, year by year."""

from itertools import product

import pandas as pd
import pytest

from clusterkit import Hearing, UnknownNameError
from clusterkit.errors import ClusterkitError

TIERS = ["official", "company", "press", "digest", "repost"]
FIRM = ["actual", "planned", "target", "forecast"]
RULES = ["highest_tier", "latest", "official", "median", "all"]
STATUSES = [("actual",), ("actual", "forecast"), tuple(FIRM)]
HEARINGS = [
    Hearing(*choices)
    for choices in product(RULES, STATUSES, ("fill", "include", "exclude"), (False, True))
]


def by_hand(claims, heard):
    """Return the rows of a series, worked out without pandas."""
    units = [claim["unit"] for claim in claims]
    unit = max(dict.fromkeys(units), key=units.count)

    def fit(claim):
        return (
            claim["unit"] == unit
            and claim["usable"]
            and claim["basis"] != "span"
            and claim["status"] in heard.status
            and (heard.inferred or not claim["inferred"])
        )

    fitting = [claim for claim in claims if fit(claim)]
    dated = {(it["year"], it["status"]) for it in fitting if it["basis"] == "dated"}

    def let_in(claim):
        if claim["basis"] != "as of" or heard.as_of == "include":
            return True
        return heard.as_of == "fill" and (claim["year"], claim["status"]) not in dated

    rows = []
    for year in sorted({claim["year"] for claim in claims}):
        own = [claim for claim in fitting if claim["year"] == year and let_in(claim)]
        firmest = min((FIRM.index(claim["status"]) for claim in own), default=0)
        own = ranked([it for it in own if FIRM.index(it["status"]) == firmest], heard.prefer)
        missed = sum(claim["year"] == year for claim in claims) - len(own)
        rows += [row | {"year": year, "rule": heard.prefer, "left_out": missed}
                 for row in settled(own, heard.prefer)]  # fmt: skip
    return rows


def ranked(claims, rule):
    def place(claim):
        doubt = 2 * (claim["basis"] != "dated") + claim["inferred"]
        age = tuple(-ord(letter) for letter in claim["source_date"].ljust(10))
        tier = TIERS.index(claim["tier"])
        order = (age, tier) if rule == "latest" else (tier, age)
        return (doubt, *order, claim["claim_id"])

    return sorted(claims, key=place)


def settled(claims, rule):
    if not claims:
        return []
    if rule == "median":
        values = sorted(claim["value"] for claim in claims)
        middle = len(values) // 2
        value = values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2
        alike = {name: {claim[name] for claim in claims} for name in ("hedge", "basis")}
        low, high = min(it["low"] for it in claims), max(it["high"] for it in claims)
        apart = max(it["low"] for it in claims) > min(it["high"] for it in claims)
        return [row(claims[0], claims, []) | {
            "value": value, "low": low, "high": high, "disputed": apart,
            "hedge": claims[0]["hedge"] if len(alike["hedge"]) == 1 else "",
            "basis": claims[0]["basis"] if len(alike["basis"]) == 1 else "mixed",
        }]  # fmt: skip
    if rule == "official":
        claims, rest = (
            [claim for claim in claims if (claim["tier"] in TIERS[:2]) is official]
            for official in (True, False)
        )
        whole = ranked([*claims, *rest], rule)
        return [row(it, [it], [other for other in whole if other is not it]) for it in claims[:1]]
    chosen = claims if rule == "all" else claims[:1]
    return [row(it, [it], [other for other in claims if other is not it]) for it in chosen]


def row(first, chosen, others):
    kept = ("value", "low", "high", "unit", "status", "hedge", "basis")
    return {name: first[name] for name in kept} | {
        "claims": tuple(claim["claim_id"] for claim in chosen),
        "others": tuple(claim["claim_id"] for claim in others),
        "disputed": any(it["low"] > first["high"] or it["high"] < first["low"] for it in others),
    }


def crowded(case, most=2):
    """Return the questions of a case that most claims compete for, one an indicator."""
    asked = ["indicator", "subject", "product"]
    counts = case.claims.groupby(asked, sort=True).size().sort_values(kind="stable")[::-1]
    return counts.index.drop_duplicates()[:most].tolist()


@pytest.mark.parametrize("name", ["zhili", "pingxiang", "context"])
def test_every_rule_settles_as_by_hand(name, request):
    case = request.getfixturevalue(name)
    compared = 0
    for place, (indicator, subject, made) in enumerate(crowded(case)):
        about = {"subject": subject, "product": made}
        own = case.claims
        for column, wanted in (about | {"indicator": indicator}).items():
            own = own[own[column] == wanted]
        for heard in HEARINGS[place::2]:
            expected = by_hand(own.to_dict("records"), heard)
            if not expected:
                with pytest.raises(ClusterkitError):
                    case.series(indicator, heard, **about)
                continue
            found = case.series(indicator, heard, **about)
            columns = list(found.columns)
            pd.testing.assert_frame_equal(found, pd.DataFrame(expected)[columns])
            compared += 1
    assert compared > 40


def test_choices_by_name_go_before_those_of_the_hearing(zhili):
    latest = Hearing(prefer="latest")
    assert zhili.series("sales", latest).equals(zhili.series("sales", prefer="latest"))
    assert zhili.series("sales", latest, prefer="median")["rule"].unique().tolist() == ["median"]
    assert zhili.estimate("sales", 2023, latest) == zhili.estimate("sales", 2023, prefer="latest")
    heard = Hearing(inferred=True)
    assert "inferred" not in set(zhili.left_out("sales", heard)["reason"])
    assert Hearing(status=["actual"]) == Hearing()


def test_a_choice_that_no_hearing_has_is_named(zhili):
    with pytest.raises(UnknownNameError, match="Did you mean 'prefer'"):
        zhili.series("sales", preferred="latest")
    with pytest.raises(UnknownNameError, match="There is no rule 'newest'"):
        Hearing(prefer="newest")
