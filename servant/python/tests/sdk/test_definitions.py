"""Step definitions: decorators, mistakes, matching (servant contract, discover and Matching)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from peer import ServantInProcess

from parley import DocString, Scenario, Table, given, then
from parley.definitions import DefinitionError, Registration, registrations
from parley.registry import Registry


def registry(*definitions: tuple[str, str, Callable[..., object]]) -> Registry:
    return Registry(Registration(*each, "/x/steps.py", 7) for each in definitions)


@given(r"the '([^']*)' process counts", summary="Counts.")
@then(r"the '([^']*)' process has counted")
def count(scenario: Scenario, role: str) -> None:
    """Counts to one.

    Slowly.
    """


def test_decorators_note_definitions_in_their_module() -> None:
    noted = registrations(globals())
    assert [(n.kind, n.summary, n.function) for n in noted] == [
        ("Then", "Counts to one.", count),
        ("Given", "Counts.", count),
    ]
    assert all(n.file == __file__ for n in noted)
    source = Path(__file__).read_text().splitlines()
    assert [source[n.line - 1][:6] for n in noted] == ["@then(", "@given"]


def test_discovery_gives_ids_from_1_and_places() -> None:
    steps = Registry(registrations(globals())).discovery()["steps"]
    assert isinstance(steps, list)
    assert [step["id"] for step in steps] == [1, 2]
    assert steps[0]["source"].startswith("servant/python/tests/sdk/test_definitions.py:")


def two(scenario: Scenario, a: str, b: int) -> None: ...
def none_at_all() -> None: ...
def star(scenario: Scenario, *texts: str) -> None: ...
def default(scenario: Scenario, a: str = "") -> None: ...
def of_list(scenario: Scenario, a: list[int]) -> None: ...
def block_first(scenario: Scenario, table: Table, a: str) -> None: ...
def of_unknown(scenario: Scenario, a: Unknown) -> None: ...  # type: ignore[name-defined] # noqa: F821


def generator(scenario: Scenario) -> object:
    yield


async def async_generator(scenario: Scenario) -> object:
    yield


@pytest.mark.parametrize(
    ("pattern", "function", "mistake"),
    [
        ("'(a)'", two, "1 capturing group in its pattern, and two() takes 2 parameters"),
        ("none", none_at_all, "takes nothing; its first parameter is the scenario"),
        ("(a)", star, "has *args"),
        ("(a)", default, "or defaults"),
        ("none", generator, "is a generator"),
        ("none", async_generator, "is a generator"),
        ("none", len, "is bound to a builtin_function_or_method"),
        ("(a)", of_list, "parameter 'a' of type list[int], which no captured text can become"),
        ("(a)(b)", block_first, "parameter 'table' of type Table"),
        ("(a)", of_unknown, "import it outside of TYPE_CHECKING"),
        ("a(b", two, "has a '(' without its ')'"),
        ("a)b", two, "has a ')' without its '('"),
        ("a[b", two, "has a '[' without its ']'"),
        ("a\\", two, "ends with a backslash"),
        (r"(a)\1(b)", two, "backreference"),
        ("(?=a)(b)", two, "which RE2 has not"),
        ("(?<!a)(b)", two, "which RE2 has not"),
        ("(?>a)(b)", two, "which RE2 has not"),
    ],
)
def test_a_wrong_definition_names_its_place(
    pattern: str, function: Callable[..., object], mistake: str
) -> None:
    with pytest.raises(DefinitionError) as caught:
        registry(("Given", pattern, function))
    message = str(caught.value)
    assert message.startswith(f'/x/steps.py:7: step definition Given "{pattern}" ')
    assert mistake in message
    assert "\n" not in message


def test_a_pattern_that_does_not_compile_is_found_by_the_list() -> None:
    definition = registry(("Given", "(a)(?:+)(b)", two)).definitions[0]
    with pytest.raises(DefinitionError, match="is no regular expression"):
        definition.matcher()


def test_a_pattern_that_does_not_compile_is_told_at_the_step() -> None:
    servant = ServantInProcess([("step", "(a)(?:+)(b)", two)])
    servant.initialize()
    error = servant.await_answer(servant.start_step("ab"))["error"]
    assert error["code"] == -32603
    assert "is no regular expression" in error["message"]
    assert servant.end() == 0


def test_a_definition_can_stand_once() -> None:
    passes = ("Given", "(a)(b)", two)
    with pytest.raises(DefinitionError, match=r"is defined already, at /x/steps\.py:7"):
        registry(passes, passes)
    assert len(registry(passes, ("When", "(a)(b)", two)).definitions) == 2


@pytest.mark.parametrize(
    ("pattern", "groups"),
    [
        ("'([^']*)'", 1),
        (r"\((a)\)", 1),
        ("[(]([)])", 1),
        ("[])(](a)", 1),
        ("[^]](a)", 1),
        ("(?:a|(b))", 1),
        ("(?P<n>a)(?i:b)", 1),
        (r"[\](](a)", 1),
    ],
)
def test_groups_are_counted_as_they_compile(pattern: str, groups: int) -> None:
    def one(scenario: Scenario, a: str) -> None: ...

    definition = registry(("step", pattern, one)).definitions[0]
    assert definition.matcher().groups == groups


def test_matching_is_from_end_to_end_and_by_type() -> None:
    def one(scenario: Scenario, a: str) -> None: ...

    found = registry(("Given", r"a '(\d*)'", one), ("step", "(a) b|c", one))
    assert found.matches("Given", "a '12'")[0][1] == ["12"]
    assert found.matches("When", "a '12'") == []
    assert found.matches("Given", "a '12' ") == []
    assert found.matches("Given", "a '१'") == []  # RE2's digits are ASCII
    assert [captures for _, captures in found.matches("Then", "c")] == [[""]]


def test_modules_of_a_package_in_the_order_of_their_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "of_test_definitions"
    package.mkdir()
    text = (
        "from parley import Scenario, step\n@step({!r})\ndef _(scenario: Scenario) -> None: ...\n"
    )
    for name in ("__init__", "b", "a", "__main__"):
        twice = text.format(f"{name} 1") + text.format(f"{name} 2").partition("\n")[2]
        (package / f"{name}.py").write_text(twice)
    monkeypatch.syspath_prepend(tmp_path)
    found = Registry.of_modules(["of_test_definitions"])
    # A function that hides another of the same name does not hide its definition.
    assert [definition.pattern for definition in found.definitions] == [
        f"{name} {n}" for name in ("__init__", "a", "b") for n in (1, 2)
    ]
    for name in [name for name in sys.modules if name.startswith("of_test_definitions")]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\ny = unknown\n", ":2: the step definitions cannot be imported: NameError"),
        ("x = 1\n\ndef f(:\n", ":3: the step definitions cannot be imported: SyntaxError"),
        ("import nowhere_at_all\n", ":1: the step definitions cannot be imported: ModuleNotFound"),
    ],
)
def test_a_module_that_cannot_be_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    (tmp_path / "broken_of_test.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DefinitionError) as caught:
        Registry.of_modules(["broken_of_test"])
    assert f"{tmp_path}/broken_of_test.py{message}" in str(caught.value)


def test_a_module_that_is_not_there() -> None:
    with pytest.raises(DefinitionError, match="module nowhere_at_all: the step definitions cannot"):
        Registry.of_modules(["nowhere_at_all"])


def with_table(scenario: Scenario, rows: int, table: Table) -> None: ...
def with_text(scenario: Scenario, text: DocString) -> None: ...
def plain(scenario: Scenario, a: int) -> None: ...


TABLE, TEXT = Table(["k"], [{"k": "v"}]), DocString("text")


@pytest.mark.parametrize(
    ("function", "pattern", "captures", "table", "text", "message"),
    [
        (with_table, "(a)", ["1"], TABLE, None, ""),
        (with_text, "a", [], None, TEXT, ""),
        (with_table, "(a)", ["1"], None, None, "takes a Table; the step brings none"),
        (with_table, "(a)", ["1"], None, TEXT, "takes a Table; the step brings a DocString"),
        (with_text, "a", [], TABLE, TEXT, "brings a Table and a DocString"),
        (plain, "(a)", ["1"], TABLE, None, "takes neither a Table nor a DocString"),
        (plain, "(a)", [], None, None, "takes 1 argument, 0 came"),
        (plain, "(a)", ["x"], None, None, "parameter 'a': 'x' is no int"),
    ],
)
def test_arguments_that_come_with_a_step(
    function: Callable[..., object],
    pattern: str,
    captures: list[str],
    table: Table | None,
    text: DocString | None,
    message: str,
) -> None:
    signature = registry(("step", pattern, function)).definitions[0].signature
    if not message:
        values = signature.bind(captures, table, text)
        assert values == [*(int(c) for c in captures), table or text]
        return
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        signature.bind(captures, table, text)
