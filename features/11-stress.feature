Feature: Stress
  Many times, for long, at random, up to the limit. Each scenario runs in a short
  form by default, where it has one; the tag @stress asks for the full one.

  Scenario Outline: Test 11.1 - <cycles> times created and destroyed
    Given the 'reader' process creates and destroys buffer 'frames' '20' times
    And the resources of the 'reader' process are noted
    When the 'reader' process creates and destroys buffer 'frames' '<cycles>' times
    Then the 'reader' process holds no more descriptors, threads and mappings than noted
    And the 'reader' process uses at most '16' MiB of memory more than noted
    And no buffer exists

    Examples: short
      | cycles |
      | 100    |

    @stress
    Examples: full
      | cycles |
      | 1000   |

  Scenario Outline: Test 11.2 - <frames> frames of random sizes, holds and delays, seed <seed>
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When meanwhile the 'writer' process writes '<frames>' frames of '1' to '1500' bytes, seed '<seed>'
    Then the 'reader' process reads '<frames>' frames of '1' to '1500' bytes, seed '<seed>', holding up to '4' and pausing up to '<pause>' microseconds
    And the 'writer' process has written '<frames>' frames
    And buffer 'frames' is empty
    And the counters of buffer 'frames' agree with its frames
    When the 'writer' process writes '4' frames of '900' bytes
    And the 'reader' process reads and releases the next frame of '900' bytes
    Then the counters of buffer 'frames' agree with its frames

    Examples: short
      | frames | seed | pause |
      | 300    | 7    | 200   |

    @stress
    Examples: full
      | frames | seed | pause |
      | 20000  | 7    | 200   |
      | 20000  | 4711 | 200   |
      | 20000  | 2026 | 0     |

  @stress
  Scenario: Test 11.3 - Continuous traffic for {endurance} seconds without a drift
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '65536' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When meanwhile the 'writer' process writes '1000' frames of '1' to '4000' bytes, seed '3'
    And the 'reader' process reads '1000' frames of '1' to '4000' bytes, seed '3', holding up to '4' and pausing up to '0' microseconds
    Then the 'writer' process has written '1000' frames
    And the 'reader' process finds no frame waiting
    And the resources of the 'reader' process are noted
    And the resources of the 'writer' process are noted
    When meanwhile the 'writer' process writes frames of '1' to '4000' bytes, seed '11', for '{endurance}' seconds
    Then the 'reader' process reads frames of '1' to '4000' bytes, seed '11', until the writer rests
    And the 'reader' process holds no more descriptors, threads and mappings than noted
    And the 'reader' process uses at most '32' MiB of memory more than noted
    And the 'writer' process holds no more descriptors, threads and mappings than noted
    And the 'writer' process uses at most '32' MiB of memory more than noted
    And buffer 'frames' is empty

  Scenario Outline: Test 11.4 - As many buffers as <spare> files allow, then a clear error, then all of it again
    Given the 'reader' process may open '<spare>' more files
    When the 'reader' process creates buffers 'many-1', 'many-2' and so on until it is refused: 'System errno=EMFILE'
    Then the 'reader' process has created at least '<at least>' of them, and each carries a frame
    When the 'reader' process closes all of them
    Then no buffer exists
    When the 'reader' process creates buffers 'many-1', 'many-2' and so on until it is refused: 'System errno=EMFILE'
    Then the 'reader' process has created at least '<at least>' of them, and each carries a frame
    When the 'reader' process may open files without this limit
    And the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'reader' process closes all of them
    Then buffer 'many-1' is gone
    And buffer 'frames' still exists

    Examples: short
      | spare | at least |
      | 32    | 6        |

    @stress
    Examples: full
      | spare | at least |
      | 500   | 100      |

  Scenario Outline: Test 11.5 - A writer that keeps trying while a buffer comes and goes <cycles> times
    When meanwhile the 'reader' process creates and destroys buffer 'frames' '<cycles>' times, keeping it for '1' milliseconds
    Then the 'writer' process connects to buffer 'frames' and closes it '<connections>' times, told nothing but 'NotFound, NoReader' in between
    And the 'reader' process has nothing open
    And buffer 'frames' is gone

    Examples: short
      | cycles | connections |
      | 150    | 20          |

    @stress
    Examples: full
      | cycles | connections |
      | 1000   | 200         |
