Feature: Synchronization
  The semaphores count frames, sequence numbers order them, and neither side is
  ever faster than the other can bear.

  Scenario: Test 6.1 - A gap in the sequence is reported with both numbers
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes '3' frames of '1000' bytes
    When the frame at '1016' of buffer 'frames' is given the size '1000' and the sequence '7'
    Then the 'reader' process reads and releases frame '1' of '1000' bytes
    And the 'reader' process fails to read a frame: 'SequenceGap expected=2 actual=7'

  @slow
  Scenario: Test 6.2 - A burst waits for a reader that starts later
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '102400' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'writer' process writes '50' frames of '1024' bytes without waiting
    Then buffer 'frames' has '50' frames waiting
    When wait for '1' seconds
    Then the 'reader' process reads frames '1' to '50' of '1024' bytes
    And buffer 'frames' is empty

  @slow
  Scenario: Test 6.3 - A continuous writer is held back by a reader of ten frames a second
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '4160' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When meanwhile the 'writer' process writes '12' frames of '1024' bytes
    And within '5' seconds a writer is blocked on buffer 'frames'
    Then the 'reader' process reads frames '1' to '12' of '1024' bytes, taking '100' milliseconds over each
    And the 'writer' process has written '12' frames
    And buffer 'frames' is empty

  @signals
  Scenario: Test 6.4 - A second frame before the reader has woken
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When meanwhile the 'reader' process reads frames '1' to '2' of '1024' bytes
    And within '5' seconds a reader is waiting on buffer 'frames'
    And the 'reader' process is paused
    And the 'writer' process writes '2' frames of '1024' bytes
    Then buffer 'frames' has '2' frames waiting
    When the 'reader' process resumes
    Then the 'reader' process finds no frame waiting
    And buffer 'frames' has '0' frames waiting
    And buffer 'frames' is empty
