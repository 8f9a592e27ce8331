"""Sentences whose numbers come from values, each leading back to its claims."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate
from clusterkit.views.origins import Origins
from clusterkit.words import Language, fields

STYLES = {
    "": "the figure, hedged and marked as its source has it",
    "plain": "the figure without its hedge",
    "range": "only the range",
    "full": "the figure and its range",
    "year": "a calendar year",
}
GROUPED_FROM = 10_000  # smaller whole numbers may be years and stay ungrouped


@dataclass(frozen=True)
class Words:
    """A piece of text, plain and as HTML."""

    plain: str
    html: Markup

    def __str__(self) -> str:
        return self.plain

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {
            "text/plain": self.plain,
            "text/html": f'<p class="ck-say">{self.html}</p>',
        }


def fill(
    message: str,
    values: Mapping[str, object],
    language: Language,
    origins: Origins | None = None,
) -> Words:
    """Return a message with its places filled, numbers with footnotes to their sources.

    Parameters
    ----------
    message : str
        English text with places such as ``{sales}``, ``{sales:range}``, ``{sales:full}``.
    values : mapping of str to Estimate, int or str
        One for each place; a plain float is refused, for it has no unit.
    language : Language
        For words and numbers.
    origins : Origins, optional
        Where claims come from; without it numbers bear no footnotes.

    Raises
    ------
    MessageError
        A place has no value, a value no place, or a value cannot be worded.
    """
    places = fields(message)
    _match(message, {name for name, _ in places}, set(values))
    plain, html = {}, {}
    for name, style in places:
        words = _word(values[name], style, name, language, origins)
        key = f"{name}_as_{style}" if style else name
        plain[key], html[key] = words.plain, words.html
    pattern = language.text(message)
    for name, style in places:
        if style:
            pattern = pattern.replace(f"{{{name}:{style}}}", f"{{{name}_as_{style}}}")
    return Words(pattern.format(**plain), Markup(escape(pattern)).format(**html))


def _match(message: str, places: set[str], given: set[str]) -> None:
    """Refuse a sentence with an empty place, and a value that nobody reads."""
    if places == given:
        return
    missing, idle = sorted(places - given), sorted(given - places)
    raise MessageError(
        "A sentence and its values do not match.",
        where=repr(message),
        why=" and ".join(
            told
            for told in (
                f"no value for {', '.join(missing)}" if missing else "",
                f"no place for {', '.join(idle)}" if idle else "",
            )
            if told
        ),
        fix=f"Its places are: {', '.join(sorted(places)) or 'none'}.",
    )


def _word(
    value: object, style: str, name: str, language: Language, origins: Origins | None
) -> Words:
    """Return one value in words."""
    if style not in STYLES:
        raise MessageError(
            f"There is no format {style!r} for {{{name}}}.",
            fix="Formats: " + "; ".join(f"{key or '(none)'}: {it}" for key, it in STYLES.items()),
        )
    if isinstance(value, Estimate):
        return _worded_estimate(value, style, language, origins)
    if isinstance(value, Words):
        return value
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise MessageError(
            f"The value of {{{name}}} is a {type(value).__name__}; a sentence takes an Estimate, "
            "a whole number or text.",
            why="A bare number has no unit, no range and no origin.",
            fix="Give an Estimate, for example case.estimate('sales', 2024).",
        )
    if isinstance(value, int):
        return count_words(value, language, grouped=style != "year")
    text = language.label(value) if value else ""
    return Words(text, escape(text))


def count_words(value: int, language: Language, *, grouped: bool = True) -> Words:
    """Return a whole number that was counted, marked as such."""
    text = str(value)
    if grouped and abs(value) >= GROUPED_FROM:
        text = language.number(value, digits=12)
    return _counted(text, str(value))


def _counted(text: str, value: str) -> Words:
    """Return a number that needs no footnote."""
    return Words(text, Markup('<data class="ck-count" value="{}">{}</data>').format(value, text))


def quoted(text: str) -> Words:
    """Return words that stand in the data, as they stand there."""
    return Words(text, Markup('<span class="ck-data">{}</span>').format(text))


def _worded_estimate(
    estimate: Estimate, style: str, language: Language, origins: Origins | None
) -> Words:
    text = {
        "": lambda: language.figure(estimate),
        "plain": lambda: language.quantity(estimate.value, estimate.unit),
        "range": lambda: language.span(estimate),
        "full": lambda: _full(estimate, language),
        "year": lambda: str(round(estimate.value)),
    }[style]()
    return with_origin(text, estimate, language, origins)


def _full(estimate: Estimate, language: Language) -> str:
    figure = language.figure(estimate)
    if estimate.certain:
        return figure
    # What it is per was just said: the range need not repeat it.
    span = language.span(replace(estimate, unit=estimate.unit.partition("/")[0]))
    if figure.endswith(")"):
        return language.text("{figure}, {range})", figure=figure[:-1], range=span)
    return language.text("{figure} ({range})", figure=figure, range=span)


def span_words(estimate: Estimate, language: Language) -> Words:
    """Return the range of an estimate, without footnotes: it stands beside its figure."""
    return _counted(language.span(estimate), f"{estimate.value:.12g}")


def with_origin(
    text: str, estimate: Estimate, language: Language, origins: Origins | None, *, shown: int = 4
) -> Words:
    """Return a worded figure with the numbers of its sources behind it, at most so many."""
    value = f"{estimate.value:.12g}"
    if origins is None or not estimate.claims:
        return _counted(text, value)
    numbers = origins.numbers(estimate.claims)
    more = len(numbers) - shown
    links = [Markup('<a href="#source-{0}">{0}</a>').format(n) for n in numbers[:shown]]
    if more > 0:
        links.append(escape(f"+{more}"))
    html = Markup(
        '<data class="ck-value" value="{value}" data-claims="{claims}" title="{told}">{text}</data>'
        '<sup class="ck-ref">{links}</sup>'
    ).format(
        value=value,
        claims=" ".join(estimate.claims),
        told=origins.told(estimate.claims, language),
        text=text,
        links=Markup(",").join(links),
    )
    tail = ",".join(numbers[:shown]) + (f"+{more}" if more > 0 else "")
    return Words(f"{text} [{tail}]", html)
