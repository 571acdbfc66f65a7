"""The end of a duplex channel that steps act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley_steps.client_end import ClientEnd
from parley_steps.ring_process import RingProcess
from parley_steps.server_end import ServerEnd

if TYPE_CHECKING:
    from parley import Scenario


def serving(scenario: Scenario) -> ServerEnd:
    """The channel that this process has opened."""
    channel = scenario.state(RingProcess).channel
    if isinstance(channel, ServerEnd):
        return channel
    raise AssertionError(
        "this process has opened no channel, or has closed it; "
        "a step that opens one must come first"
    )


def asking(scenario: Scenario) -> ClientEnd:
    """The channel that this process is connected to."""
    channel = scenario.state(RingProcess).channel
    if isinstance(channel, ClientEnd):
        return channel
    raise AssertionError(
        "this process is connected to no channel; a step that connects to one must come first"
    )


def calling(scenario: Scenario) -> ClientEnd:
    """The channel that this process is connected to, for a call whose response is the next one."""
    client = asking(scenario)
    if client.sent != client.answered:
        raise AssertionError(
            f"{client.sent - client.answered} requests have no response yet; "
            "a step that gets their responses must come first"
        )
    return client


def replace(scenario: Scenario, channel: ServerEnd | ClientEnd) -> None:
    """Has steps act on a channel, which the scenario's end closes."""
    scenario.state(RingProcess).channel = scenario.track(channel)


def close(scenario: Scenario) -> bool:
    """Closes the channel of this process, and says whether there was one."""
    process = scenario.state(RingProcess)
    channel, process.channel = process.channel, None
    if channel is not None:
        channel.close()
    return channel is not None
