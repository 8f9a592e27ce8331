"""What a page draws: each picture's words in the page's language, its claims remembered."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import pandas as pd

from clusterkit.evidence.case import Case
from clusterkit.evidence.figure import Estimate, union
from clusterkit.views.cards import headline_rows, longest_series, type_of
from clusterkit.views.chart import Chart
from clusterkit.views.marks import Years
from clusterkit.views.origins import Origins
from clusterkit.views.pictures.bars import draw_bars
from clusterkit.views.pictures.card import draw_card
from clusterkit.views.pictures.dumbbell import draw_dumbbell
from clusterkit.views.pictures.growth import draw_growth
from clusterkit.views.pictures.multiples import draw_multiples
from clusterkit.views.pictures.ranges import draw_ranges
from clusterkit.views.pictures.scatter import draw_scatter
from clusterkit.views.pictures.shares import draw_shares
from clusterkit.views.pictures.timeline import draw_timeline
from clusterkit.views.pictures.trend import draw_trend
from clusterkit.views.sentences import Voice
from clusterkit.words import Language, fields


class Drawings:
    """The pictures of a page; titles are messages whose places are filled from values."""

    case: Case
    language: Language
    _origins: Origins

    def trend(
        self,
        series: pd.DataFrame | Mapping[str, pd.DataFrame],
        *,
        title: str,
        goal: Estimate | None = None,
        breaks: Sequence[Years] = (),
        note: str = "",
        **values: object,
    ) -> Chart:
        """Return yearly figures as lines, with ranges, status and the figures that lost."""
        several = {"": series} if isinstance(series, pd.DataFrame) else dict(series)
        named = {self.language.text(label): table for label, table in several.items()}
        return self._drawn(
            draw_trend, named, title, note, values, goal=goal, breaks=breaks,
            losers=self._losers(several.values()),
        )  # fmt: skip

    def multiples(
        self,
        series: Mapping[str, pd.DataFrame],
        *,
        title: str,
        level: float | None = None,
        note: str = "",
        **values: object,
    ) -> Chart:
        """Return yearly figures of many things as small panels on one scale."""
        named = self._labelled(series)
        return self._drawn(draw_multiples, named, title, note, values, level=level)

    def bars(
        self,
        figures: Mapping[str, Estimate],
        *,
        title: str,
        ranked: bool = True,
        accent: str | None = None,
        note: str = "",
        **values: object,
    ) -> Chart:
        """Return figures of one unit as bars, the largest on top."""
        return self._drawn(
            draw_bars, self._labelled(figures), title, note, values, ranked=ranked,
            accent=self._label(accent),
        )  # fmt: skip

    def dumbbell(
        self, conflicts: pd.DataFrame, *, title: str, note: str = "", **values: object
    ) -> Chart:
        """Return sources that contradict each other as pairs of dots."""
        return self._drawn(draw_dumbbell, conflicts, title, note, values)

    def scatter(
        self,
        points: Mapping[str, tuple[Estimate, Estimate]],
        *,
        title: str,
        names: tuple[str, str],
        kinds: Mapping[str, str] | None = None,
        accent: Iterable[str] = (),
        note: str = "",
        **values: object,
    ) -> Chart:
        """Return two figures of each thing against each other on logarithmic scales."""
        return self._drawn(
            draw_scatter, self._labelled(points), title, note, values, names=names,
            kinds=self._labelled(kinds or {}), accent=map(self.language.label, accent),
        )  # fmt: skip

    def ranges(
        self,
        rows: pd.DataFrame,
        *,
        title: str,
        label: str = "cluster",
        accent: Iterable[str] = (),
        note: str = "",
        **values: object,
    ) -> Chart:
        """Return many figures ranked, each with its range, its year and its kind.

        `label` is the column that names the rows.
        """
        named = rows.assign(label=rows[label].map(self.language.label))
        accent = map(self.language.label, accent)
        return self._drawn(draw_ranges, named, title, note, values, accent=accent)

    def growth(
        self,
        series: Mapping[str, pd.DataFrame],
        *,
        title: str,
        breaks: Mapping[str, Sequence[Years]] | None = None,
        accent: str | None = None,
        note: str = "",
        **values: object,
    ) -> Chart:
        """Return the growth of things of very different size, each from 100."""
        return self._drawn(
            draw_growth, self._labelled(series), title, note, values,
            breaks=self._labelled(breaks or {}), accent=self._label(accent),
        )  # fmt: skip

    def shares(
        self,
        figures: Mapping[str, Estimate],
        *,
        title: str,
        accent: str | None = None,
        note: str = "",
        **values: object,
    ) -> Chart:
        """Return claimed shares of one whole set end to end, with a line where all is shared."""
        named, accent = self._labelled(figures), self._label(accent)
        return self._drawn(draw_shares, named, title, note, values, accent=accent)

    def card(
        self,
        name: str,
        rows: pd.DataFrame,
        *,
        label: str = "measure",
        chinese: str = "",
        about: str = "",
        kind: str = "",
        series: pd.DataFrame | None = None,
        series_name: str = "",
        breaks: Sequence[Years] = (),
    ) -> Chart:
        """Return a cluster on one page, its sources at the foot; see `draw_card`.

        `label` is the column that names the figures.
        """
        rows = rows.assign(label=rows[label])
        # The sources of the figures first: where room is short, those of the line are cut.
        claims = [union(*table["claims"]) for table in (rows, series) if table is not None]
        sources = [line for names in claims for line in self._origins.lines(names, self.language)]
        return draw_card(
            self.language.text(name), rows, language=self.language, chinese=chinese,
            about=self.language.text(about), kind=self.language.text(kind),
            footnotes={row.label: self._origins.numbers(row.claims) for row in rows.itertuples()},
            sources=list(dict.fromkeys(sources)),
            series=series, series_name=self.language.label(series_name), breaks=breaks,
        )  # fmt: skip

    def cluster_card(self, panel: pd.DataFrame, name: str) -> Chart:
        """Return a cluster of the panel on one page; see `clusterkit.cluster_card`."""
        rows, series = headline_rows(panel, name), longest_series(panel, name)
        about = rows.iloc[0]
        place = self.language.text("{industry}, {province}", industry=about["industry"],
                                   province=about["province"])  # fmt: skip
        return self.card(
            name, rows, label="label", chinese=about["cluster_zh"], about=place,
            kind=type_of(panel, name), series=series,
            series_name="" if series is None else series["label"].iloc[0],
        )  # fmt: skip

    def timeline(
        self, events: pd.DataFrame, *, title: str, note: str = "", **values: object
    ) -> Chart:
        """Return events in the order in which they happened."""
        self._origins.use_sources(events["source_id"])
        return self._drawn(draw_timeline, events, title, note, values)

    def _drawn(
        self, draw: Callable[..., Chart], data: object, title: str, note: str,
        values: Mapping[str, object], **options: object,
    ) -> Chart:  # fmt: skip
        """Draw under a title and over a note, both filled, and remember the claims drawn from."""
        noted = {name for name, _ in fields(note)}
        titled = {name for name, _ in fields(title)} | (values.keys() - noted)
        # Footnote numbers would be in the way here.
        heading, below = (
            Voice(self.language)
            .say(text, **{name: values[name] for name in names & values.keys()})
            .plain
            for text, names in ((title, titled), (note, noted))
        )
        chart = draw(data, title=heading, note=below, language=self.language, **options)
        for column in chart.facts.columns.intersection(["claims", "claims_low", "claims_high"]):
            for claims in chart.facts[column]:
                self._origins.numbers(claims)
        return chart

    def _label(self, name: str | None) -> str | None:
        return self.language.label(name) if name else None

    def _labelled(self, things: Mapping[str, object]) -> dict[str, object]:
        """Return things under the names that readers know them by."""
        return {self.language.label(name): thing for name, thing in things.items()}

    def _losers(self, tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
        lost = [name for table in tables if "others" in table
                for names in table["others"] for name in names]  # fmt: skip
        claims = self.case.claims
        found = claims.loc[claims["claim_id"].isin(lost), ["year", "value", "claim_id"]]
        self._origins.numbers(found["claim_id"])
        return found.drop_duplicates(["year", "value"]).sort_values(["year", "value"])
