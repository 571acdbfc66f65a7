Feature: Hard errors
  The system fails in the middle, the other side dies at the worst moment, memory
  holds garbage, or somebody else comes along.

  Scenario Outline: Test 10.1 - A creation that fails at its <object> says which and takes the rest away
    Given the name of the <object> of buffer 'frames' is taken by a directory
    Then the 'reader' process fails to create buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload: 'System naming <named>'
    And nothing but the obstacle is left of buffer 'frames'
    And the obstacle is removed

    Examples:
      | object          | named      |
      | data semaphore  | sem.sem-w- |
      | space semaphore | sem.sem-r- |

  Scenario Outline: Test 10.2 - A header with size <size> and sequence <sequence>
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes a frame of '1000' bytes
    When the frame at '0' of buffer 'frames' is given the size '<size>' and the sequence '<sequence>'
    Then the 'reader' process fails to read a frame: '<error>'
    When the frame at '0' of buffer 'frames' is given the size '1000' and the sequence '1'
    Then the 'reader' process reads and releases frame '1' of '1000' bytes
    And buffer 'frames' is empty

    Examples:
      | size                | sequence             | error                                                         |
      | 10225               | 1                    | Corrupt field=frame_size value=10225 limit=10224              |
      | 10241               | 1                    | Corrupt field=frame_size value=10241 limit=10224              |
      | 1000                | 0                    | SequenceGap expected=1 actual=0                               |
      | 1000                | 2                    | SequenceGap expected=1 actual=2                               |
      | 1000                | 18446744073709551615 | SequenceGap expected=1 actual=18446744073709551615            |
      | 6510615555426900570 | 6510615555426900570  | Corrupt field=frame_size value=6510615555426900570            |

  @signals
  Scenario: Test 10.3 - The reader is killed while the writer fills a frame in place
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process acquires a frame of '8192' bytes
    And the 'writer' process fills the acquired frame in place
    When the 'reader' process is killed
    Then the 'writer' process fails to commit the acquired frame: 'ReaderDead'
    When the 'writer' process closes its buffer
    And a new 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process acquires a frame of '8192' bytes
    And the 'writer' process fills the acquired frame in place
    And the 'writer' process commits the acquired frame
    Then the 'reader' process reads and releases frame '1' of '8192' bytes

  @signals
  Scenario: Test 10.4 - The writer is killed while the reader waits for it
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'reader' process waits at most '20000' milliseconds for the other side
    When meanwhile the 'reader' process fails to read a frame: 'WriterDead'
    And within '5' seconds a reader is waiting on buffer 'frames'
    And the 'writer' process is killed
    Then the 'reader' process closes its buffer
    And buffer 'frames' is gone

  Scenario Outline: Test 10.5 - No semaphore can be opened any more, with <spare> files to spare
    Given the 'reader' process creates and destroys buffer 'frames' '1' times
    And the resources of the 'reader' process are noted
    And the 'reader' process may open '<spare>' more files
    Then the 'reader' process fails to create buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload: 'System errno=EMFILE'
    And buffer 'frames' is gone
    And the 'reader' process holds no more descriptors, threads and mappings than noted
    When the 'reader' process may open files without this limit
    And the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes a frame of '1024' bytes
    Then the 'reader' process reads and releases frame '1' of '1024' bytes

    Examples:
      | spare |
      | 0     |
      | 1     |

  Scenario: Test 10.6 - Another user may not open the buffer
    Given the 'writer' process runs as user 'nobody'
    And the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    When the state of buffer 'frames' is noted
    Then the 'writer' process fails to connect to buffer 'frames': 'System errno=EACCES'
    And buffer 'frames' is as noted
