"""JSON-RPC messages (servant contract, Requests)."""

from __future__ import annotations

import json

from parley.frames import MAX_BODY

PARSE_ERROR, INVALID_REQUEST, UNKNOWN_METHOD = -32700, -32600, -32601
INVALID_PARAMS, INTERNAL_ERROR = -32602, -32603

# How much of a message that cannot be read is shown, in characters.
_SHOWN = 120


class RequestError(Exception):
    """A broken request; a step that fails is none.

    Attributes:
        code: The JSON-RPC error code.
        id_json: The request's id as JSON; ``null`` if it is not known.
    """

    def __init__(self, code: int, message: str, id_json: str = "null") -> None:
        """Says what is wrong."""
        self.code = code
        self.id_json = id_json
        super().__init__(message)


class Request:
    """A request, or a notification.

    Attributes:
        method: The method's name.
        params: What came as ``params``.
        id_json: The id as JSON, exactly as it came; None for a notification.
    """

    __slots__ = ("id_json", "method", "params")

    def __init__(self, method: str, params: object, id_json: str | None) -> None:
        """Keeps the parts."""
        self.method = method
        self.params = params
        self.id_json = id_json


class _Decimal(float):
    """A number that is no integer, with its text: an id comes back as it was sent."""

    __slots__ = ("text",)

    def __new__(cls, text: str) -> _Decimal:
        number = super().__new__(cls, text)
        number.text = text
        return number

    text: str


def decode(body: bytes) -> Request | None:
    """Reads a message; None for an answer, which nobody waits for here.

    Raises:
        RequestError: It is no JSON-RPC message.
    """
    shown = body[:_SHOWN].decode("utf-8", "replace")
    try:
        message = json.loads(
            body.decode("utf-8"), parse_float=_Decimal, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError) as error:
        raise RequestError(PARSE_ERROR, f"the frame's body is not JSON: {shown!r}") from error
    if not isinstance(message, dict):
        raise RequestError(
            INVALID_REQUEST, f"a message is one JSON object; the contract has no batches: {shown}"
        )
    id_json = id_to_json(message.get("id"))
    known_id = id_json or "null"
    version = message.get("jsonrpc", "2.0")
    if version != "2.0":
        raise RequestError(
            INVALID_REQUEST, f"JSON-RPC {version!r}; the contract uses 2.0", known_id
        )
    method = message.get("method")
    if method is None and ("result" in message or "error" in message):
        return None
    if not isinstance(method, str):
        raise RequestError(
            INVALID_REQUEST,
            f"neither a request, for it names no method, nor an answer: {shown}",
            known_id,
        )
    return Request(method, message.get("params"), id_json)


def id_to_json(value: object) -> str | None:
    """Gives an id as JSON; None for null.

    Raises:
        RequestError: It is neither a string nor a number.
    """
    if value is None:
        return None
    if isinstance(value, _Decimal):
        return value.text
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise RequestError(INVALID_REQUEST, f"an id is a string or a number, not {value!r:.40}")
    return json.dumps(value)


def answer(id_json: str, result: object) -> bytes:
    """The answer to a request; a refusal if no frame can hold it."""
    body = f'{{"jsonrpc":"2.0","id":{id_json},"result":{_dump(result)}}}'.encode()
    if len(body) > MAX_BODY:
        too_large = f"the answer has {len(body)} bytes, above the limit of {MAX_BODY} for one frame"
        return refusal(RequestError(INTERNAL_ERROR, too_large, id_json))
    return body


def refusal(error: RequestError) -> bytes:
    """The answer to a broken request."""
    body = _dump({"code": error.code, "message": str(error)})
    return f'{{"jsonrpc":"2.0","id":{error.id_json},"error":{body}}}'.encode()


def notification(method: str, params: dict[str, object]) -> bytes:
    """A message that nobody answers."""
    return _dump({"jsonrpc": "2.0", "method": method, "params": [params]}).encode()


def _dump(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
