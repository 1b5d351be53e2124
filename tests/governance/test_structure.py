"""Limits of size, documentation and place of arithmetic, read from the syntax of the shipped sources."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.governance.source_tree import (
    COMMANDS,
    ROOT,
    FunctionNode,
    all_modules,
    functions,
    label,
    modules,
    parse,
)

MAX_BODY_LINES = 40
MAX_MODULE_LINES = 400
MAX_PARAMETERS = 8
MAX_COMMAND_PARAMETERS = 20  # each of them is an option of the command line

STRUCTURAL_NUMBERS = {0, 1, 2, 0.5, 12}
UPPER_CASE = re.compile(r"_?[A-Z][A-Z0-9_]*\Z")
ARRAY_ANNOTATION = re.compile(r"\b(?:NDArray|ArrayLike|ndarray|\w*Array)\b")
SHAPE = re.compile(r"\bshape|\((?:\w|\w\s*[+-]\s*\d|\.\.\.)\s*,[^()]*\)")

# Modules of the exits that place cells and spell formulas: row and column offsets are their trade.
LAYOUT_PREFIXES = ("excel", "layout", "formulas", "charts")
ARITHMETIC = (ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
ARITHMETIC_IN_LAYOUT = (ast.Pow, ast.MatMult)
COMPUTING_FUNCTIONS = {"sum", "round", "pow", "divmod"}
COMPUTING_METHODS = {
    "cumprod", "cumsum", "diff", "div", "dot", "mean", "median", "mul", "pct_change", "prod", "quantile",
    "round", "std", "sum", "truediv", "var",
}  # fmt: skip


# Sizes


def is_string(statement: ast.stmt) -> bool:
    """Whether a statement is nothing but a string, as a docstring is."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Constant):
        return False
    return isinstance(statement.value.value, str)


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """Statements of a body, its docstring left out."""
    return body[1:] if is_string(body[0]) else body


def body_lines(function: FunctionNode) -> int:
    """Lines from the first statement after the docstring to the last one."""
    body = without_docstring(function.body)
    if not body:
        return 0
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1


def parameter_count(function: FunctionNode) -> int:
    """Number of parameters, the bound first one of a method left out."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    names += [extra.arg for extra in (function.args.vararg, function.args.kwarg) if extra]
    return len([name for name in names if name not in {"self", "cls"}])


def is_command(function: FunctionNode) -> bool:
    """Whether a function is registered as a command of the command line."""
    calls = [node.func if isinstance(node, ast.Call) else node for node in function.decorator_list]
    return any(isinstance(call, ast.Attribute) and call.attr in {"command", "callback"} for call in calls)


@pytest.mark.parametrize("path", all_modules(), ids=label)
def test_functions_are_short(path: Path) -> None:
    long = {f.name: body_lines(f) for f in functions(parse(path)) if body_lines(f) > MAX_BODY_LINES}
    assert long == {}


@pytest.mark.parametrize("path", all_modules(), ids=label)
def test_functions_have_few_parameters(path: Path) -> None:
    many = {}
    for function in functions(parse(path)):
        limit = MAX_COMMAND_PARAMETERS if is_command(function) else MAX_PARAMETERS
        if parameter_count(function) > limit:
            many[function.name] = parameter_count(function)
    assert many == {}


@pytest.mark.parametrize("path", all_modules(), ids=label)
def test_modules_are_of_readable_size(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_MODULE_LINES


@pytest.mark.parametrize("path", all_modules(), ids=label)
def test_imports_are_absolute(path: Path) -> None:
    relative = [node.lineno for node in ast.walk(parse(path)) if isinstance(node, ast.ImportFrom) and node.level > 0]
    assert relative == []


# Documentation of the core


def public_definitions(tree: ast.Module) -> Iterator[FunctionNode | ast.ClassDef]:
    """Public functions and classes of a module, and the public methods of its public classes."""
    for node in tree.body:
        if isinstance(node, FunctionNode | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                for member in node.body:
                    if isinstance(member, FunctionNode) and not member.name.startswith("_"):
                        yield member


def takes_array(function: FunctionNode) -> bool:
    """Whether a parameter is annotated as an array."""
    arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    annotations = [argument.annotation for argument in arguments if argument.annotation is not None]
    return any(ARRAY_ANNOTATION.search(ast.unparse(annotation)) for annotation in annotations)


@pytest.mark.parametrize("path", modules("valuation"), ids=label)
def test_public_names_of_the_core_are_documented(path: Path) -> None:
    tree = parse(path)
    assert ast.get_docstring(tree), "the module has no docstring"
    assert [node.name for node in public_definitions(tree) if not ast.get_docstring(node)] == []


@pytest.mark.parametrize("path", modules("valuation"), ids=label)
def test_array_functions_of_the_core_state_shapes(path: Path) -> None:
    silent = [
        node.name
        for node in public_definitions(parse(path))
        if isinstance(node, FunctionNode) and takes_array(node) and not SHAPE.search(ast.get_docstring(node) or "")
    ]
    assert silent == []


# Numbers in the core


def constant_definitions(tree: ast.Module) -> list[ast.Assign | ast.AnnAssign]:
    """Assignments to upper-case names at module or class level."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    found: list[ast.Assign | ast.AnnAssign] = []
    for statement in (*tree.body, *(member for node in classes for member in node.body)):
        if not isinstance(statement, ast.Assign | ast.AnnAssign):
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        if all(isinstance(target, ast.Name) and UPPER_CASE.match(target.id) for target in targets):
            found.append(statement)
    return found


def bare_numbers(tree: ast.AST) -> list[ast.Constant]:
    """Numbers that are not structural: anything but 0, 1, 2, a half and the months of a year."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float | complex)
        and not isinstance(node.value, bool)
        and node.value not in STRUCTURAL_NUMBERS
    ]


def explained(definition: ast.stmt, tree: ast.Module, lines: list[str]) -> bool:
    """Whether a definition carries a comment on its lines, one above its group, or a string below it."""
    end = definition.end_lineno or definition.lineno
    if any("#" in line for line in lines[definition.lineno - 1 : end]):
        return True
    following = [node for node in tree.body if node.lineno > end]
    if following and is_string(following[0]):
        return True
    above = definition.lineno - 2
    while above >= 0 and re.match(r"\s*_?[A-Z][A-Z0-9_]*\s*[:=]", lines[above]):
        above -= 1
    return above >= 0 and lines[above].lstrip().startswith("#")


@pytest.mark.parametrize("path", modules("valuation"), ids=label)
def test_numbers_in_the_core_have_names(path: Path) -> None:
    tree = parse(path)
    named = {id(node) for definition in constant_definitions(tree) for node in ast.walk(definition)}
    offenders = [f"line {node.lineno}: {node.value!r}" for node in bare_numbers(tree) if id(node) not in named]
    assert offenders == []


@pytest.mark.parametrize("path", modules("valuation"), ids=label)
def test_named_numbers_in_the_core_are_explained(path: Path) -> None:
    tree = parse(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    offenders = [
        ast.unparse(definition)
        for definition in constant_definitions(tree)
        if bare_numbers(definition) and not explained(definition, tree, lines)
    ]
    assert offenders == []


# No arithmetic at the exits


def is_text(node: ast.expr) -> bool:
    """Whether an operand is text on the face of it: a repeated string, a format or a joined path."""
    if isinstance(node, ast.BinOp):
        return is_text(node.left) or is_text(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def is_set(node: ast.expr) -> bool:
    """Whether an operand is a set on the face of it."""
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    if isinstance(called, ast.Name):
        return called.id in {"set", "frozenset"}
    return isinstance(called, ast.Attribute) and called.attr in {"keys", "items"}


def computed_operations(tree: ast.AST, forbidden: tuple[type[ast.operator], ...]) -> list[str]:
    """Operations of the forbidden kinds on anything that is not text or a set."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp):
            operands = (node.left, node.right)
        elif isinstance(node, ast.AugAssign):
            operands = (node.target, node.value)
        else:
            continue
        if isinstance(node.op, forbidden) and not any(is_text(side) or is_set(side) for side in operands):
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def computing_calls(tree: ast.AST) -> list[str]:
    """Calls that total, average, round or combine values."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        by_name = isinstance(called, ast.Name) and called.id in COMPUTING_FUNCTIONS
        by_method = isinstance(called, ast.Attribute) and called.attr in COMPUTING_METHODS
        if by_name or by_method:
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def is_layout(path: Path) -> bool:
    """Whether a module of the exits places cells or spells formulas."""
    parts = path.relative_to(ROOT).with_suffix("").parts[1:]
    return any(part.startswith(LAYOUT_PREFIXES) for part in parts)


def exits(*, layout: bool) -> list[Path]:
    """Modules that show results: those that lay out cells, or the others and the commands."""
    chosen = [path for path in modules("reports") if is_layout(path) is layout]
    return chosen if layout else [*chosen, ROOT / COMMANDS]


@pytest.mark.parametrize("path", exits(layout=False), ids=label)
def test_exits_do_not_compute(path: Path) -> None:
    tree = parse(path)
    assert [*computed_operations(tree, ARITHMETIC), *computing_calls(tree)] == []


@pytest.mark.parametrize("path", exits(layout=True), ids=label)
def test_layout_modules_only_place(path: Path) -> None:
    tree = parse(path)
    assert [*computed_operations(tree, ARITHMETIC_IN_LAYOUT), *computing_calls(tree)] == []


# The rules themselves


@pytest.mark.parametrize(
    "source",
    [
        "total = a * b",
        "x = value / units",
        "gap = a - b",
        "n -= 1",
        "x = sum(values)",
        "x = frame.sum()",
        "y = a**2",
    ],
)
def test_rule_finds_arithmetic(source: str) -> None:
    tree = ast.parse(source)
    assert computed_operations(tree, ARITHMETIC) or computing_calls(tree)


@pytest.mark.parametrize(
    "source",
    [
        "'-' * width",
        "'%s' % name",
        "folder / 'a.xlsx'",
        "folder / f'{name}.xlsx'",
        "a + b",
        "set(a) - seen",
        "max(a)",
    ],
)
def test_rule_leaves_text_paths_and_sets_alone(source: str) -> None:
    tree = ast.parse(source)
    assert computed_operations(tree, ARITHMETIC) == []
    assert computing_calls(tree) == []


def test_rule_finds_bare_and_unexplained_numbers() -> None:
    source = "GOOD = 3.5  # why\nBAD = 4.5\n\ndef f(x):\n    return 12 * x + 0.5 - 7\n"
    tree = ast.parse(source)
    assert [node.value for node in bare_numbers(tree)] == [3.5, 4.5, 7]
    good, bad = constant_definitions(tree)
    assert explained(good, tree, source.splitlines())
    assert not explained(bad, tree, ["GOOD = 3.5", "BAD = 4.5"])


def test_rule_counts_lines_and_parameters() -> None:
    (function,) = functions(ast.parse('def f(self, a, *b, c=1, **d):\n    """Doc."""\n    x = 1\n\n    return x\n'))
    assert body_lines(function) == 3
    assert parameter_count(function) == 4


def test_rule_reads_shapes() -> None:
    for text in ("shape (T, C, n)", "rows of (T+1, n)", "(n,)", "(..., n)", "an array of any shape"):
        assert SHAPE.search(text), text
    assert not SHAPE.search("the value (in dollars) of it")
