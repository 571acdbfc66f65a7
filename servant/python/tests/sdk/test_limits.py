"""Limits, cancellation and steps that hang (servant contract, Timeouts)."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from peer import PATIENCE, Message, ServantInProcess

from parley import Scenario


class Hold:
    """What steps hang on, until the test is over."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.over = threading.Event()
        self.pipe = os.pipe()

    def await_step(self) -> None:
        assert self.entered.acquire(timeout=PATIENCE)

    def end(self) -> None:
        self.over.set()
        os.write(self.pipe[1], b"x")


@pytest.fixture
def hold() -> Iterator[Hold]:
    hold = Hold()
    yield hold
    hold.end()


@pytest.fixture
def servant(hold: Hold) -> Iterator[ServantInProcess]:
    def passes(scenario: Scenario) -> None: ...

    def waits(scenario: Scenario) -> None:
        hold.entered.release()
        scenario.sleep(3600)

    def ends_badly(scenario: Scenario) -> None:
        scenario.cancelled.wait()
        raise ValueError("no luck")

    def hangs(scenario: Scenario) -> None:
        hold.entered.release()
        hang_here(hold)

    def reads(scenario: Scenario) -> None:
        os.read(hold.pipe[0], 1)

    def spins(scenario: Scenario) -> None:
        while not hold.over.is_set():
            pass

    async def passes_async(scenario: Scenario) -> None:
        await asyncio.sleep(0)

    async def waits_async(scenario: Scenario) -> None:
        hold.entered.release()
        await asyncio.sleep(3600)

    async def blocks_async(scenario: Scenario) -> None:
        hang_here(hold)

    async def ignores_async(scenario: Scenario) -> None:
        while not hold.over.is_set():
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                continue

    functions: list[Any] = [
        passes, waits, ends_badly, hangs, reads, spins, passes_async, waits_async, blocks_async,
        ignores_async,
    ]  # fmt: skip
    servant = ServantInProcess(
        [("step", function.__name__.replace("_", " "), function) for function in functions]
    )
    servant.initialize()
    yield servant
    assert servant.end() == 0


def hang_here(hold: Hold) -> None:
    hold.over.wait()


@pytest.mark.parametrize("text", ["waits", "waits async"])
def test_a_step_that_heeds_its_limit(servant: ServantInProcess, hold: Hold, text: str) -> None:
    result = servant.step(text, TimeoutMs=30)
    hold.await_step()
    assert result["status"] == "timeout"
    assert (
        result["error"] == f'Step execution timeout: "{text}" took longer than its limit of 0.03 s'
    )
    assert result["failure"]["type"] == "STEP_EXECUTION_TIMEOUT"
    assert servant.step("passes async")["status"] == "passed"


def test_the_scenario_s_limit(servant: ServantInProcess, hold: Hold) -> None:
    servant.initialize(StepTimeoutMs=40)
    assert "its limit of 0.04 s" in servant.step("waits")["error"]
    hold.await_step()


def test_a_step_that_ends_badly_at_its_limit(servant: ServantInProcess) -> None:
    result = servant.step("ends badly", TimeoutMs=30)
    assert result["status"] == "timeout"
    assert result["error"].endswith("; it ended with ValueError: no luck")


@pytest.mark.parametrize("text", ["hangs", "reads", "spins", "blocks async", "ignores async"])
def test_a_step_that_ignores_its_limit(servant: ServantInProcess, text: str) -> None:
    result = servant.step(text, TimeoutMs=30)
    assert result["status"] == "timeout"
    assert result["error"].endswith("; it still runs")
    assert "test_limits.py" in result["failure"]["stack"]

    # Its scenario goes no further, the next one does: plain steps and async ones.
    for refused in ("passes", "passes async"):
        result = servant.step(refused)
        assert (result["status"], result["failure"]["type"]) == ("failed", "StepStillRunning")
        assert f'step "{text}" still runs' in result["error"]
    servant.call("cleanup")
    servant.initialize()
    for passed in ("passes", "passes async"):
        assert servant.step(passed)["status"] == "passed"


def test_a_step_that_ends_late_frees_its_scenario(servant: ServantInProcess, hold: Hold) -> None:
    assert servant.step("hangs", TimeoutMs=30)["status"] == "timeout"
    hold.await_step()
    hold.over.set()
    while (result := servant.step("passes"))["status"] == "failed":
        assert result["failure"]["type"] == "StepStillRunning"
    assert result["status"] == "passed"


@pytest.mark.parametrize("text", ["waits", "waits async", "hangs"])
@pytest.mark.parametrize("form", ["{}", "[{}]"])
def test_cancellation(servant: ServantInProcess, hold: Hold, text: str, form: str) -> None:
    step = {"StepType": "When", "Step": text}
    request = {"jsonrpc": "2.0", "id": "sven", "method": "executeStep", "params": [step]}
    servant.send(json.dumps(request))
    hold.await_step()
    cancel = form.format('{"Id":"\\u0073ven"}')
    servant.send(f'{{"jsonrpc":"2.0","method":"$/cancelRequest","params":{cancel}}}')
    result = servant.await_answer("sven")["result"]
    assert result["status"] == "cancelled"
    assert text in result["error"]


def test_health_is_answered_while_a_step_runs(servant: ServantInProcess, hold: Hold) -> None:
    request_id = servant.start_step("waits")
    hold.await_step()
    assert servant.call("health")["ok"]
    assert servant.call("discover")["steps"]
    cancel(servant, request_id)
    assert result_of(servant, request_id)["status"] == "cancelled"


def test_cleanup_ends_what_runs(servant: ServantInProcess, hold: Hold) -> None:
    request_id = servant.start_step("waits")
    hold.await_step()
    cleanup = servant.request("cleanup")
    assert result_of(servant, request_id)["status"] == "cancelled"
    assert servant.await_answer(cleanup)["result"] is None


def test_steps_that_come_at_once_are_performed_in_order(
    servant: ServantInProcess, hold: Hold
) -> None:
    first = servant.start_step("waits")
    second = servant.start_step("passes", TimeoutMs=10_000)
    hold.await_step()
    cancel(servant, first)
    assert result_of(servant, first)["status"] == "cancelled"
    assert result_of(servant, second)["status"] == "passed"


def test_the_limit_begins_with_the_step(servant: ServantInProcess, hold: Hold) -> None:
    first = servant.start_step("waits", TimeoutMs=600)
    second = servant.start_step("passes", TimeoutMs=400)
    assert result_of(servant, first)["status"] == "timeout"
    hold.await_step()
    assert result_of(servant, second)["status"] == "passed"


def test_requests_are_bounded(servant: ServantInProcess, hold: Hold) -> None:
    requests = [servant.start_step("waits") for _ in range(65)]
    error = servant.await_answer(requests[-1])["error"]
    assert error["code"] == -32603
    assert "64 steps wait already" in error["message"]
    cleanup = servant.request("cleanup")
    statuses = {result_of(servant, request_id)["status"] for request_id in requests[:-1]}
    assert statuses == {"cancelled"}
    assert servant.await_answer(cleanup)["result"] is None
    hold.await_step()


def cancel(servant: ServantInProcess, request_id: int) -> None:
    params = {"id": request_id}
    servant.send(json.dumps({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": params}))


def result_of(servant: ServantInProcess, request_id: int) -> Message:
    result: Message = servant.await_answer(request_id)["result"]
    return result
