Feature: Platform
  Where a buffer's objects are, how they are named, who may use them, and what
  becomes of those that nobody uses any more.

  @linux
  Scenario: Test 8.1 - Segment and semaphores are in /dev/shm and go with the reader
    Given this machine runs 'linux'
    And the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    Then every object of buffer 'frames' is at its place with mode '0600'
    When the 'writer' process closes its buffer
    And the 'reader' process closes its buffer
    Then buffer 'frames' is gone

  @windows
  Scenario: Test 8.2 - Named shared memory of Windows goes with its last handle
    Given this machine runs 'windows'
    And the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'reader' process closes its buffer
    And the 'writer' process closes its buffer
    Then buffer 'frames' is gone

  Scenario: Test 8.3 - The names that every language allows and refuses
    Then the 'reader' process fails to create a buffer under each of these names: 'InvalidName'
      | name in JSON                           |
      | ""                                     |
      | "."                                    |
      | ".."                                   |
      | ".hidden"                              |
      | "/"                                    |
      | "a/b"                                  |
      | "../a"                                 |
      | "a\u0000b"                             |
      | "a b"                                  |
      | "a\\nb"                                |
      | "a:b"                                  |
      | "a\\\\b"                               |
      | "é"                                    |
      | "名"                                   |
    And the 'reader' process fails to connect to a buffer under each of these names: 'InvalidName'
      | name in JSON |
      | ""           |
      | ".."         |
      | "a/b"        |
      | "a\u0000b"   |
      | "é"          |
    And the 'reader' process fails to create a buffer with a name of '246' bytes: 'InvalidName'
    And the 'reader' process creates and closes a buffer with a name of '245' bytes
    And the 'reader' process creates and closes buffer 'A-Z_0.9'
    And the 'reader' process creates and closes buffer '3f2504e0-4f89-11d3-9a0c-0305e82c3301'
    And the 'reader' process creates and closes buffer 'a..b'
    And no buffer exists

  @signals
  Scenario: Test 8.4 - What a dead process left is replaced, what a live one has is not
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    When the state of buffer 'frames' is noted
    Then a second 'reader' process fails to create buffer 'frames' with '0' bytes of metadata and '4096' bytes of payload: 'InUse'
    And buffer 'frames' is as noted
    When the 'reader' process is killed
    Then buffer 'frames' still exists
    When a second 'reader' process creates buffer 'frames' with '0' bytes of metadata and '4096' bytes of payload
    Then buffer 'frames' has '4096' bytes free
    When a second 'reader' process closes its buffer
    Then buffer 'frames' is gone

  @signals
  Scenario Outline: Test 8.4.1 - A dead process left all but the <object>
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'reader' process is killed
    And the <object> of buffer 'frames' is removed
    When a new 'reader' process creates buffer 'frames' with '0' bytes of metadata and '4096' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes a frame of '1024' bytes
    Then the 'reader' process reads and releases frame '1' of '1024' bytes

    Examples:
      | object          |
      | lock            |
      | data semaphore  |
      | space semaphore |
      | segment         |
