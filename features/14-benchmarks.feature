Feature: Benchmarks
  Figures, taken with real data between real processes: they fail when data is
  wrong, never because something is slow. Each runs in a short form by default; the
  tag @benchmark asks for the full one.

  Scenario Outline: Test 14.1 - Round trip of <size> bytes
    Given the 'server' process opens channel 'calls' with '33554432' bytes for requests
    And the 'client' process connects to channel 'calls' with '33554432' bytes for responses
    When meanwhile the 'server' process echoes '<all>' requests
    Then the 'client' process measures '<measured>' of '<all>' round trips of '<size>' bytes

    Examples: short
      | size    | all | measured |
      | 1024    | 60  | 50       |
      | 1048576 | 6   | 5        |

    @benchmark
    Examples: full
      | size     | all   | measured |
      | 1024     | 11000 | 10000    |
      | 65536    | 5500  | 5000     |
      | 1048576  | 550   | 500      |
      | 10485760 | 55    | 50       |

  Scenario Outline: Test 14.2 - Throughput with frames of <size> bytes
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '<payload>' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When meanwhile the 'writer' process writes '<count>' frames of '<size>' bytes
    Then the 'reader' process reads frames '1' to '<count>' of '<size>' bytes and reports the rate against memcpy
    And the 'writer' process has written '<count>' frames
    And buffer 'frames' is empty

    Examples: short
      | size  | payload | count |
      | 1024  | 1048576 | 200   |
      | 65536 | 1048576 | 20    |

    @benchmark
    Examples: full
      | size     | payload  | count  |
      | 1024     | 1048576  | 200000 |
      | 65536    | 1048576  | 20000  |
      | 1048576  | 8388608  | 1000   |
      | 10485760 | 33554432 | 100    |

  Scenario Outline: Test 14.3 - The cost of wrapping at every frame, <count> frames
    Given the 'reader' process creates buffer 'large' with '0' bytes of metadata and '1048576' bytes of payload
    And the 'writer' process connects to buffer 'large'
    When meanwhile the 'writer' process writes '<count>' frames of '1024' bytes
    Then the 'reader' process reads frames '1' to '<count>' of '1024' bytes and reports the rate
    When the 'writer' process closes its buffer
    And the 'reader' process closes its buffer
    And the 'reader' process creates buffer 'small' with '0' bytes of metadata and '1536' bytes of payload
    And the 'writer' process connects to buffer 'small'
    And meanwhile the 'writer' process writes '<count>' frames of '1024' bytes
    Then the 'reader' process reads frames '1' to '<count>' of '1024' bytes and reports the rate
    And the 'reader' process reports the ratio of its last two rates

    Examples: short
      | count |
      | 200   |

    @benchmark
    Examples: full
      | count  |
      | 100000 |

  Scenario Outline: Test 14.4 - The cost of <count> atomic operations
    Then the 'reader' process measures '<count>' atomic additions against '<count>' plain ones

    Examples: short
      | count |
      | 1000  |

    @benchmark
    Examples: full
      | count   |
      | 1000000 |

  Scenario Outline: Test 14.5 - From post to wake-up at <rate> frames a second
    Given the 'reader' process creates buffer 'stamps' with '0' bytes of metadata and '65536' bytes of payload
    And the 'writer' process connects to buffer 'stamps'
    When meanwhile the 'writer' process writes '<count>' time stamps, '<rate>' a second
    Then the 'reader' process reads '<count>' time stamps and reports how long each was on its way
    And the 'writer' process has written '<count>' frames

    Examples: short
      | rate  | count |
      | 1000  | 50    |

    @benchmark
    Examples: full
      | rate   | count  |
      | 1      | 3      |
      | 10     | 20     |
      | 100    | 100    |
      | 1000   | 1000   |
      | 10000  | 10000  |
      | 100000 | 100000 |

  Scenario Outline: Test 14.6 - How a ring of <payload> bytes fills under a slow reader, and recovers
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '<payload>' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When meanwhile the 'writer' process writes '<count>' frames of '1024' bytes
    And meanwhile the 'reader' process reads frames '1' to '<slow>' of '1024' bytes, taking '<delay>' milliseconds over each
    Then the time until buffer 'frames' is '80' percent full is reported
    When the 'reader' process reads frames '<next>' to '<count>' of '1024' bytes
    Then the time until buffer 'frames' is '0' percent full is reported
    And the 'writer' process has written '<count>' frames

    Examples: short
      | payload | count | slow | next | delay |
      | 10240   | 60    | 5    | 6    | 10    |

    @benchmark
    Examples: full
      | payload | count | slow | next | delay |
      | 1048576 | 5000  | 50   | 51   | 10    |
