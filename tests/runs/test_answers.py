"""What the reports answer holds whatever they are asked: each scenario, each edge of a contract."""

import ast
import json
import re

import pytest

from clusterkit.runs.workshop import Workshop
from clusterkit.views.facts import Words

pytestmark = pytest.mark.live
NOTEBOOKS = sorted(Workshop.here().contracts)


def asked(shop, name):
    """Yield settings of a notebook: its scenarios, and each parameter alone at its edges."""
    yield {}
    for run in shop.scenarios.get(name, {}).values():
        yield dict(run.given)
    for parameter, one in shop.contract(name).parameters.items():
        edges = one.choices or [edge for edge in (one.min, one.max) if edge is not None]
        for edge in [True, False] if one.type == "bool" else edges:
            if edge != one.default:
                yield {parameter: edge}


def answers(path, values):
    """Run the cells of a notebook up to the end of its answer, and return what those of it say."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    sections = [n for n, text in enumerate(texts) if re.search("^## ", text, re.MULTILINE)]
    assert texts[sections[0]] == "## The answer"
    names, said = {}, []
    for number, cell in enumerate(cells[: sections[1]]):
        if cell["cell_type"] == "code":
            tree = ast.parse(texts[number])
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, path.name, "exec"), names)
            if "parameters" in cell["metadata"].get("tags", []):
                names |= values
            if last and number > sections[0]:
                said.append(eval(compile(ast.Expression(last.value), path.name, "eval"), names))
    return said


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_answer_holds_under_every_scenario_and_at_every_edge(name):
    shop = Workshop.here()
    for values in asked(shop, name):
        run = shop.ask(name, values)
        said = answers(run.path, dict(run.given))
        assert 2 <= len(said) <= 5, values
        for words in said:
            assert isinstance(words, Words)
            assert any(fact.kind in ("figure", "count") for fact in words.facts), (values, words)
            assert not re.search(r"[{}]|\b(nan|None|inf)\b", words.plain), words.plain
