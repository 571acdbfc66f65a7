"""What a scenario's steps make, and its end (servant contract, cleanup)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from peer import ServantInProcess

from parley import Scenario
from parley.resources import Resources


class Closable:
    def __init__(self, name: str, order: list[str]) -> None:
        self._name = name
        self._order = order

    def close(self) -> None:
        self._order.append(self._name)


def await_nothing(awaitable: object) -> object:
    raise AssertionError("nothing is asynchronous here")


@contextmanager
def entered(name: str, order: list[str]) -> Iterator[str]:
    order.append(f"enter {name}")
    yield name
    order.append(f"exit {name}")


def test_what_came_last_goes_first() -> None:
    order: list[str] = []

    class State(Closable):
        def __init__(self) -> None:
            super().__init__("state", order)

    resources = Resources()
    tracked = Closable("tracked", order)
    assert resources.track(tracked) is tracked
    assert resources.state(State) is resources.state(State)
    assert resources.enter(entered("manager", order)) == "manager"
    assert resources.end(await_nothing) == []
    assert resources.end(await_nothing) == []
    assert order == ["enter manager", "exit manager", "state", "tracked"]


def test_a_state_that_is_a_context_manager_is_entered() -> None:
    order: list[str] = []
    resources = Resources()
    resources.state(lambda: entered("state", order))
    resources.end(await_nothing)
    assert order == ["enter state", "exit state"]


def test_a_failure_keeps_nothing_from_its_end() -> None:
    order: list[str] = []

    class Clumsy:
        def close(self) -> None:
            raise OSError("it is stuck")

    resources = Resources()
    resources.track(Closable("first", order))
    resources.track(Clumsy())
    resources.track(Closable("last", order))
    assert resources.end(await_nothing) == ["Clumsy: OSError: it is stuck"]
    assert order == ["last", "first"]


def test_a_step_that_outlives_its_scenario_leaves_nothing() -> None:
    order: list[str] = []
    resources = Resources()
    resources.end(await_nothing)
    with pytest.raises(RuntimeError, match="the scenario has ended"):
        resources.state(dict)
    with pytest.raises(RuntimeError, match="the scenario has ended"):
        resources.track(Closable("late", order))
    with pytest.raises(RuntimeError, match="the scenario has ended"):
        resources.enter(entered("later", order))
    assert order == ["late", "enter later", "exit later"]


def test_what_cannot_be_closed_is_not_tracked() -> None:
    with pytest.raises(TypeError, match=r"an? int has no close\(\)"):
        Resources().track(5)


def test_the_life_of_state() -> None:
    order: list[str] = []

    class State(Closable):
        def __init__(self) -> None:
            super().__init__("closed", order)

    def opens(scenario: Scenario) -> None:
        scenario.state(State)

    servant = ServantInProcess([("step", "opens", opens)])
    servant.initialize()
    servant.step("opens")
    servant.step("opens")
    assert order == []
    servant.call("cleanup")
    servant.call("cleanup")
    assert order == ["closed"]
    servant.initialize()
    servant.step("opens")
    servant.initialize()  # without a cleanup between
    assert order == ["closed"] * 2
    servant.step("opens")
    servant.close()
    assert servant.await_status() == 0
    assert order == ["closed"] * 3


def test_asynchronous_resources_end_on_their_loop() -> None:
    order: list[str] = []

    @asynccontextmanager
    async def manager():  # type: ignore[no-untyped-def] # noqa: ANN202
        loop = asyncio.get_running_loop()
        yield "manager"
        assert asyncio.get_running_loop() is loop
        order.append("manager")

    class Connection:
        async def aclose(self) -> None:
            await asyncio.sleep(0)
            order.append("connection")

    async def background() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            order.append("task")

    tasks = []

    async def opens(scenario: Scenario) -> None:
        assert await scenario.enter_async(manager()) == "manager"
        scenario.track(Connection())
        tasks.append(asyncio.create_task(background()))
        await asyncio.sleep(0)

    servant = ServantInProcess([("step", "opens", opens)])
    servant.initialize()
    assert servant.step("opens")["error"] is None
    servant.call("cleanup")
    assert order == ["task", "connection", "manager"]
    assert servant.end() == 0


def test_cleanup_that_fails_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    class Clumsy:
        def close(self) -> None:
            raise OSError("it is stuck")

    def opens(scenario: Scenario) -> None:
        scenario.state(Clumsy)

    servant = ServantInProcess([("step", "opens", opens)])
    servant.initialize()
    servant.step("opens")
    error = servant.await_answer(servant.request("cleanup"))["error"]
    assert error["code"] == -32603
    assert "Clumsy: OSError: it is stuck" in error["message"]
    servant.initialize()
    servant.step("opens")
    servant.close()
    assert servant.await_status() == 1
    assert "it is stuck" in capsys.readouterr().err
