Feature: Process lifecycle
  Either side may end, be killed or stand still at any moment. The other side
  learns of it, loses nothing that was complete, and can go on with a successor.

  @signals
  Scenario: Test 2.1 - The reader learns that the writer was killed
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes a frame of '1024' bytes
    When the 'writer' process is killed
    Then the 'reader' process reads and releases frame '1' of '1024' bytes
    And the 'reader' process fails to read a frame: 'WriterDead'

  @signals
  Scenario: Test 2.2 - A blocked writer learns that the reader was killed
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process waits at most '20000' milliseconds for the other side
    And the 'writer' process writes '9' frames of '1024' bytes
    When meanwhile the 'writer' process fails to write a frame of '1024' bytes: 'ReaderDead'
    And within '5' seconds a writer is blocked on buffer 'frames'
    And the 'reader' process is killed
    Then the 'writer' process has written '9' frames

  @signals
  Scenario: Test 2.3 - A new reader replaces what a killed one left
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes a frame of '1024' bytes
    When the 'reader' process is killed
    Then buffer 'frames' still exists
    And the 'writer' process fails to write a frame of '1024' bytes: 'ReaderDead'
    When the 'writer' process closes its buffer
    And a new 'reader' process creates buffer 'frames' with '512' bytes of metadata and '4096' bytes of payload
    Then buffer 'frames' has '4096' bytes free
    When the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes a frame of '512' bytes
    And the 'writer' process writes a frame of '1024' bytes
    Then the 'reader' process reads and releases frame '1' of '512' bytes
    And the 'reader' process reads and releases frame '2' of '1024' bytes

  Scenario: Test 2.4 - A second writer is refused while the first lives
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes a frame of '1024' bytes
    When the state of buffer 'frames' is noted
    Then a second 'writer' process fails to connect to buffer 'frames': 'WriterExists'
    And buffer 'frames' is as noted
    When the 'writer' process writes a frame of '2048' bytes
    Then the 'reader' process reads and releases frame '1' of '1024' bytes
    And the 'reader' process reads and releases frame '2' of '2048' bytes

  Scenario: Test 2.5 - A writer that closes in order loses no pending frame
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'writer' process writes '5' frames of '1024' bytes
    And the 'writer' process closes its buffer
    Then buffer 'frames' still exists
    And the 'reader' process reads frames '1' to '5' of '1024' bytes
    And the 'reader' process fails to read a frame: 'WriterGone'
    When the 'reader' process closes its buffer
    Then buffer 'frames' is gone

  @signals @slow
  Scenario: Test 2.6 - A paused reader is not a dead reader
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process waits at most '300' milliseconds for the other side
    When the 'reader' process is paused
    And the 'writer' process writes frames of '1024' bytes until the buffer is full
    Then the 'writer' process has written '9' frames
    And the 'writer' process fails to write a frame of '1024' bytes: 'BufferFull'
    When the 'reader' process resumes
    Then the 'reader' process reads frames '1' to '9' of '1024' bytes
    And the 'writer' process writes a frame of '1024' bytes
    And the 'reader' process reads and releases frame '10' of '1024' bytes
