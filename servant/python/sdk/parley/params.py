"""Parameters of requests, read with tolerance (servant contract, Requests).

Keys match without regard to case, unknown ones are ignored, null is the same as absent.
"""

from __future__ import annotations

from typing import TypeVar

from parley.blocks import DocString, Table
from parley.messages import INVALID_PARAMS, RequestError

T = TypeVar("T")

# A coordinator that sends one of these understands contract 1.1.
_OF_1_1 = ("scenarioid", "resourceprefix", "steptimeoutms", "workdir")

DEFAULT_LIMIT_MS = 30_000


class Fields:
    """The keys of one object."""

    def __init__(self, what: str, value: object) -> None:
        """Reads an object; what names it in errors.

        Raises:
            RequestError: The value is no object.
        """
        self._what = what
        if not isinstance(value, dict):
            raise RequestError(INVALID_PARAMS, f"{what}: expected an object, got {value!r:.120}")
        self._values = {key.lower(): each for key, each in value.items() if each is not None}

    @classmethod
    def of_params(cls, method: str, params: object) -> Fields:
        """Reads an array with one object; a bare object, which some peers send, will do.

        Raises:
            RequestError: The params are of another form.
        """
        what = f"params of {method}"
        if isinstance(params, list):
            if len(params) != 1:
                raise RequestError(
                    INVALID_PARAMS, f"{what}: expected an array with one object, got {len(params)}"
                )
            params = params[0]
        return cls(what, params)

    def __contains__(self, key: str) -> bool:
        return key.lower() in self._values

    def text(self, key: str) -> str:
        """Reads a string, "" when it is absent."""
        return self._of_type(key, str, "a string", "")

    def number(self, key: str) -> int | None:
        """Reads a whole number."""
        value = self._values.get(key.lower())
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise self._wrong(key, "a whole number", value)

    def texts(self, key: str) -> list[str]:
        """Reads an array of strings; a null in it is the empty one."""
        values: list[object] = self._of_type(key, list, "an array", [])
        return [self._cell(key, value) for value in values]

    def map(self, key: str) -> dict[str, str]:
        """Reads an object of strings, whose keys keep their case."""
        values: dict[str, object] = self._of_type(key, dict, "an object", {})
        return {name: self._cell(key, value) for name, value in values.items()}

    def table(self) -> Table | None:
        """Reads a step's table."""
        if "table" not in self:
            return None
        fields = Fields(f"{self._what}: Table", self._values["table"])
        rows: list[object] = fields._of_type("rows", list, "an array", [])
        return Table(fields.texts("headers"), [Fields._row(row) for row in rows])

    def doc_string(self) -> DocString | None:
        """Reads a step's doc string."""
        if "docstring" not in self:
            return None
        fields = Fields(f"{self._what}: DocString", self._values["docstring"])
        return DocString(fields.text("content"), fields.text("mediaType"))

    @staticmethod
    def _row(row: object) -> dict[str, str]:
        return Fields("a row of Table", {"row": row}).map("row")

    def _cell(self, key: str, value: object) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        raise self._wrong(key, "strings", value)

    def _of_type(self, key: str, kind: type[T], expected: str, default: T) -> T:
        value = self._values.get(key.lower(), default)
        if isinstance(value, kind):
            return value
        raise self._wrong(key, expected, value)

    def _wrong(self, key: str, expected: str, value: object) -> RequestError:
        return RequestError(
            INVALID_PARAMS, f"{self._what}: {key}: expected {expected}, got {value!r:.120}"
        )


class Initialize:
    """What initialize brings (servant contract, initialize).

    Attributes:
        role: The role to play.
        scenario: The scenario's name.
        host_pid: With `feature_id` unique to the running cell.
        feature_id: See `host_pid`.
        resource_prefix: Put in front of plain names; "" for a coordinator of contract 1.0.
        limit_ms: Limit of a step that brings none, in milliseconds.
        work_dir: Folder of the run; "" if there is none.
        extended: Whether the coordinator speaks contract 1.1.
    """

    def __init__(self, fields: Fields) -> None:
        """Reads the fields.

        Raises:
            RequestError: One has another type.
        """
        self.role = fields.text("Role")
        self.scenario = fields.text("Scenario")
        self.host_pid = fields.number("HostPid") or 0
        self.feature_id = fields.number("FeatureId") or 0
        self.resource_prefix = fields.text("ResourcePrefix")
        self.limit_ms = _positive(fields.number("StepTimeoutMs")) or DEFAULT_LIMIT_MS
        self.work_dir = fields.text("WorkDir")
        self.extended = any(key in fields for key in _OF_1_1)


class ExecuteStep:
    """What executeStep brings (servant contract, executeStep).

    Attributes:
        kind: ``Given``, ``When`` or ``Then``.
        text: The step's full text.
        context: The scenario's shared map as it stands.
        definition: Id of the definition that matches; None for a coordinator of contract 1.0.
        arguments: The captured strings.
        table: The step's table, or None.
        doc_string: The step's doc string, or None.
        limit_ms: Limit of the step in milliseconds; None when it brings none.
        step_id: Names the step in notifications.
        extended: Whether the coordinator speaks contract 1.1.
    """

    def __init__(self, fields: Fields) -> None:
        """Reads the fields.

        Raises:
            RequestError: One has another type, or nothing says which step it is.
        """
        self.kind = fields.text("StepType")
        self.text = fields.text("Step")
        self.context = fields.map("Context")
        self.definition = fields.number("Definition")
        self.arguments = fields.texts("Arguments")
        self.table = fields.table()
        self.doc_string = fields.doc_string()
        self.limit_ms = _positive(fields.number("TimeoutMs"))
        self.step_id = fields.text("StepId")
        self.extended = (
            self.definition is not None or bool(self.step_id) or self.limit_ms is not None
        )
        if self.definition is None and not self.text:
            raise RequestError(
                INVALID_PARAMS, "params of executeStep: neither Definition nor Step is set"
            )


def _positive(number: int | None) -> int | None:
    return number if number is not None and number > 0 else None
