Feature: Basic communication
  One writer and one reader share a ring of frames in shared memory. Every frame
  carries the test pattern, and reading a frame checks its sequence number, its
  size and every byte of it.

  Scenario: Test 1.1 - One cycle of metadata and a frame
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    When the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes '100' bytes of metadata
    And the 'writer' process writes a frame of '1024' bytes
    Then the 'reader' process finds '100' bytes of metadata
    And the 'reader' process reads frame '1' of '1024' bytes
    And buffer 'frames' has '9200' bytes free
    When the 'reader' process releases frame '1'
    Then buffer 'frames' has '10240' bytes free

  Scenario: Test 1.2 - Three frames arrive in the order they were written
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'writer' process writes a frame of '512' bytes
    And the 'writer' process writes a frame of '1024' bytes
    And the 'writer' process writes a frame of '2048' bytes
    Then buffer 'frames' has '3' frames waiting
    And the 'reader' process reads and releases frame '1' of '512' bytes
    And the 'reader' process reads and releases frame '2' of '1024' bytes
    And the 'reader' process reads and releases frame '3' of '2048' bytes
    And buffer 'frames' is empty

  Scenario: Test 1.3 - A write into a full ring times out and changes nothing
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process waits at most '200' milliseconds for the other side
    When the 'writer' process writes frames of '1024' bytes until the buffer is full
    Then the 'writer' process has written '9' frames
    And the state of buffer 'frames' is noted
    And the 'writer' process fails to write a frame of '1024' bytes: 'BufferFull'
    And buffer 'frames' is as noted
    When the 'reader' process reads and releases frame '1' of '1024' bytes
    Then the 'writer' process writes a frame of '1024' bytes without waiting
    And the 'reader' process reads frames '2' to '10' of '1024' bytes
    And buffer 'frames' is empty

  Scenario: Test 1.4 - A frame written in place is seen once it is committed
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'writer' process acquires a frame of '4096' bytes
    And the 'writer' process fills the acquired frame in place
    Then buffer 'frames' has '0' frames waiting
    And the 'reader' process finds no frame waiting
    When the 'writer' process commits the acquired frame
    Then the 'reader' process reads and releases frame '1' of '4096' bytes
    When the 'writer' process acquires a frame of '2048' bytes
    And the 'writer' process fills the acquired frame in place
    And the 'writer' process abandons the acquired frame
    Then the 'reader' process finds no frame waiting
    And the 'writer' process writes a frame of '256' bytes
    And the 'reader' process reads and releases frame '2' of '256' bytes

  Scenario: Test 1.5 - Frames of very different sizes share one ring
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '102400' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'writer' process writes a frame of '100' bytes
    And the 'writer' process writes a frame of '1024' bytes
    And the 'writer' process writes a frame of '10240' bytes
    And the 'writer' process writes a frame of '1' bytes
    Then the 'reader' process reads and releases frame '1' of '100' bytes
    And the 'reader' process reads and releases frame '2' of '1024' bytes
    And the 'reader' process reads and releases frame '3' of '10240' bytes
    And the 'reader' process reads and releases frame '4' of '1' bytes
    And buffer 'frames' is empty

  @slow
  Scenario: Test 1.6 - A slow reader loses nothing
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When meanwhile the 'writer' process writes '20' frames of '1024' bytes
    And within '5' seconds a writer is blocked on buffer 'frames'
    Then the 'reader' process reads frames '1' to '20' of '1024' bytes, taking '100' milliseconds over each
    And the 'writer' process has written '20' frames
    And buffer 'frames' is empty

  Scenario: Test 1.7 - Five thousand frames at full speed
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When meanwhile the 'writer' process writes '5000' frames of '1024' bytes
    Then the 'reader' process reads frames '1' to '5000' of '1024' bytes
    And the 'writer' process has written '5000' frames
    And buffer 'frames' is empty
