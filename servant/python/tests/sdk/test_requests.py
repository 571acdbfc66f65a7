"""Requests, broken and tolerable (servant contract, Requests)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from peer import ServantInProcess

from parley import Scenario


def passes(scenario: Scenario) -> None: ...


@pytest.fixture
def servant() -> Iterator[ServantInProcess]:
    servant = ServantInProcess([("step", "passes", passes)])
    yield servant
    assert servant.end() == 0
    assert servant.stray == []


EXECUTE = '{"jsonrpc":"2.0","id":1,"method":"executeStep"'


@pytest.mark.parametrize(
    ("body", "request_id", "code", "message"),
    [
        ('{"jsonrpc":', None, -32700, "not JSON"),
        ("", None, -32700, "not JSON"),
        ("[" * 100_000, None, -32700, "not JSON"),
        ('{"id":NaN}', None, -32700, "not JSON"),
        ("5", None, -32600, "one JSON object"),
        ('[{"jsonrpc":"2.0","id":1,"method":"health"}]', None, -32600, "batches"),
        ('{"jsonrpc":"2.0","id":1}', 1, -32600, "names no method"),
        ('{"jsonrpc":"2.0","id":1,"method":5}', 1, -32600, "names no method"),
        ('{"jsonrpc":"2.0","id":{},"method":"health"}', None, -32600, "a string or a number"),
        ('{"jsonrpc":"2.0","id":true,"method":"health"}', None, -32600, "a string or a number"),
        ('{"jsonrpc":"1.0","id":1,"method":"health"}', 1, -32600, "JSON-RPC '1.0'"),
        ('{"jsonrpc":"2.0","id":1,"method":"dance"}', 1, -32601, "no method 'dance'"),
        (EXECUTE + "}", 1, -32602, "expected an object, got None"),
        (EXECUTE + ',"params":[]}', 1, -32602, "an array with one object, got 0"),
        (EXECUTE + ',"params":["passes"]}', 1, -32602, "expected an object"),
        (EXECUTE + ',"params":[{"StepType":1,"Step":"passes"}]}', 1, -32602, "StepType: expected"),
        (EXECUTE + ',"params":[{"Step":"passes","Arguments":[1]}]}', 1, -32602, "Arguments"),
        (EXECUTE + ',"params":[{"Step":"passes","Context":[]}]}', 1, -32602, "Context"),
        (EXECUTE + ',"params":[{"Step":"passes","TimeoutMs":"1"}]}', 1, -32602, "TimeoutMs"),
        (EXECUTE + ',"params":[{"Step":"passes","Table":5}]}', 1, -32602, "Table"),
        (EXECUTE + ',"params":[{"StepType":"When"}]}', 1, -32602, "neither Definition nor Step"),
        (EXECUTE + ',"params":[{"Definition":2}]}', 1, -32602, "no definition has the id 2"),
        (EXECUTE + ',"params":[{"Definition":0}]}', 1, -32602, "no definition has the id 0"),
    ],
)
def test_a_broken_request_is_answered(
    servant: ServantInProcess, body: str, request_id: object, code: int, message: str
) -> None:
    servant.initialize()
    servant.send(body)
    error = servant.await_answer(request_id)["error"]
    assert error["code"] == code
    assert message in error["message"]
    assert servant.step("passes")["status"] == "passed"


def test_a_step_needs_a_scenario(servant: ServantInProcess) -> None:
    error = servant.await_answer(servant.start_step("passes"))["error"]
    assert error["code"] == -32600
    assert "send initialize first" in error["message"]


@pytest.mark.parametrize(
    "request_id",
    ["0", "-5", "1.5", "1e3", "18446744073709551616", '"text"', '""', '"1"', '"\\u00fc"'],
)
def test_an_id_comes_back_as_it_came(servant: ServantInProcess, request_id: str) -> None:
    servant.send(f'{{"jsonrpc":"2.0","id":{request_id},"method":"health"}}')
    answer = servant.next()
    assert answer is not None
    assert answer["id"] == json.loads(request_id)
    assert type(answer["id"]) is type(json.loads(request_id))


@pytest.mark.parametrize(
    "params",
    [
        '[{"steptype":"Given","step":"passes"}]',
        '[{"STEPTYPE":"Given","STEP":"passes"}]',
        '{"StepType":"Given","Step":"passes"}',
        '[{"StepType":"Given","Step":"passes","Future":{"a":[1]},"TimeoutMs":null}]',
        '[{"StepType":"Given","Step":"passes","TimeoutMs":5000.0}]',
    ],
)
def test_params_are_read_with_tolerance(servant: ServantInProcess, params: str) -> None:
    servant.initialize()
    servant.send(f'{{"id":1,"method":"executeStep","params":{params}}}')
    assert servant.await_answer(1)["result"]["status"] == "passed"


def test_what_needs_no_answer_gets_none(servant: ServantInProcess) -> None:
    for body in (
        '{"jsonrpc":"2.0","method":"$/setTrace","params":{"value":"off"}}',
        '{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":"gone"}}',
        '{"jsonrpc":"2.0","method":"$/cancelRequest"}',
        '{"jsonrpc":"2.0","id":99,"result":null}',
    ):
        servant.send(body)
    servant.send('{"id":1,"method":"health"}')
    message = servant.next()
    assert message is not None
    assert message["id"] == 1


def test_health_of_contract_1_1(servant: ServantInProcess) -> None:
    health = servant.call("health")
    assert health["contract"] == "1.1"
    assert health["platform"] == "test"
    assert set(health["capabilities"]) == {"table", "docString", "cancel", "logs", "reset"}


def test_a_coordinator_of_contract_1_0() -> None:
    def logs(scenario: Scenario) -> None:
        scenario.progress(1, 2, "frames")
        scenario.shared["name"] = scenario.resource("frames")

    servant = ServantInProcess([("step", "logs", logs)], bare_health=True)
    assert servant.call("health") is True
    params = {"Role": "writer", "Scenario": "s", "HostPid": 12, "FeatureId": 5, "TestRunId": "t"}
    assert servant.call("initialize", [params]) is True
    step = {"Process": "writer", "StepType": "When", "Step": "logs"}
    result = servant.call("executeStep", [step])
    assert result["context"] == {"name": "frames_12_5"}
    assert servant.end() == 0
    assert servant.notified == []
