"""A servant of contract 1.0, written against the contract alone.

It uses the freedom that the contract leaves: lower-case step types, patterns
with placeholders or in Python's own syntax, answers without a status, and keys
that nobody knows. FOREIGN_JOURNAL names a file that gets one line of JSON for
each request.
"""

import json
import os
import re
import subprocess
import sys
import time

STEPS = []
PLACEHOLDERS = {"int": r"(-?\d+)", "word": r"(\w+)", "string": r"'([^']*)'", "": r"(.*)"}
HOST_PID = os.environ["HARMONY_HOST_PID"]
FEATURE_ID = os.environ["HARMONY_FEATURE_ID"]


class StepNotFound(Exception):
    """No function is registered for a step."""


def step(kind, pattern):
    """Registers a function for a step."""

    def register(function):
        STEPS.append((kind, pattern, compile_pattern(pattern), function))
        return function

    return register


def compile_pattern(pattern):
    if not re.search(r"\{(int|word|string|)\}", pattern):
        return re.compile(pattern)
    parts = re.split(r"\{(int|word|string|)\}", pattern)
    text = "".join(PLACEHOLDERS[p] if i % 2 else re.escape(p) for i, p in enumerate(parts))
    return re.compile(text)


class Scenario:
    """What lives from initialize to cleanup."""

    def __init__(self):
        self.context = {}
        self.logs = []
        self.error = None
        self.frames = []

    def log(self, level, message):
        self.logs.append({"level": level, "message": message, "category": "steps"})

    def path(self, name):
        folder = os.path.dirname(os.environ["FOREIGN_JOURNAL"])
        return os.path.join(folder, f"{name}_{HOST_PID}_{FEATURE_ID}")


@step("given", "the test environment is clean")
def clean(scenario):
    scenario.log("Debug", "clean")


@step("given", "two {string} processes")
def two(scenario, _role):
    pass


@step("given", "the {string} process starts listening")
def listen(scenario, _role):
    scenario.log("Information", "listening")


@step("unknown", r"the '(?P<role>[^']+)' process creates buffer '(?!none)([^']+)' with size '(\d+)'")
@step("unknown", r"a new '([^']+)' process creates buffer '(?!none)([^']+)' with size '(\d+)'")
def create(scenario, _role, name, size):
    with open(scenario.path(name), "w", encoding="ascii") as file:
        file.write(size)


@step("when", "both simultaneously attempt to create buffer {string}")
def race(scenario, name):
    try:
        os.close(os.open(scenario.path(name), os.O_CREAT | os.O_EXCL))
        scenario.context["created-%d" % os.getpid()] = "yes"
    except FileExistsError as error:
        scenario.error = error
        scenario.context["created-%d" % os.getpid()] = "no"


@step("then", "only one should succeed")
def one_succeeds(scenario):
    answers = [v for k, v in scenario.context.items() if k.startswith("created-")]
    assert sorted(answers) == ["no", "yes"], f"expected one to succeed, got {answers}"


@step("when", r"an? '([^']+)' process connects to buffer '([^']+)'")
def connect(scenario, _role, name):
    assert os.path.exists(scenario.path(name)), f"there is no buffer {name}"
    scenario.context["connected"] = str(os.getpid())


@step("when", "the {string} process a second writer process attempts to connect to buffer {string}")
def connect_again(scenario, _role, name):
    if scenario.context.get("connected") == str(os.getpid()):
        scenario.error = RuntimeError("writer exists")


@step("then", "the {word} process the second writer should fail with {}")
@step("then", "the {string} process the second writer should fail with {}")
def second_fails(scenario, _role, reason):
    assert str(scenario.error) in reason, f"expected {reason}, got {scenario.error}"


@step("then", "the new reader should succeed")
def new_reader(scenario):
    assert scenario.error is None


@step("when", "the {string} process sends '{int}' frames of size '{int}'")
def send(scenario, _role, count, size):
    scenario.frames = [int(size)] * int(count)
    scenario.context["sent"] = str(sum(scenario.frames))


@step("then", "the {string} process should have received '{int}' bytes")
def received(scenario, _role, size):
    got = scenario.context.get("sent")
    scenario.log("Warning", f"comparing {size} and {got}")
    assert got == size, f"expected {size} bytes, got {got}"


@step("then", r"(?=the)the 'client' process ends in order$")
def end(scenario):
    scenario.log("Trace", "ended")


@step("given", "the {string} process leaves a process behind")
def leave(_scenario, _role):
    # pylint: disable=consider-using-with
    subprocess.Popen(["sleep", "600"], start_new_session=True)


@step("then", "the server forgets a step")
def forget(scenario):
    raise StepNotFound


def perform(scenario, params):
    kind, text = params["StepType"], params["Step"]
    scenario.logs = []
    scenario.context = dict(params["Context"])
    started = time.monotonic()
    answer = {"success": False, "error": None, "Context": None, "logs": scenario.logs, "data": {"elapsedMs": 0}}
    try:
        for known, _, expression, function in STEPS:
            found = expression.fullmatch(text)
            if found and known in (kind.lower(), "unknown"):
                function(scenario, *found.groups())
                answer["success"] = True
                break
        else:
            answer["error"] = f"No matching step definition found for step: {kind} {text}"
    except StepNotFound:
        scenario.log("Error", f"Step not found: {text}")
        answer["error"] = "Step execution failed"
    except Exception as error:  # pylint: disable=broad-except
        scenario.log("Error", f"Step execution failed: {type(error).__name__}: {error}")
        scenario.log("Information", "done")
        answer["error"] = "Step execution failed"
    answer["Context"] = scenario.context
    answer["data"]["elapsedMs"] = int((time.monotonic() - started) * 1000)
    return answer


def journal(method, params):
    with open(os.environ["FOREIGN_JOURNAL"], "a", encoding="utf-8") as file:
        record = {"pid": os.getpid(), "role": os.environ["PARLEY_ROLE"], "hostPid": HOST_PID, "featureId": FEATURE_ID,
                  "method": method, "params": params}
        file.write(json.dumps(record) + "\n")


def read_frame(stream):
    length = 0
    while True:
        line = stream.readline()
        if not line:
            return None
        if not line.strip():
            return json.loads(stream.read(length))
        name, _, value = line.decode("ascii").partition(":")
        if name.lower() == "content-length":
            length = int(value)


def main():
    scenario = Scenario()
    # What is printed by mistake must not get between the frames.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        request = read_frame(sys.stdin.buffer)
        if request is None:
            return
        method, params = request["method"], request.get("params", [])
        journal(method, params)
        result = None
        if method == "health":
            result = True
        elif method == "initialize":
            scenario, result = Scenario(), True
        elif method == "discover":
            result = {"steps": [{"type": kind, "pattern": pattern} for kind, pattern, _, _ in STEPS]}
        elif method == "executeStep":
            result = perform(scenario, params[0])
        body = json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}).encode("utf-8")
        out.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        out.flush()
        if method == "shutdown":
            return


if __name__ == "__main__":
    main()
