"""The Python servant: ``python -m parley_steps``."""

from parley import serve
from parley_ring import RingError


def main() -> None:
    """Serves the definitions of this package; a failure bears the name of the ring's error."""
    serve("parley_steps", failure_names={RingError: _kind})


def _kind(error: BaseException) -> str:
    return error.kind.value if isinstance(error, RingError) else type(error).__name__


if __name__ == "__main__":
    main()
