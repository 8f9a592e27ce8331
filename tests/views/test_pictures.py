"""Pictures: what is drawn is what the table says, and the same each time."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import clusterkit as ck
from clusterkit import Estimate, MessageError, Page
from clusterkit.views.theme import theme


@pytest.fixture
def page(zhili):
    return Page(zhili)


def test_trend_draws_values_ranges_status_and_losers(pingxiang):
    page = Page(pingxiang)
    series = pingxiang.series("revenue", subject="Ganyuan Food", product="company total",
                              status=("actual", "forecast"))  # fmt: skip
    chart = page.trend(series, title="Revenue")
    axes = chart.figure.axes[0]
    crosses, dots = axes.collections[-1], axes.collections[0]
    points = {tuple(point) for marks in axes.collections for point in marks.get_offsets()}
    assert points >= set(zip(series["year"], series["value"], strict=True))
    others = pingxiang.claims.set_index("claim_id")["value"]
    lost = [others[name] for names in series["others"] for name in names]
    assert {value for _, value in points} >= set(lost)
    assert crosses is not dots
    faces = [tuple(np.round(face, 2)) for face in dots.get_facecolor()]
    assert faces[-1] == (1, 1, 1, 1)  # the forecast is hollow
    assert faces[0] != (1, 1, 1, 1)
    assert axes.get_ylabel() == "billion yuan"
    assert chart.facts["claims"].tolist() == series["claims"].tolist()
    assert "forecast" in chart.digest


def test_years_of_publication_are_pale_and_losers_are_told(page, zhili):
    series = zhili.series("sales")
    chart = page.trend(series, title="x")
    dots = chart.figure.axes[0].collections[0]
    faces = dict(zip(series["year"], map(tuple, dots.get_facecolor()), strict=True))
    assert sum(faces[2025]) > sum(faces[2024])
    assert faces[2025][:3] != (1, 1, 1)
    assert "as of 2025 | nearly 100 billion yuan" in chart.digest
    assert "not chosen, 2017 | 45 billion yuan | zhili/cf18-sales-2017" in chart.digest
    assert "cf18-sales-2017" in page.sources().plain


def test_a_dotted_line_leads_to_a_forecast(pingxiang):
    series = pingxiang.series("revenue", subject="Ganyuan Food", product="company total",
                              status=("actual", "forecast"))  # fmt: skip
    axes = Page(pingxiang).trend(series, title="x").figure.axes[0]
    solid = [tuple(line.get_xdata()) for line in axes.lines if line.get_linestyle() == "-"]
    assert not any(2024 in run and 2025 in run for run in solid)


def test_dates_the_source_does_not_print_are_shown_as_about(page, zhili):
    texts = [
        text.get_text() for text in page.timeline(zhili.events, title="x").figure.axes[0].texts
    ]
    assert any(text.startswith("c. 1980") for text in texts)
    assert not any("c. 1983" in text for text in texts)


def test_trend_marks_gaps_as_dotted(page, zhili):
    axes = page.trend(zhili.series("sales"), title="x").figure.axes[0]
    solid = [
        line for line in axes.lines if line.get_linestyle() == "-" and line.get_linewidth() < 3
    ]
    runs = [tuple(line.get_xdata()) for line in solid]
    assert (2005, 2006) in runs
    assert not any(2011 in run and 2017 in run for run in runs)
    assert any(line.get_linestyle() == ":" for line in axes.lines)


def test_bars_rank_and_hollow_what_is_no_outturn(page, zhili):
    figures = {"sales": zhili.claim("seed-sales"), "exports": zhili.claim("seed-exports-2024"),
               "uniforms": zhili.claim("seed-uniform-sales")}  # fmt: skip
    chart = page.bars(figures, title="{what}", what="Ranked", accent="uniforms")
    assert chart.title == "Ranked"
    assert chart.facts["label"].tolist() == ["sales", "uniforms", "exports"]
    widths = [bar.get_width() for bar in chart.figure.axes[0].patches]
    assert widths == [1e11, 14e9, 4.23e9]
    faces = [bar.get_facecolor() for bar in chart.figure.axes[0].patches]
    assert faces[2] == (1, 1, 1, 1)
    assert faces[0] != faces[1]
    assert page.bars(figures, title="x", ranked=False).facts["label"].tolist() == list(figures)


def test_dumbbell_and_timeline_carry_their_claims(page, zhili):
    chart = page.dumbbell(zhili.conflicts("sales"), title="x")
    assert {"claims_low", "claims_high"} <= set(chart.facts.columns)
    events = zhili.events.head(5)
    timeline = page.timeline(events, title="x")
    assert timeline.facts["event_id"].tolist() == events["event_id"].tolist()
    assert all(source in timeline.digest for source in events["source_id"])


def test_pictures_are_the_same_bytes_each_time(page, zhili):
    draw = lambda: page.trend(zhili.series("sales"), title="x")  # noqa: E731
    assert draw().png() == draw().png()
    assert draw().svg() == draw().svg()
    assert b"matplotlib" not in draw().png().lower()


def test_a_picture_shows_with_alt_text_and_digest(page, zhili):
    chart = page.trend(zhili.series("sales"), title="Sales rose")
    data, metadata = chart._repr_mimebundle_()
    assert set(data) == {"image/png", "text/plain"}
    assert data["text/plain"].startswith("Sales rose\n2005 | 5.8 billion yuan | ")
    assert metadata["image/png"]["alt"].startswith("Line chart. Sales rose. ")


def test_chinese_has_glyphs_in_every_weight(page, root):
    # A missing glyph warns, and warnings are errors here.
    page.bars({"校服 织里童装": Estimate.assumed(1, "CNY")}, title="近千亿元 壮壮虎").png()


def test_the_bundled_font_covers_every_character_of_the_data(root):
    from fontTools.ttLib import TTFont

    font = root / "clusterkit" / "views" / "fonts" / "clusterkit-cjk.otf"
    known = set(TTFont(font).getBestCmap())
    tables = [path.read_text(encoding="utf-8") for path in (root / "data").rglob("*.csv")]
    found = set("".join(tables))
    assert {char for char in found if 0x4E00 <= ord(char) <= 0x9FFF} <= {
        chr(code) for code in known
    }


@pytest.mark.parametrize(
    "draw",
    [
        lambda page: page.trend(ck.yearly([]), title="x"),
        lambda page: page.bars({}, title="x"),
        lambda page: page.bars(
            {"a": Estimate.assumed(1, "CNY"), "b": Estimate.assumed(1, "firm")}, title="x"
        ),
        lambda page: page.dumbbell(page.case.conflicts().head(0), title="x"),
        lambda page: page.timeline(page.case.events.head(0), title="x"),
        lambda page: page.bars({"a": Estimate.assumed(1, "CNY")}, title="{x}"),
    ],
)
def test_nothing_to_draw_is_an_error(page, draw):
    with pytest.raises(MessageError):
        draw(page)


@pytest.mark.parametrize("count", [1, 3, 12])
def test_labels_stay_inside_the_picture(page, zhili, count):
    figures = {
        f"a rather long label number {i}": Estimate(i, i, 2 * i, "CNY") for i in range(1, count + 1)
    }
    chart = page.bars(
        figures, title="A title that is long enough to need a second line of text, surely"
    )
    canvas = FigureCanvasAgg(chart.figure)
    with theme():
        canvas.draw()
    renderer, (width, height) = canvas.get_renderer(), canvas.get_width_height()
    for text in [*chart.figure.texts, *chart.figure.axes[0].texts, *shown_ticks(chart)]:
        box = text.get_window_extent(renderer)
        assert -1 <= box.x0 <= box.x1 <= width + 1, text.get_text()
        assert -1 <= box.y0 <= box.y1 <= height + 1, text.get_text()


def shown_ticks(chart):
    for axis in (chart.figure.axes[0].xaxis, chart.figure.axes[0].yaxis):
        first, last = sorted(axis.get_view_interval())
        yield axis.label
        yield from (
            tick.label1 for tick in axis.get_major_ticks() if first <= tick.get_loc() <= last
        )


def test_multiples_share_one_scale_and_mark_what_ends_below(zhili):
    cells = ck.region_panel("value_added", level="province")
    quotients = ck.location_quotient(
        cells, region="region", industry="industry", value="value", by="year"
    )
    ours = quotients[quotients["region"] == "Zhejiang"]
    tables = ck.yearly_by(ours, label="industry", value="location_quotient", unit="count")
    chart = Page(zhili).multiples(tables, title="Quotients", level=1.0)
    shown = [axes for axes in chart.figure.axes if axes.get_visible()]
    assert len(shown) == len(tables) == 9
    assert len({axes.get_ylim() for axes in shown}) == 1
    colours = {axes.get_title(loc="left"): axes.lines[1].get_color() for axes in shown}
    assert colours["finance"] != colours["farming, forestry, fishing"]
    assert len(chart.facts) == len(ours)
    assert "finance | 2019: 1.01" in chart.digest


def spans(lines, across):
    """The end points of the short lines that stand for ranges."""
    return {tuple(sorted(getattr(line, across)())) for line in lines if len(line.get_xdata()) == 2}


def test_ranges_are_drawn_where_they_lie(page, zhili):
    series = zhili.series("sales")
    axes = page.trend(series, title="x").figure.axes[0]
    closed = series[np.isfinite(series["high"])]
    drawn = spans(axes.lines, "get_ydata")
    assert {(row.low, row.high) for row in closed.itertuples()} <= drawn
    arrows = [text for text in axes.texts if text.arrow_patch is not None]
    assert len(arrows) == len(series) - len(closed) == 1
    claim = zhili.claim("seed-uniform-sales")
    bars = page.bars({"a": claim}, title="x").figure.axes[0]
    assert (claim.low, claim.high) in spans(bars.lines, "get_xdata")


def test_the_goal_is_drawn_at_its_height_and_told(page, zhili):
    goal = zhili.claim("seed-sales")
    chart = page.trend(zhili.series("sales"), title="x", goal=goal)
    heights = {line.get_ydata()[0] for line in chart.figure.axes[0].lines
               if line.get_linestyle() == "--"}  # fmt: skip
    assert goal.value in heights
    assert "goal | nearly 100 billion yuan | zhili/seed-sales" in chart.digest


def test_dumbbell_ends_are_labelled_in_place(page, zhili):
    table = zhili.conflicts("sales_pieces")
    axes = page.dumbbell(table, title="x").figure.axes[0]
    at = {text.get_text(): text.xy[0] for text in axes.texts}
    assert at["1.5 billion pieces"] == 100
    assert at["2 billion pieces"] == pytest.approx(100 * 2 / 1.5)
