"""How large the package is, room by room: `python tests/ratchet.py` prints what the test holds."""

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "clusterkit"
NOT_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


@dataclass(frozen=True)
class Module:
    """What is counted of one file."""

    path: Path
    lines: int
    code: int
    skips: int  # lines kept from the formatter
    functions: dict[str, int]  # lines of code of each
    imports: frozenset[str]  # other modules of the package

    @property
    def name(self) -> str:
        return self.path.relative_to(PACKAGE).as_posix()

    @property
    def room(self) -> str:
        parts = self.path.relative_to(PACKAGE).parts
        return parts[0] if len(parts) > 1 else "."


def modules() -> list[Module]:
    """Count every file of the package."""
    paths = sorted(path for path in PACKAGE.rglob("*.py") if "_shipped" not in path.parts)
    names = {_dotted(path) for path in paths}
    return [_counted(path, names) for path in paths]


def _dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def _counted(path: Path, names: set[str]) -> Module:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    code = _code_lines(text) - _docstring_lines(tree)
    functions = {
        node.name: len(code & set(range(node.lineno, node.end_lineno + 1)))
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    imports = frozenset(_imported(tree, names) - {_dotted(path), "clusterkit"})
    skips = text.count("# fmt: skip") + text.count("# fmt: off")
    return Module(path, len(text.splitlines()), len(code), skips, functions, imports)


def _code_lines(text: str) -> set[int]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {
        line
        for token in tokens
        if token.type not in NOT_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }


def _docstring_lines(tree: ast.Module) -> set[int]:
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    first = [node.body[0] for node in ast.walk(tree) if isinstance(node, owners) and node.body]
    return {
        line
        for node in first
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for line in range(node.lineno, node.end_lineno + 1)
    }


def _imported(tree: ast.Module, names: set[str]) -> Iterator[str] | set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{one.name}" for one in node.names} & names
            found |= whole or {node.module}
    return found & names


def table() -> str:
    """Return one line a room, and what is longest."""
    found = modules()
    rows = [f"{'room':10} {'files':>5} {'lines':>6} {'code':>6} {'skips':>5}"]
    rooms = sorted({one.room for one in found})
    for room in [*rooms, "all"]:
        own = [one for one in found if room in (one.room, "all")]
        lines, code, skips = (sum(getattr(one, what) for one in own)
                              for what in ("lines", "code", "skips"))  # fmt: skip
        rows.append(f"{room:10} {len(own):5} {lines:6} {code:6} {skips:5}")
    long = sorted(((size, f"{one.name}: {name}") for one in found
                   for name, size in one.functions.items()), reverse=True)  # fmt: skip
    rows += [f"function of {size} lines of code: {name}" for size, name in long[:3]]
    over = sum(size > 40 for size, _ in long)
    rows.append(f"functions over 40 lines of code: {over}")
    most = max(found, key=lambda one: len(one.imports))
    rows.append(f"most imports of the package: {most.name} ({len(most.imports)})")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())  # noqa: T201
