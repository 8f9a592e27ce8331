"""Pictures of many clusters, and cards of one: what is marked, what is joined, what fits."""

import shutil
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba

import clusterkit as ck
from clusterkit import Estimate, MessageError, Page
from clusterkit.views.frame import COLOURS, theme


@pytest.fixture
def page(zhili, context):
    return Page(zhili)


@pytest.fixture(scope="module")
def rows(context):
    """Figures as the panel of clusters has them: sales, output values, a forecast."""
    claims = context.claims
    chosen = claims[
        claims["indicator"].isin(["sales", "output_value", "market_turnover"])
        & (claims["unit"] == "CNY")
        & ~claims["subject"].isin(["China"])
    ]
    found = chosen.sort_values("year").drop_duplicates(["subject", "indicator"], keep="last")
    return found.assign(
        cluster=found["subject"], kind=found["indicator"], disputed=False, mark="",
        claims=[(name,) for name in found["claim_id"]],
    ).reset_index(drop=True)  # fmt: skip


def drawn(chart):
    """The renderer of a chart that has been drawn, and the size of the picture."""
    canvas = FigureCanvasAgg(chart.figure)
    with theme():
        canvas.draw()
    return canvas.get_renderer(), canvas.get_width_height()


def all_inside(chart):
    renderer, (width, height) = drawn(chart)
    parts = [it for axes in chart.figure.axes for it in (*axes.texts, *axes.artists)]
    for part in (*chart.figure.texts, *parts):
        box = part.get_window_extent(renderer)
        inside = -1 <= box.x0 <= box.x1 <= width + 1 and -1 <= box.y0 <= box.y1 <= height + 1
        assert inside, part


def crossing(axes, after, before):
    """The lines of a picture that lead across the years of a break."""
    return [line for line in axes.lines
            if len(line.get_xdata()) > 1 and min(line.get_xdata()) <= after
            and max(line.get_xdata()) >= before]  # fmt: skip


def test_ranges_rank_each_kind_by_itself(page, rows):
    chart = page.draw(ck.Ranges(rows, accent=["Baigou"]), "x")
    assert len(chart.table) == len(rows) > 40
    kinds = chart.table["kind"].drop_duplicates().tolist()
    assert kinds == ["sales", "output_value", "market_turnover"]
    for _, part in chart.table.groupby("kind"):
        assert part["value"].is_monotonic_decreasing
    texts = [text.get_text() for text in chart.figure.axes[0].texts]
    assert {"sales", "output value", "market turnover"} <= set(texts)
    bold = {text.get_text() for text in chart.figure.axes[0].texts
            if text.get_fontweight() == "bold"}  # fmt: skip
    assert "Baigou" in bold
    assert "Keqiao" not in bold
    all_inside(chart)


def test_ranges_mark_status_year_doubt_and_disagreement(page, rows):
    few = rows.head(4).assign(
        status=["forecast", "actual", "actual", "actual"],
        basis=["dated", "as of", "dated", "dated"],
        disputed=[False, False, True, False], mark=["", "", "", "above-scale firms only"], kind="",
        value=[4e9, 3e9, 2e9, 1e9], low=[4e9, 3e9, 2e9, 0.0], high=[4e9, 3e9, np.inf, 1e9],
        hedge="exact", year=2020,
    )  # fmt: skip
    chart = page.draw(ck.Ranges(few), "x", note="Below.")
    axes = chart.figure.axes[0]
    faces = [tuple(dots.get_facecolor()[0]) for dots in axes.collections[:4]]
    full = to_rgba(COLOURS[0])
    assert faces[0] == (1, 1, 1, 1)
    assert faces[1] not in (faces[0], full)
    assert faces[2] == full
    assert sum(text.arrow_patch is not None for text in axes.texts) == 1
    texts = [text.get_text() for text in axes.texts]
    assert {"2 billion ≠", "1 billion *", "as of 2020", "4 billion (forecast)"} <= set(texts)
    note = chart.figure.texts[-1].get_text().replace("\n", " ")
    assert note.startswith("Below. ≠ sources contradict each other. * more, less or other")
    assert "above-scale firms only" in note
    assert "disputed" in chart.lines[2]


def test_scatter_labels_cover_nothing_and_count_what_is_left_out(page, rows):
    points = {
        row.cluster: (Estimate.of(row), replace(Estimate.of(row), unit="CNY/firm"))
        for row in rows.itertuples()
    }
    kinds = dict(zip(rows["cluster"], rows["kind"], strict=True))
    chart = page.draw(
        ck.Scatter(points, ("size", "size per firm"), kinds=kinds, accent=["Songxia (Shangyu)"]),
        "x",
    )
    axes = chart.figure.axes[0]
    renderer, _ = drawn(chart)
    labels = [text for text in axes.texts if text.get_text()]
    boxes = [label.get_window_extent(renderer) for label in labels]
    for (one, box), (other, second) in combinations(zip(labels, boxes, strict=True), 2):
        assert not box.padded(-1.5).overlaps(second.padded(-1.5)), (one, other)
    written = {label.get_text() for label in labels}
    assert written < set(chart.table["label"])
    missing = len(points) - len(written)
    assert missing > 0
    assert f"for want of room: {missing}." in chart.figure.texts[-1].get_text()
    assert "Songxia (Shangyu)" in written
    assert len({(dots.get_facecolor().tobytes(), dots.get_paths()[0].vertices.tobytes())
                for dots in axes.collections}) > len(set(kinds.values()))  # fmt: skip
    all_inside(chart)


def test_growth_starts_at_100_and_joins_nothing_across_a_break(page, zhili):
    tables = {"Zhili": zhili.series("sales"), "pieces": zhili.series("output_pieces")}
    chart = page.draw(ck.Growth(tables, breaks={"Zhili": [(2012, 2015)]}, accent="Zhili"), "x")
    ours = chart.table[chart.table["label"] == "Zhili"].set_index("year")["index"]
    assert ours[2005] == ours[2017] == 100
    assert ours[2011] == pytest.approx(100 * 18 / 5.8)
    zhilis, pieces = chart.figure.axes[:2]
    assert not crossing(zhilis, 2012, 2015)
    assert crossing(pieces, 2012, 2015)
    assert zhilis.get_yscale() == "log"
    assert zhilis.get_ylim() == pieces.get_ylim()
    assert "Zhili: new count between 2012 and 2015" in chart.digest
    all_inside(chart)


def test_a_break_leaves_a_band_and_no_line(page, zhili):
    series = zhili.series("output_pieces")
    chart = page.draw(ck.Trend(series, breaks=[(2012, 2015), (1990, 1999)]), "x")
    axes = chart.figure.axes[0]
    assert not crossing(axes, 2012, 2015)
    assert crossing(page.draw(ck.Trend(series), "x").figure.axes[0], 2012, 2015)
    assert [text.get_text() for text in axes.texts].count("new count") == 1
    assert axes.get_xlim()[0] > 2000
    assert "new count between 2012 and 2015" in chart.digest


def test_shares_stand_end_to_end_against_the_whole(page, zhili, context):
    claims = {"Zhili": zhili.claim("xht24-share-2023"),
              "Cenhe": context.claim("ctx-cenhe-share-2023"),
              "Foshan": context.claim("ctx-foshan-share-2022")}  # fmt: skip
    chart = page.draw(ck.Shares(claims, accent="Zhili"), "x")
    axes = chart.figure.axes[0]
    bars = axes.patches
    ends = np.cumsum([0, *(bar.get_width() for bar in bars)])
    assert [bar.get_x() for bar in bars] == pytest.approx(ends[:-1])
    assert chart.table["label"].tolist() == ["Zhili", "Foshan", "Cenhe"]
    assert [100, 100] in [list(line.get_xdata()) for line in axes.lines]
    together = ck.total(*claims.values())
    whiskers = [tuple(line.get_xdata()) for line in axes.lines]
    assert (together.low, together.high) in whiskers
    assert chart.lines[-1] == "together 109% (101 to 117%)"
    assert "about 30% (27 to 33%)" in chart.alt
    assert "ctx-cenhe-share-2023" in page.sources().plain
    all_inside(chart)


@pytest.fixture
def figures(zhili):
    names = {"exports": "seed-exports-2024", "sales": "seed-sales", "firms": "cns25-firms",
             "share": "yc25-share", "pieces": "seed-output"}  # fmt: skip
    table = ck.figures([zhili.claim(name) for name in names.values()])
    return table.assign(measure=[*names], mark="", hedge=["about", "nearly", "over", "exact", ""])


def test_a_card_shows_figures_ranges_and_sources(page, zhili, figures):
    chart = page.draw(
        ck.Card(
            figures,
            "measure",
            chinese="织里",
            about="town in Zhejiang",
            series=zhili.series("sales"),
            series_name="sales",
        ),
        "Zhili",
    )
    texts = " ".join(text.get_text() for text in chart.figure.axes[0].texts)
    assert "forecast · 2024 · 4.22 to 4.24 billion · [1]" in texts
    assert "Sources: [1] Xinhua (English digest), 2025-04-07, digest; " in texts.replace("\n", " ")
    assert len(chart.table) == len(figures) + len(zhili.series("sales"))
    sources = [fact.words for fact in chart.facts if fact.kind == "data"]
    assert "Xinhua (English digest), 2025-04-07, digest" in sources
    assert chart.table["claims"].map(len).all()
    assert "; firms, over 14,000 firms, as of 2025" in chart.alt
    all_inside(chart)
    renderer, _ = drawn(chart)
    words, line = chart.figure.axes
    boxes = [part.get_window_extent(renderer) for part in (*words.artists, line)]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


@pytest.mark.parametrize("count", [1, 4, 5])
def test_a_card_makes_do_with_fewer_figures(page, figures, count):
    chart = page.draw(ck.Card(figures.head(count).assign(disputed=True), "measure"), "A cluster")
    assert len(chart.table) == count
    assert "≠ sources contradict each other." in chart.figure.axes[0].texts[-1].get_text()
    all_inside(chart)


def test_a_picture_is_saved_whole_and_the_same_each_time(page, figures, tmp_path):
    chart = page.draw(ck.Card(figures, "measure", chinese="织里"), "Zhili")
    for name in ("card.png", "card.svg", "again.svg"):
        chart.save(tmp_path / name)
    assert (tmp_path / "card.png").read_bytes() == chart.png()
    svg = (tmp_path / "card.svg").read_bytes()
    assert svg == (tmp_path / "again.svg").read_bytes()
    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg).iter()}
    assert "path" in tags
    assert not tags & {"text", "date", "creator"}
    with pytest.raises(MessageError, match=r"not as '\.pdf'") as caught:
        chart.save(str(tmp_path / "card.pdf"))
    assert "Save it as card.png or card.svg." in str(caught.value)
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    "draw",
    [
        lambda rows: ck.Ranges(rows.head(0)),
        lambda rows: ck.Ranges(rows.head(2).assign(unit=["CNY", "firm"])),
        lambda rows: ck.Ranges(rows.head(2).assign(value=0, low=0)),
        lambda rows: ck.Scatter({}, ("a", "b")),
        lambda rows: ck.Growth({}),
        lambda rows: ck.Growth({"a": rows.head(1)}),
        lambda rows: ck.Shares({"a": Estimate.assumed(1, "CNY")}),
        lambda rows: ck.Card(rows.head(0), "measure"),
        lambda rows: ck.Card(rows.head(7), "cluster"),
    ],
)
def test_what_cannot_be_drawn_says_so(rows, draw):
    with pytest.raises(MessageError):
        draw(rows.assign(measure="x"))


def test_sources_of_one_name_in_two_cases_are_told_apart(zhili, tmp_path, casebook):
    own = ck.load_case(Path(shutil.copytree(casebook / "cases" / "context", tmp_path / "cixi")))
    page = Page(zhili)
    one, two = (f"{name}/ctx-cw-market-2024" for name in ("context", "cixi"))
    said = page.say("{one} and {two}", one=ck.load_case("context").claim(one), two=own.claim(two))
    assert "[1] and" in said.plain
    assert said.plain.endswith("[2]")
    assert len(page.sources().plain.split("\n[")) == 2


def test_a_figure_of_a_table_is_an_estimate(zhili):
    table = zhili.series("sales")
    assert Estimate.of(table.iloc[-1]) == ck.pick(table, 2025)
    assert Estimate.of(next(pd.DataFrame(table).itertuples())).year == 2005
