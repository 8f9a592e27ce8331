"""Location quotients: how much more of an industry a region has than the whole has."""

from typing import Any

import narwhals as nw

from clusterkit.regional.cells import (
    AMOUNT,
    Columns,
    Table,
    choose,
    columns_of,
    give,
    over,
    read,
)

REGION, INDUSTRY, ALL = nw.col("_region"), nw.col("_industry"), nw.col("_all")


def location_quotient(
    frame: Any,
    *,
    region: str,
    industry: str,
    value: str,
    by: Columns = None,
    form: str = "ratio",
    exclude_self: bool = False,
    ddof: int = 0,
    duplicates: str = "error",
    missing: str = "error",
) -> Any:
    """Return the location quotient of every cell, ``LQ = (x_ri / X_r) / (X_i / X)``.

    Parameters
    ----------
    frame : table
        Cells: one row per region and industry (and period). The totals are the sums over the
        table, own region included, so rows that hold totals must be left out. With one row per
        cell the other columns stay, `claims` among them.
    region, industry, value, by
        As for `herfindahl`.
    form : {"ratio", "symmetric", "log", "z"}
        LQ; ``(LQ - 1) / (LQ + 1)``, in -1..1; ``ln LQ``; or LQ less its mean over the regions,
        absent cells counted as 0, in standard deviations.
    exclude_self : bool
        Compare with the rest, ``(X_i - x_ri) / (X - X_r)``, not with the whole.
    ddof : int
        For "z": 0 divides by the number of regions, 1 by one less.
    duplicates, missing : str
        See `clusterkit.regional.cells.read`. A cell skipped as missing has no quotient.

    Returns
    -------
    table
        The cells with ``location_quotient`` (0 or more; 0 for a zero cell, missing where the
        region or the industry has no total) and ``location_quotient_reason``, which says why one
        is missing. Other forms add their name: ``location_quotient_log``. Rows added up are in
        order of their names; those of a database query in none, so sort it last.

    References
    ----------
    Florence (1939), Report on the location of industry. O'Donoghue and Gleave (2004), A note on
    methods for measuring industrial agglomeration. Regional Studies 38 (the z form).

    Examples
    --------
    >>> import pandas as pd
    >>> jobs = pd.DataFrame({"region": ["A", "A", "B", "B"], "jobs": [30, 70, 10, 90],
    ...                      "industry": ["toys", "rest", "toys", "rest"]})
    >>> quotients = location_quotient(jobs, region="region", industry="industry", value="jobs")
    >>> quotients["location_quotient"].tolist()
    [1.5, 0.875, 0.5, 1.125]
    """
    choose("form", form, ("ratio", "symmetric", "log", "z"))
    keys, periods = columns_of(by, region, industry), columns_of(by)
    cells = read(
        frame, keys=keys, value=value, duplicates=duplicates, missing=missing, whole_rows=True
    )
    cells = with_totals(cells, region, industry, periods)
    in_industry, in_all = (INDUSTRY - AMOUNT, ALL - REGION) if exclude_self else (INDUSTRY, ALL)
    reasons = [
        (AMOUNT.is_null(), "the value is missing"),
        (~(REGION > 0), "the total of the region is zero"),
        (~(INDUSTRY > 0), "the total of the industry is zero"),
    ]
    if exclude_self:
        reasons.append((~(in_industry > 0), "the industry is nowhere else"))
    if form == "log":
        reasons.append((AMOUNT == 0, "zero has no logarithm"))
    cells = cells.with_columns(_reason=_first(reasons, cells))
    quotient = AMOUNT * in_all / (REGION * in_industry)  # exactly 1 where whole numbers say so
    cells = cells.with_columns(_lq=nw.when(nw.col("_reason").is_null()).then(quotient))
    lq = nw.col("_lq")
    if form == "z":
        cells = _with_z(cells, [*periods, industry], periods, ddof)
    shown = {"ratio": lq, "symmetric": (lq - 1) / (lq + 1), "log": lq.log(), "z": nw.col("_z")}
    name = "location_quotient" if form == "ratio" else f"location_quotient_{form}"
    return finish(
        cells, frame, value, {name: shown[form], "location_quotient_reason": nw.col("_reason")}
    )


def with_totals(cells: Table, region: str, industry: str, periods: list[str]) -> Table:
    """Add the totals `REGION`, `INDUSTRY` and `ALL` to every cell."""
    total = AMOUNT.sum()
    return cells.with_columns(
        _region=total.over(*periods, region),
        _industry=total.over(*periods, industry),
        _all=over(total, periods),
    )


def _first(reasons: list[tuple[nw.Expr, str]], cells: Table) -> nw.Expr:
    """Return the first reason whose condition holds, else a missing text."""
    told = nw.lit(None, dtype=nw.String)
    if isinstance(cells, nw.DataFrame):  # most tables need none, and texts cost more than sums
        any_holds = nw.any_horizontal(*(holds for holds, _ in reasons), ignore_nulls=True).any()
        if not cells.select(any_holds).item():
            return told
    for holds, text in reversed(reasons):
        told = nw.when(holds).then(nw.lit(text)).otherwise(told)
    return told


def _with_z(cells: Table, group: list[str], periods: list[str], ddof: int) -> Table:
    """Add ``_z``: the quotient in standard deviations over the regions of the group."""
    lq, n, mean = nw.col("_lq"), nw.col("_n"), nw.col("_mean")
    share = nw.when(REGION > 0).then(AMOUNT / REGION)  # a region's shares add up to one
    skipped = nw.when(REGION > 0).then(AMOUNT.is_null().cast(nw.Float64))
    cells = cells.with_columns(_skipped=skipped)
    cells = cells.with_columns(
        # missing cells are no zeros: their regions do not count for this industry
        _n=over(share.sum(), periods).round() - nw.col("_skipped").sum().over(*group)
    )
    cells = cells.with_columns(_mean=lq.sum().over(*group) / n)
    absent = n - lq.count().over(*group)
    cells = cells.with_columns(_apart=(lq - mean) ** 2, _absent=absent * mean**2)
    squares = nw.col("_apart").sum().over(*group) + nw.col("_absent")
    cells = cells.with_columns(_deviation=(squares / nw.when(n > ddof).then(n - ddof)) ** 0.5)
    deviation, reason = nw.col("_deviation"), nw.col("_reason")
    flat = reason.is_null() & ~(deviation > 0).fill_null(False)
    why = nw.when(n > ddof).then(nw.lit("the regions do not differ"))
    why = why.otherwise(nw.lit("there are too few regions"))
    return cells.with_columns(
        _z=nw.when(deviation > 0).then((lq - mean) / deviation),
        _reason=nw.when(flat).then(why).otherwise(reason),
    )


def finish(cells: Table, frame: Any, value: str, results: dict[str, nw.Expr]) -> Any:
    """Return the cells without working columns, with the results added."""
    there = {*cells.collect_schema().names()} - {*results}
    kept = [name for name in nw.from_native(frame).collect_schema().names() if name in there]
    shown = [] if value in kept else [AMOUNT.alias(value)]
    return give(cells.select(*kept, *shown, **results), frame)
