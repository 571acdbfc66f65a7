"""One side of a ring buffer in a shell (ring protocol, ring-probe: one ring from a shell).

To try, to measure and to debug any two implementations against each other. Every language has the
same program with the same words::

    python -m parley_probe read  NAME --metadata M --payload P --frames N
                                      [--seed S --min A --max B] [--metadata-length L]
                                      [--timeout-ms 5000] [--delay-us D] [--hold K] [--batch K]
                                      [--copy]
    python -m parley_probe write NAME --frames N --seed S --min A --max B [--metadata-length L]
                                      [--zero-copy] [--batch K] [--timeout-ms 5000]
                                      [--die-after K] [--connect-timeout-ms 5000]
    python -m parley_probe pong  NAME --metadata M --payload P [--timeout-ms 5000]
    python -m parley_probe ping  NAME --metadata M --payload P --size B --count N --warmup W
    python -m parley_probe inspect NAME

Sizes are bytes. `read` and `pong` print `ready` once the buffer can be connected to; every command
ends with one line of JSON. Exit status: 0 ok, 1 a check failed or the peer died, 2 wrong words,
3 could not set up, 130 interrupted.
"""
