"""What a page draws: each picture's words in the page's language, its claims remembered."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from clusterkit.evidence.case import Case
from clusterkit.evidence.estimate import Estimate, union
from clusterkit.views.cards import headline_rows, longest_series, type_of
from clusterkit.views.chart import Chart
from clusterkit.views.language import Language, fields
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
from clusterkit.views.sentences import fill


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
        heading, below = self._headings(title, note, values)
        losers = self._losers(several.values())
        chart = draw_trend(
            named, title=heading, language=self.language, note=below, goal=goal, breaks=breaks,
            losers=losers,
        )  # fmt: skip
        return self._kept(chart)

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
        heading, below = self._headings(title, note, values)
        chart = draw_multiples(
            named, title=heading, language=self.language, note=below, level=level
        )
        return self._kept(chart)

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
        named = self._labelled(figures)
        heading, below = self._headings(title, note, values)
        accent = self.language.label(accent) if accent else None
        chart = draw_bars(
            named, title=heading, language=self.language, note=below, ranked=ranked, accent=accent
        )
        return self._kept(chart)

    def dumbbell(
        self, conflicts: pd.DataFrame, *, title: str, note: str = "", **values: object
    ) -> Chart:
        """Return sources that contradict each other as pairs of dots."""
        heading, below = self._headings(title, note, values)
        chart = draw_dumbbell(conflicts, title=heading, language=self.language, note=below)
        return self._kept(chart)

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
        heading, below = self._headings(title, note, values)
        chart = draw_scatter(
            self._labelled(points), title=heading, names=names, language=self.language,
            kinds=self._labelled(kinds or {}), accent=map(self.language.label, accent),
            note=below,
        )  # fmt: skip
        return self._kept(chart)

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
        heading, below = self._headings(title, note, values)
        chart = draw_ranges(
            rows.assign(label=rows[label].map(self.language.label)), title=heading,
            language=self.language, accent=map(self.language.label, accent), note=below,
        )  # fmt: skip
        return self._kept(chart)

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
        heading, below = self._headings(title, note, values)
        chart = draw_growth(
            self._labelled(series), title=heading, language=self.language, note=below,
            breaks=self._labelled(breaks or {}),
            accent=self.language.label(accent) if accent else None,
        )  # fmt: skip
        return self._kept(chart)

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
        heading, below = self._headings(title, note, values)
        chart = draw_shares(
            self._labelled(figures), title=heading, language=self.language, note=below,
            accent=self.language.label(accent) if accent else None,
        )  # fmt: skip
        return self._kept(chart)

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
        chart = self.card(
            name, rows, label="label", chinese=about["cluster_zh"], about=place,
            kind=type_of(panel, name), series=series,
            series_name="" if series is None else series["label"].iloc[0],
        )  # fmt: skip
        return self._kept(chart)

    def timeline(
        self, events: pd.DataFrame, *, title: str, note: str = "", **values: object
    ) -> Chart:
        """Return events in the order in which they happened."""
        heading, below = self._headings(title, note, values)
        self._origins.use_sources(events["source_id"])
        return draw_timeline(events, title=heading, language=self.language, note=below)

    def _headings(self, title: str, note: str, values: Mapping[str, object]) -> tuple[str, str]:
        """Fill title and note of a picture, where footnote numbers would be in the way."""
        noted = {name for name, _ in fields(note)}
        titled = {name for name, _ in fields(title)} | (values.keys() - noted)
        filled = [
            fill(text, {name: values[name] for name in names & values.keys()}, self.language)
            for text, names in ((title, titled), (note, noted))
        ]
        return filled[0].plain, filled[1].plain

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

    def _kept(self, chart: Chart) -> Chart:
        """Remember the claims a picture rests on."""
        for column in chart.facts.columns.intersection(["claims", "claims_low", "claims_high"]):
            for claims in chart.facts[column]:
                self._origins.numbers(claims)
        return chart
