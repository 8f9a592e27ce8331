"""Sentences whose numbers come from values, each leading back to its claims."""

import math
import string
from collections.abc import Callable
from dataclasses import replace

from markupsafe import Markup, escape

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate
from clusterkit.views.facts import Words, fact_words
from clusterkit.views.origins import Origins
from clusterkit.words import Language, fields


def _full(language: Language, estimate: Estimate) -> str:
    figure = language.figure(estimate)
    if estimate.certain:
        return figure
    # What it is per was just said: the range need not repeat it.
    span = language.span(replace(estimate, unit=estimate.unit.partition("/")[0]))
    if figure.endswith(")"):
        return language.text("{figure}, {range})", figure=figure[:-1], range=span)
    return language.text("{figure} ({range})", figure=figure, range=span)


def _rough(language: Language, estimate: Estimate) -> str:
    """Return the figure in two digits where its range agrees on them, else its range in two."""

    def rounded(end: float, way: Callable[[float], int] = round) -> float:
        if not math.isfinite(end) or end == 0:
            return end
        step = 10.0 ** (math.floor(math.log10(abs(end))) - 1)
        return way(round(end / step, 9)) * step

    low, high = rounded(estimate.low, math.floor), rounded(estimate.high, math.ceil)
    if rounded(estimate.low) == rounded(estimate.high):
        return language.quantity(rounded(estimate.value), estimate.unit)
    return language.span(replace(estimate, low=low, high=high))


# How a figure is worded at a place such as {sales:range}.
STYLES: dict[str, tuple[str, Callable[[Language, Estimate], str]]] = {
    "": ("the figure, hedged and marked as its source has it", Language.figure),
    "plain": ("the figure without its hedge", lambda it, one: it.quantity(one.value, one.unit)),
    "range": ("only the range", Language.span),
    "rough": ("the figure or its range, in two digits", _rough),
    "full": ("the figure and its range", _full),
    "year": ("a calendar year", lambda _, one: str(round(one.value))),
}
CITED = Markup(
    '<data class="ck-value" value="{value}" data-claims="{claims}" title="{told}">{text}</data>'
)
GROUPED_FROM = 10_000  # smaller whole numbers may be years and stay ungrouped


class Voice:
    """Says things in a language; where it knows their origins, numbers bear footnotes."""

    def __init__(self, language: Language, origins: Origins | None = None) -> None:
        self.language, self._origins = language, origins

    def say(self, message: str, *, otherwise: str = "", **values: object) -> Words:
        """Return a message with its places filled.

        Parameters
        ----------
        message : str
            English text with places such as ``{sales}``, ``{sales:range}``, ``{sales:full}``.
        **values : Estimate, Words, int, str or tuple of them
            One for each place; a plain float is refused, for it has no unit.
        otherwise : str
            What is said instead where one of the values is None.

        Raises
        ------
        MessageError
            A place has no value, a value no place, or a value cannot be worded.
        """
        if otherwise and None in values.values():
            message, values = otherwise, {}
        _match(message, {name for name, _ in fields(message)}, set(values))
        parts = []
        for text, name, style, _ in string.Formatter().parse(self.language.text(message)):
            parts.append(Words(text, escape(text)))
            if name is not None:
                parts.append(self.worded(values[name], style, f"{{{name}}}").under(name))
        return Words.joined(parts)

    def worded(self, value: object, style: str = "", what: str = "A value") -> Words:
        """Return one value in words."""
        if style not in STYLES:
            known = "; ".join(f"{key or '(none)'}: {about}" for key, (about, _) in STYLES.items())
            raise MessageError(f"There is no format {style!r} for {what}.", fix=f"Formats: {known}")
        if isinstance(value, Words):
            return value
        if isinstance(value, Estimate):
            return self.cited(STYLES[style][1](self.language, value), value)
        if isinstance(value, tuple):
            several = (self.worded(one, style, what) for one in value)
            return Words.joined((one.under(str(n)) for n, one in enumerate(several, 1)), "; ")
        if isinstance(value, int) and not isinstance(value, bool):
            grouped = style != "year" and abs(value) >= GROUPED_FROM
            text = self.language.number(value, digits=12) if grouped else str(value)
            return fact_words(text, "count", value=str(value))
        if isinstance(value, str):
            return fact_words(self.language.label(value) if value else "", "word")
        raise MessageError(
            f"{what} cannot be a {type(value).__name__}.",
            why="A bare number has no unit, no range and no origin.",
            fix="Give an Estimate such as case.estimate('sales', 2024), a whole number or text.",
        )

    def range(self, estimate: Estimate | None) -> Words:
        """Return the range of an estimate in words, without footnotes: it stands beside it."""
        if estimate is None:
            return Words("", Markup())
        return fact_words(self.language.span(estimate), "figure", estimate)

    def cited(self, text: str, estimate: Estimate) -> Words:
        """Return a worded figure with the numbers of its first sources behind it."""
        bare = fact_words(text, "figure", estimate)
        if self._origins is None or not estimate.claims:
            return bare
        html = CITED.format(
            value=f"{estimate.value:.12g}",
            claims=" ".join(estimate.claims),
            told=self._origins.told(estimate.claims, self.language),
            text=text,
        )
        return Words.joined([replace(bare, html=html), self._origins.footnote(estimate.claims)])


def _match(message: str, places: set[str], given: set[str]) -> None:
    """Refuse a sentence with an empty place, and a value that nobody reads."""
    missing, idle = ", ".join(sorted(places - given)), ", ".join(sorted(given - places))
    if missing or idle:
        told = (
            f"no value for {missing}" if missing else "",
            f"no place for {idle}" if idle else "",
        )
        raise MessageError(
            "A sentence and its values do not match.",
            where=repr(message),
            why=" and ".join(filter(None, told)),
            fix=f"Its places are: {', '.join(sorted(places)) or 'none'}.",
        )
