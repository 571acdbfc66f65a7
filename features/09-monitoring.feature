Feature: Monitoring
  Waiting costs nothing, and what was transferred can be told in figures.

  @slow
  Scenario: Test 9.1 - A waiting reader and a blocked writer use almost no processor time
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'reader' process waits at most '20000' milliseconds for the other side
    And the 'writer' process waits at most '20000' milliseconds for the other side
    When meanwhile the 'reader' process reads and releases frame '1' of '1024' bytes
    And within '5' seconds a reader is waiting on buffer 'frames'
    Then the 'reader' process uses at most '10' percent of a processor over '0.5' seconds
    When the 'writer' process writes a frame of '1024' bytes
    And the 'writer' process writes '9' frames of '1024' bytes
    And meanwhile the 'writer' process writes a frame of '1024' bytes
    And within '5' seconds a writer is blocked on buffer 'frames'
    Then the 'writer' process uses at most '10' percent of a processor over '0.5' seconds
    And the 'reader' process reads frames '2' to '11' of '1024' bytes and reports the rate
    And buffer 'frames' is empty
