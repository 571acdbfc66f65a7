"""The scenario that is being played (servant contract, Life of a servant); for the lane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley import failures
from parley.failures import Outcome
from parley.loops import Loops
from parley.messages import INTERNAL_ERROR, INVALID_PARAMS, INVALID_REQUEST, RequestError
from parley.scenario import ScenarioState

if TYPE_CHECKING:
    from parley.failures import FailureNames
    from parley.params import ExecuteStep, Initialize
    from parley.registry import Definition, Registry
    from parley.run import StepRun


class Session:
    """One scenario after the other.

    Attributes:
        running: The step that runs, or ran last.
    """

    def __init__(self, registry: Registry, instance: str, failure_names: FailureNames) -> None:
        """Begins without a scenario.

        Args:
            registry: The step definitions.
            instance: Tells servants of one role apart.
            failure_names: Gives exceptions of some classes a kind of failure of their own.
        """
        self.running: StepRun | None = None
        self._registry = registry
        self._instance = instance
        self._failure_names = failure_names
        self._loops = Loops()
        self._scenario: ScenarioState | None = None
        self._left: StepRun | None = None

    def begin(self, params: Initialize) -> None:
        """Begins a scenario; one that was not cleaned up must not leak into it.

        Raises:
            RequestError: Something of the scenario before could not be released.
        """
        self.end()
        self._scenario = ScenarioState(params, self._instance)

    def end(self) -> None:
        """Releases everything that the scenario has made. Safe to call twice.

        Raises:
            RequestError: Something could not be released.
        """
        scenario, self._scenario = self._scenario, None
        if scenario is None:
            return
        left, self._left = self._left, None
        if left is not None and not left.returned and left.is_async:
            self._loops.forget()
        self._loops.settle()
        left_over = scenario.resources.end(self._loops.wait_for)
        if left_over:
            raise RequestError(INTERNAL_ERROR, f"cleanup could not release {'; '.join(left_over)}")

    def leave(self, run: StepRun) -> None:
        """Notes a step that was answered without its end: its scenario goes no further."""
        self._left = run

    def perform(self, run: StepRun) -> Outcome:
        """Performs a step.

        Raises:
            RequestError: The request is broken.
        """
        if self._scenario is None:
            raise RequestError(
                INVALID_REQUEST, "executeStep came without a scenario; send initialize first"
            )
        self.running = run
        if self._left is not None and not self._left.returned:
            message = (
                f'step "{self._left.params.text}" still runs after its end; '
                "this servant performs no further step of the scenario"
            )
            return Outcome(failures.FAILED, message, failures.STEP_STILL_RUNNING)
        found = self._find(run.params)
        if isinstance(found, Outcome):
            return found
        return run.perform(*found, self._scenario, self._loops, self._failure_names)

    def _find(self, params: ExecuteStep) -> tuple[Definition, list[str]] | Outcome:
        if params.definition is not None:
            definition = self._registry.by_id(params.definition)
            if definition is None:
                known = len(self._registry.definitions)
                message = (
                    f"no definition has the id {params.definition}; discover gives 1 to {known}"
                )
                raise RequestError(INVALID_PARAMS, message)
            return definition, params.arguments
        found = self._registry.matches(params.kind, params.text)
        if len(found) == 1:
            return found[0]
        step = f'{params.kind} "{params.text}"'
        if not found:
            message = f"No matching step definition for {step}"
            return Outcome(failures.UNDEFINED, message, failures.UNDEFINED_STEP)
        several = "; ".join(str(definition) for definition, _ in found)
        message = f"Ambiguous step {step}: {len(found)} definitions match: {several}"
        return Outcome(failures.AMBIGUOUS, message, failures.AMBIGUOUS_STEP)
