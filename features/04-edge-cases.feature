Feature: Edge cases
  Sizes at and around every limit of the ring: wraps, exact fits, tails too short
  for a header, races, and peers that come too early, too late or twice.

  @wrap
  Scenario: Test 4.1 - Large, tiny and large again wraps without a deadlock
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'writer' process writes a frame of '9216' bytes
    And the 'writer' process writes a frame of '1' bytes
    And meanwhile the 'writer' process writes a frame of '9216' bytes
    And within '5' seconds a writer is blocked on buffer 'frames'
    Then the 'reader' process reads and releases frame '1' of '9216' bytes
    And the 'reader' process reads and releases frame '2' of '1' bytes
    And the 'reader' process reads and releases frame '3' of '9216' bytes
    And the 'writer' process has written '3' frames
    And buffer 'frames' is empty

  Scenario: Test 4.2 - The semaphore counts every frame written before the reader wakes
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'writer' process writes '10' frames of '512' bytes
    Then buffer 'frames' has '10' frames waiting
    And the 'reader' process reads frames '1' to '10' of '512' bytes
    And buffer 'frames' has '0' frames waiting
    And the 'reader' process finds no frame waiting

  Scenario: Test 4.3 - Metadata of size 0 refuses metadata and carries frames
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    Then the 'writer' process fails to write '1' bytes of metadata: 'NoMetadataBlock'
    And the 'reader' process finds no metadata
    When the 'writer' process writes '3' frames of '1024' bytes
    Then the 'reader' process reads frames '1' to '3' of '1024' bytes

  Scenario: Test 4.4 - The smallest ring takes a frame of 48 and refuses 49 at once
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '64' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'writer' process writes a frame of '1' bytes
    Then the 'reader' process reads and releases frame '1' of '1' bytes
    And the 'writer' process fails to write a frame of '49' bytes: 'FrameTooLarge'
    When the 'writer' process writes a frame of '48' bytes without waiting
    Then the 'reader' process reads and releases frame '2' of '48' bytes
    And buffer 'frames' is empty

  @slow
  Scenario: Test 4.5 - A writer much faster than the reader is held back and loses nothing
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '1024' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When meanwhile the 'writer' process writes '100' frames of '200' bytes
    And within '5' seconds a writer is blocked on buffer 'frames'
    Then the 'reader' process reads frames '1' to '100' of '200' bytes, taking '50' milliseconds over each
    And the 'writer' process has written '100' frames
    And buffer 'frames' is empty

  Scenario: Test 4.6 - A frame that fits exactly fills the ring, again and again
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process waits at most '100' milliseconds for the other side
    When the 'writer' process writes a frame of '10224' bytes
    Then buffer 'frames' has '0' bytes free
    And the 'writer' process fails to write a frame of '1' bytes: 'BufferFull'
    And the 'reader' process reads and releases frame '1' of '10224' bytes
    And buffer 'frames' is empty
    When the 'writer' process writes a frame of '10224' bytes without waiting
    Then buffer 'frames' has '0' bytes free
    And the 'writer' process fails to write a frame of '1' bytes: 'BufferFull'
    And the 'reader' process reads and releases frame '2' of '10224' bytes
    And buffer 'frames' is empty

  Scenario: Test 4.7 - Size 0 is refused and size 1 costs 17 bytes
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the state of buffer 'frames' is noted
    Then the 'writer' process fails to write a frame of '0' bytes: 'EmptyFrame'
    And buffer 'frames' is as noted
    When the 'writer' process writes a frame of '1' bytes
    Then buffer 'frames' has '10223' bytes free
    And the 'reader' process reads and releases frame '1' of '1' bytes
    And buffer 'frames' is empty

  @wrap
  Scenario: Test 4.8 - A frame larger than either free piece is written once the ring is empty
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'writer' process writes a frame of '6144' bytes
    And the 'reader' process reads and releases frame '1' of '6144' bytes
    Then buffer 'frames' has read position '6160' and write position '6160'
    When the 'writer' process writes a frame of '7168' bytes without waiting
    Then buffer 'frames' has read position '0' and write position '7184'
    And the 'reader' process reads and releases frame '2' of '7168' bytes
    And buffer 'frames' is empty
    When the 'writer' process writes a frame of '10224' bytes without waiting
    Then the 'reader' process reads and releases frame '3' of '10224' bytes
    And buffer 'frames' is empty

  Scenario: Test 4.9 - Ten thousand frames
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When meanwhile the 'writer' process writes '10000' frames of '1024' bytes
    Then the 'reader' process reads frames '1' to '10000' of '1024' bytes
    And the 'writer' process has written '10000' frames
    And buffer 'frames' is empty

  Scenario: Test 4.10 - At 80 percent a second writer is refused, at 100 the first one blocks
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'writer' process writes '8' frames of '1008' bytes
    Then buffer 'frames' has '2048' bytes free
    And a second 'writer' process fails to connect to buffer 'frames': 'WriterExists'
    When the 'writer' process writes '2' frames of '1008' bytes
    Then buffer 'frames' has '0' bytes free
    When meanwhile the 'writer' process writes a frame of '1008' bytes
    Then within '5' seconds a writer is blocked on buffer 'frames'
    And the 'reader' process reads frames '1' to '11' of '1008' bytes
    And the 'writer' process has written '11' frames
    And buffer 'frames' is empty

  Scenario: Test 4.11 - Of two readers that create one buffer at the same moment exactly one wins
    When two 'reader' processes race to create buffers 'race-1' to 'race-50'
    Then the 'writer' process sees exactly one winner in each of '50' races, the other told 'InUse'
    When the 'writer' process writes a frame of '64' bytes to each of buffers 'race-1' to 'race-50'
    Then two 'reader' processes read frame '1' of '64' bytes from each buffer they won

  Scenario: Test 4.12 - A writer that finds no buffer is told so
    Then the 'writer' process fails to connect to buffer 'nowhere': 'NotFound'
    And buffer 'nowhere' is gone

  @wrap
  Scenario Outline: Test 4.13 - A tail of <tail> bytes before the wrap
    The ring is filled once, so that whatever is misread at its end is old data
    and never zeros. Positions are those after the frame that decides on the tail.

    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '1024' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes '3' frames of '320' bytes
    And the 'reader' process reads frames '1' to '3' of '320' bytes
    When the 'writer' process writes a frame of '500' bytes
    And the 'reader' process reads and releases frame '4' of '500' bytes
    And the 'writer' process writes a frame of '<size>' bytes without waiting
    Then buffer 'frames' has write position '<position>'
    And the 'reader' process reads and releases frame '5' of '<size>' bytes
    When meanwhile the 'writer' process writes '200' frames of '100' bytes
    Then the 'reader' process reads frames '6' to '205' of '100' bytes
    And the 'writer' process has written '205' frames
    And buffer 'frames' is empty

    Examples: 1024 bytes of payload, 516 taken by the frame before; a tail of 1 to 15 bytes is avoided
      | tail | size | position |
      | 0    | 492  | 1024     |
      | 1    | 491  | 507      |
      | 8    | 484  | 500      |
      | 15   | 477  | 493      |
      | 16   | 476  | 1008     |
      | 17   | 475  | 1007     |

  Scenario: Test 4.14 - Frames may be released in another order than they were read
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes '4' frames of '1008' bytes
    When the 'reader' process reads frame '1' of '1008' bytes
    And the 'reader' process reads frame '2' of '1008' bytes
    And the 'reader' process reads frame '3' of '1008' bytes
    And the 'reader' process releases frame '3'
    Then buffer 'frames' has '6144' bytes free
    When the 'reader' process releases frame '1'
    Then buffer 'frames' has '7168' bytes free
    And the 'reader' process still holds frame '2' unchanged
    When the 'reader' process releases frame '2'
    Then buffer 'frames' has '9216' bytes free
    And the 'reader' process reads and releases frame '4' of '1008' bytes
    And buffer 'frames' is empty
