"""Pictures: what is drawn is what the table says, and the same each time."""

import base64
import json
from dataclasses import FrozenInstanceError
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import clusterkit as ck
from clusterkit import Estimate, MessageError, Page
from clusterkit.evidence.figure import figures
from clusterkit.views.facts import FACTS, Fact, stray_numbers
from clusterkit.views.frame import theme


@pytest.fixture
def page(zhili):
    return Page(zhili)


def test_trend_draws_values_ranges_status_and_losers(pingxiang):
    page = Page(pingxiang)
    series = pingxiang.series("revenue", subject="Ganyuan Food", product="company total",
                              status=("actual", "forecast"))  # fmt: skip
    chart = page.draw(ck.Trend(series), "Revenue")
    axes = chart.figure.axes[0]
    dots = axes.collections[0]
    points = {tuple(point) for marks in axes.collections for point in marks.get_offsets()}
    assert points >= set(zip(series["year"], series["value"], strict=True))
    others = pingxiang.claims.set_index("claim_id")["value"]
    lost = [others[name] for names in series["others"] for name in names]
    assert {value for _, value in points} >= set(lost)
    faces = [tuple(np.round(face, 2)) for face in dots.get_facecolor()]
    assert faces[-1] == (1, 1, 1, 1)  # the forecast is hollow
    assert faces[0] != (1, 1, 1, 1)
    assert axes.get_ylabel() == "billion yuan"
    assert chart.table["claims"].tolist() == series["claims"].tolist()
    assert "forecast" in chart.digest


def test_years_of_publication_are_pale_and_losers_are_told(page, zhili):
    series = zhili.series("sales")
    chart = page.draw(ck.Trend(series), "x")
    dots = chart.figure.axes[0].collections[0]
    faces = dict(zip(series["year"], map(tuple, dots.get_facecolor()), strict=True))
    assert sum(faces[2025]) > sum(faces[2024])
    assert faces[2025][:3] != (1, 1, 1)
    assert "as of 2025 | nearly 100 billion yuan" in chart.digest
    assert "not chosen, 2017 | 45 billion yuan | zhili/cf18-sales-2017" in chart.digest
    assert "cf18-sales-2017" in page.sources().plain


def test_no_line_leads_to_a_figure_of_which_only_the_year_of_print_is_known(page, zhili):
    series = zhili.series("sales")
    undated = set(series.loc[series["basis"] != "dated", "year"])
    axes = page.draw(ck.Trend(series), "x").figure.axes[0]
    lines = [set(line.get_xdata()) for line in axes.lines]
    joined = set().union(*(years for years in lines if len(years) > 1))
    assert undated >= {2011, 2025}
    assert not joined & undated
    assert joined == set(series["year"]) - undated
    written = [text.get_text() for text in axes.texts if text.get_text()]  # an arrow says nothing
    assert written == ["5.8 billion", "85 billion", "nearly 100 billion"]
    # where hardly any other is on record, what there is is joined
    few = series[series["year"].isin([2011, 2024, 2025])]
    lines = page.draw(ck.Trend(few), "x").figure.axes[0].lines
    assert {2011, 2024, 2025} in [set(line.get_xdata()) for line in lines]


def test_bars_begin_at_what_is_compared_with(page):
    shown = {"more": Estimate.assumed(1.4, "count"), "less": Estimate.assumed(0.8, "count")}
    axes = page.draw(ck.Bars(shown, base=1), "x").figure.axes[0]
    spans = [sorted((bar.get_x(), bar.get_x() + bar.get_width())) for bar in axes.patches]
    assert spans == [pytest.approx([1, 1.4]), pytest.approx([0.8, 1])]
    assert [text.get_ha() for text in axes.texts] == ["left", "right"]  # beside the bar, not in it
    low, high = axes.get_xlim()
    assert low < 0.8 < 1.4 < high


def test_a_dotted_line_leads_to_a_forecast(pingxiang):
    series = pingxiang.series("revenue", subject="Ganyuan Food", product="company total",
                              status=("actual", "forecast"))  # fmt: skip
    axes = Page(pingxiang).draw(ck.Trend(series), "x").figure.axes[0]
    solid = [tuple(line.get_xdata()) for line in axes.lines if line.get_linestyle() == "-"]
    assert not any(2024 in run and 2025 in run for run in solid)


def test_dates_the_source_does_not_print_are_shown_as_about(page, zhili):
    texts = [
        text.get_text() for text in page.draw(ck.Timeline(zhili.events), "x").figure.axes[0].texts
    ]
    assert any(text.startswith("c. 1980") for text in texts)
    assert not any("c. 1983" in text for text in texts)


def test_trend_marks_gaps_as_dotted(page, zhili):
    axes = page.draw(ck.Trend(zhili.series("sales")), "x").figure.axes[0]
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
    chart = page.draw(ck.Bars(figures, accent="uniforms"), "{what}", what="Ranked")
    assert chart.title == "Ranked"
    assert chart.table["label"].tolist() == ["sales", "uniforms", "exports"]
    widths = [bar.get_width() for bar in chart.figure.axes[0].patches]
    assert widths == [1e11, 14e9, 4.23e9]
    faces = [bar.get_facecolor() for bar in chart.figure.axes[0].patches]
    assert faces[2] == (1, 1, 1, 1)
    assert faces[0] != faces[1]
    given = page.draw(ck.Bars(figures, ranked=False), "x")
    assert given.table["label"].tolist() == list(figures)


def test_dumbbell_and_timeline_carry_their_claims(page, zhili):
    chart = page.draw(ck.Dumbbell(zhili.conflicts("sales")), "x")
    assert {"claims_low", "claims_high"} <= set(chart.table.columns)
    events = zhili.events.head(5)
    timeline = page.draw(ck.Timeline(events), "x")
    assert timeline.table["event_id"].tolist() == events["event_id"].tolist()
    assert all(source in timeline.digest for source in events["source_id"])


def test_pictures_are_the_same_bytes_each_time(page, zhili):
    draw = lambda: page.draw(ck.Trend(zhili.series("sales")), "x")  # noqa: E731
    assert draw().png() == draw().png()
    assert draw().svg() == draw().svg()
    assert b"matplotlib" not in draw().png().lower()


def test_a_picture_shows_with_alt_text_and_digest(page, zhili):
    chart = page.draw(ck.Trend(zhili.series("sales")), "Sales rose")
    data, metadata = chart._repr_mimebundle_()
    assert set(data) == {"image/png", "text/plain", FACTS}
    assert data["text/plain"].startswith("Sales rose\n2005 | 5.8 billion yuan | ")
    assert metadata["image/png"]["alt"].startswith("Line chart. Sales rose. ")


def test_chinese_has_glyphs_in_every_weight(page, root):
    # A missing glyph warns, and warnings are errors here.
    one = ck.Bars({"校服 织里童装": Estimate.assumed(1, "CNY")})
    page.draw(one, "近千亿元 壮壮虎").png()


@pytest.mark.parametrize(
    "draw",
    [
        lambda page: ck.Trend(ck.figures([])),
        lambda page: ck.Bars({}),
        lambda page: ck.Bars({"a": Estimate.assumed(1, "CNY"), "b": Estimate.assumed(1, "firm")}),
        lambda page: ck.Dumbbell(page.case.conflicts().head(0)),
        lambda page: ck.Timeline(page.case.events.head(0)),
        lambda page: page.draw(ck.Bars({"a": Estimate.assumed(1, "CNY")}), "{x}"),
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
    chart = page.draw(
        ck.Bars(figures), "A title that is long enough to need a second line of text, surely"
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
    rows = ck.figures_of(ours, "location_quotient", unit="count", label="industry")
    chart = Page(zhili).draw(
        ck.Multiples(dict(list(rows.groupby("label"))), level=1.0), "Quotients"
    )
    shown = [axes for axes in chart.figure.axes if axes.get_visible()]
    assert len(shown) == rows["label"].nunique() == 9
    assert len({axes.get_ylim() for axes in shown}) == 1
    colours = {axes.get_title(loc="left"): axes.lines[1].get_color() for axes in shown}
    assert colours["finance"] != colours["farming, forestry, fishing"]
    assert len(chart.table) == len(ours)
    assert "finance | 2019: 0.915" in chart.digest


def spans(lines, across):
    """The end points of the short lines that stand for ranges."""
    return {tuple(sorted(getattr(line, across)())) for line in lines if len(line.get_xdata()) == 2}


def test_ranges_are_drawn_where_they_lie(page, zhili):
    series = zhili.series("sales")
    axes = page.draw(ck.Trend(series), "x").figure.axes[0]
    closed = series[np.isfinite(series["high"])]
    drawn = spans(axes.lines, "get_ydata")
    assert {(row.low, row.high) for row in closed.itertuples()} <= drawn
    arrows = [text for text in axes.texts if text.arrow_patch is not None]
    assert len(arrows) == len(series) - len(closed) == 1
    claim = zhili.claim("seed-uniform-sales")
    bars = page.draw(ck.Bars({"a": claim}), "x").figure.axes[0]
    assert (claim.low, claim.high) in spans(bars.lines, "get_xdata")


def test_the_goal_is_drawn_at_its_height_and_told(page, zhili):
    goal = zhili.claim("seed-sales")
    chart = page.draw(ck.Trend(zhili.series("sales"), goal=goal), "x")
    heights = {line.get_ydata()[0] for line in chart.figure.axes[0].lines
               if line.get_linestyle() == "--"}  # fmt: skip
    assert goal.value in heights
    assert "goal | nearly 100 billion yuan | zhili/seed-sales" in chart.digest


def test_dumbbell_ends_are_labelled_in_place(page, zhili):
    table = zhili.conflicts("sales_pieces")
    axes = page.draw(ck.Dumbbell(table), "x").figure.axes[0]
    at = {text.get_text(): text.xy[0] for text in axes.texts}
    assert at["1.5 billion pieces"] == 100
    assert at["2 billion pieces"] == pytest.approx(100 * 2 / 1.5)


firm, nothing = Estimate.assumed(1, "firm"), Estimate.assumed(0, "CNY")
UNRULY = {
    "axes.facecolor": "red",
    "axes.linewidth": 5,
    "figure.dpi": 300,
    "font.size": 20,
    "grid.linewidth": 4,
    "lines.linewidth": 9,
    "savefig.bbox": "tight",
    "savefig.dpi": 30,
    "savefig.pad_inches": 2,
    "savefig.transparent": True,
    "svg.fonttype": "none",
    "text.parse_math": True,
    "text.usetex": True,
    "xtick.labelsize": 30,
}


def written(page, zhili):
    """Pictures as files, drawn and written anew."""
    shown = ck.Trend(zhili.series("sales")), ck.Timeline(zhili.events.head(3))
    charts = [page.draw(picture, "From $5 to $6") for picture in shown]
    return [(chart.png(), chart.svg()) for chart in charts]


@pytest.fixture(scope="module")
def ours(zhili):
    return written(Page(zhili), zhili)


@pytest.mark.parametrize("way", ["rc", "file", "style", "seaborn", "xkcd"])
def test_a_style_of_the_reader_changes_no_picture(page, zhili, ours, tmp_path, way):
    import seaborn as sns
    from matplotlib import pyplot as plt
    from matplotlib import style

    with mpl.rc_context():
        if way == "rc":
            mpl.rcParams.update(UNRULY)
        elif way == "file":
            lines = [f"{name}: {value}\n" for name, value in UNRULY.items()]
            (tmp_path / "matplotlibrc").write_text("".join(lines), "utf-8")
            mpl.rc_file(tmp_path / "matplotlibrc")
        elif way == "style":
            style.use(["dark_background", "ggplot"])
        elif way == "seaborn":
            sns.set_theme("poster", "dark", "pastel", font_scale=2, color_codes=True)
        else:
            plt.xkcd()
        theirs = dict(mpl.rcParams)
        assert written(page, zhili) == ours
        assert dict(mpl.rcParams) == theirs
    if way == "seaborn":
        sns.reset_orig()


def test_a_dollar_is_no_mathematics(page, zhili):
    # As mathematics this is an error, and "5 and 6" would stand in italics without its dollars.
    label, title = r"from $\frac$ to \$", "From $5 to $6"
    one = Estimate.assumed(1, "CNY")
    chart = page.draw(ck.Bars({label: one}), "{what}", what=title, note="{what}")
    chart.png()
    texts = [*chart.figure.texts, *chart.figure.axes[0].get_yticklabels()]
    assert [text.get_text() for text in texts] == [title, title, label]
    events = zhili.events.head(2).assign(label=[label, title])
    page.draw(ck.Timeline(events), "x").png()
    page.draw(ck.Card(zhili.series("sales").head(1).assign(label="sales"), about=label), "x").png()


@pytest.mark.parametrize("count", [1, 2, 4])
def test_a_timeline_of_few_events_is_drawn_whole(page, zhili, count):
    events = zhili.events.head(count).assign(label="As long a label as there may be, " * 3)
    whole(page.draw(ck.Timeline(events.assign(date="2020-02")), "x", note="y"))
    whole(page.draw(ck.Timeline(events), "x", note="y"))


def test_a_single_year_is_drawn_whole(page, zhili):
    chart = page.draw(ck.Trend(zhili.series("sales", years=(2024, 2024))), "x")
    whole(chart)
    axes = chart.figure.axes[0]
    assert axes.get_xlim() == (2023, 2025)
    assert axes.get_ylim()[1] > 85.5e9 * 1.02


def whole(chart):
    """Ask that nothing of a picture is cut off, and nothing written over something else."""
    chart.png()
    renderer = chart.figure.canvas.get_renderer()
    axes = chart.figure.axes[0]
    first, last = axes.get_xlim()
    ticks = [
        tick.label1 for tick in axes.xaxis.get_major_ticks() if first <= tick.get_loc() <= last
    ]
    parts = [*axes.texts, *ticks, *filter(None, [axes.get_legend()])]
    boxes = [part.get_window_extent(renderer) for part in (*parts, *chart.figure.texts)]
    width, height = chart.figure.canvas.get_width_height()
    for box in boxes:
        assert -1 <= box.x0 <= box.x1 <= width + 1
        assert -1 <= box.y0 <= box.y1 <= height + 1
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_a_picture_is_a_value(page, zhili):
    bars = ck.Bars({"sales": zhili.claim("seed-sales")})
    with pytest.raises(FrozenInstanceError):
        bars.accent = "sales"
    assert page.draw(bars, "x").png() == page.draw(bars, "x").png()
    assert page.draw(bars, "x").title != page.draw(bars, "y").title


def test_figures_are_given_by_label_or_by_rows(page, zhili):
    claims = {"exports": zhili.claim("seed-exports-2024"), "sales": zhili.claim("seed-sales")}
    assert (page.draw(ck.Bars(figures(claims)), "x").png()
            == page.draw(ck.Bars(claims), "x").png())  # fmt: skip


def test_years_are_given_by_label_or_by_rows(page, zhili):
    sales = zhili.series("sales").drop(columns="others")
    tables = {"a": sales.head(3), "b": sales.tail(4)}
    for kind in (ck.Trend, ck.Multiples, ck.Growth):
        by_label, by_rows = (page.draw(kind(it), "x") for it in (tables, figures(tables)))
        assert by_label.lines == by_rows.lines
        assert len(by_rows.table) == 7


def test_breaks_are_given_as_pairs_or_as_a_case_has_them(page, zhili):
    pieces, breaks = zhili.series("output_pieces"), zhili.breaks
    pairs = list(zip(breaks["after"], breaks["before"], strict=True))
    told = [page.draw(ck.Trend(pieces, breaks=it), "x").lines for it in (pairs, breaks)]
    assert told[0] == told[1]
    assert sum("new count" in line for line in told[0]) == len(pairs) > 0


def pictures(zhili, context):
    """One picture of each kind, with a figure in its title and a count in its note."""
    sales, pieces = zhili.series("sales"), zhili.series("output_pieces")
    share = zhili.claim("xht24-share-2023")
    births = context.series("births", product="-")
    both = {"one": (zhili.claim("seed-sales"), zhili.claim("cns25-firms"))}
    many = Estimate(2, 1, 3, "CNY", tuple(zhili.claims["claim_id"].head(12)))
    towns = sales.assign(cluster="A town", kind="sales", mark="60 of 70 firms", disputed=True)
    return [
        ck.Trend({"Zhili": sales}, goal=zhili.claim("seed-sales")),
        ck.Multiples({"one": sales, "two": sales}),
        ck.Bars({"many": many, "goal": zhili.claim("seed-sales")}),
        ck.Dumbbell(zhili.conflicts("sales")),
        ck.Scatter(both, ("across", "up"), kinds={"one": "sales"}),
        ck.Ranges(towns.tail(3).reset_index(drop=True)),
        ck.Growth({"pieces": pieces, "births": births}, breaks={"pieces": zhili.breaks}),
        ck.Shares({"Zhili": share}),
        ck.Timeline(zhili.events),
        ck.Card(sales.tail(3).assign(label=["a", "b", "c"]), series=sales, series_name="sales"),
    ]


@pytest.mark.parametrize("kind", range(10))
def test_every_number_is_carried_by_a_fact(zhili, context, kind):
    page, picture = Page(zhili), pictures(zhili, context)[kind]
    title, note = "From {sales:full} on", "Of {count} clusters."
    chart = page.draw(picture, title, note=note, sales=zhili.claim("seed-sales"), count=67)
    assert stray_numbers(chart.digest, chart.facts) == []
    assert stray_numbers(chart.digest, ())
    assert [fact.label for fact in chart.facts[:2]] == ["sales", "count"]
    assert chart.facts[0].figure == zhili.claim("seed-sales")
    told = chart._repr_mimebundle_()[0][FACTS]
    assert [Fact.from_json(one) for one in json.loads(json.dumps(told))] == chart.facts
    assert all(fact.words in chart.digest for fact in chart.facts[2:])
    drawn = {claim for fact in chart.facts if fact.figure for claim in fact.figure.claims}
    columns = chart.table.columns.intersection(["claims", "claims_low", "claims_high"])
    plotted = {claim for column in columns for claims in chart.table[column] for claim in claims}
    assert plotted <= drawn
    assert all(claim in page.sources().plain or "+" in page.sources().plain for claim in drawn)


def test_what_is_not_shown_of_claims_is_counted(page, zhili):
    many = Estimate(2, 1, 3, "CNY", tuple(zhili.claims["claim_id"].head(12)))
    chart = page.draw(ck.Bars({"many": many}), "x")
    assert chart.lines[0].endswith(" +4")
    assert "+4" in [fact.words for fact in chart.facts if fact.kind == "count"]


def test_an_alt_text_tells_the_first_marks_and_counts_the_others(page):
    many = {f"number {rank}": Estimate.assumed(20 - rank, "CNY") for rank in range(15)}
    chart = page.draw(ck.Bars(many), "Fifteen")
    assert chart.alt.startswith(
        "Bar chart. Fifteen. number 0, 20 yuan, scenario; number 1, 19 yuan"
    )
    assert chart.alt.endswith("; number 11, 9 yuan, scenario; +3.")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            lambda one: ck.Bars({"a": one, "b": firm}),
            "Bars need figures of one unit, found CNY, firm",
        ),
        (lambda one: ck.Bars({}), "Bars need figures of one unit, found none"),
        (lambda one: ck.Shares({"a": one}), "Shares need figures in percent, found CNY"),
        (lambda one: ck.Multiples({}), "Small multiples need figures of one unit, found none"),
        (lambda one: ck.Scatter({}, ("x", "y")), "each direction, found none and none"),
        (lambda one: ck.Growth({"a": figures([one])}), r"two years or more in one unit\.\n.*a\n"),
        (
            lambda one: ck.Scatter({"a": (one, nothing)}, ("x", "y")),
            r"no place for nothing or less\.\n.*a\n.*or draw bars",
        ),
    ],
)
def test_what_cannot_be_drawn_says_why(make, told):
    with pytest.raises(MessageError, match=told):
        make(Estimate.assumed(1, "CNY"))


def test_the_readme_shows_the_picture_of_the_notebook(root):
    shown = base64.b64encode((root / "docs" / "zhili-sales.png").read_bytes()).decode()
    notebook = json.loads((root / "notebooks" / "10-zhili-childrenswear.ipynb").read_text("utf-8"))
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    drawn = ["".join(output["data"].get("image/png", "")).strip() for output in outputs]
    assert shown in drawn
