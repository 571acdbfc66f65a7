"""Performs features in process, under pytest and pytest-bdd: every role in this process.

For breakpoints, tracebacks and coverage while step definitions are written. What happens to the
process of a role only the coordinator can do: a scenario that asks for it is skipped.

In the root conftest.py::

    pytest_plugins = ("parley_pytest.plugin",)

    @pytest.fixture(scope="session")
    def parley_definitions() -> Registry:
        return Registry.of_modules(["steps"])

In a test module::

    pytest_bdd.scenarios("features")

Steps are routed as the coordinator routes them: by the role they name, else by that of the step
before, with a state of its own for each role. ``meanwhile`` and ``within 'n' seconds`` are obeyed.
What packs of the coordinator look at can be given as definitions too: override the fixture
`parley_looks`.
"""
