Feature: Resources
  What the system refuses is one clear error, after which nothing is left behind
  and everything else goes on. What it grants is used whole.

  Scenario Outline: Test 7.1 - A creation that fails at its <object> leaves nothing
    Given the name of the <object> of buffer 'frames' is taken by a directory
    Then the 'reader' process fails to create buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload: 'System'
    And nothing but the obstacle is left of buffer 'frames'
    When the obstacle is removed
    And the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes a frame of '1024' bytes
    Then the 'reader' process reads and releases frame '1' of '1024' bytes

    Examples:
      | object          |
      | lock            |
      | data semaphore  |
      | space semaphore |
      | segment         |

  Scenario: Test 7.2 - More shared memory than there is
    Given shared memory has a limit
    And the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes a frame of '1024' bytes
    And the resources of the 'reader' process are noted
    Then the 'reader' process fails to create buffer 'huge' with '0' bytes of metadata and '1125899906842624' bytes of payload: 'System errno=ENOSPC'
    And buffer 'huge' is gone
    And the 'reader' process holds no more descriptors, threads and mappings than noted
    When the 'writer' process writes a frame of '2048' bytes
    Then the 'reader' process reads and releases frame '1' of '1024' bytes
    And the 'reader' process reads and releases frame '2' of '2048' bytes

  Scenario: Test 7.3 - A structure of many fields is never seen half written
    Given the 'reader' process creates buffer 'records' with '0' bytes of metadata and '576' bytes of payload
    And the 'writer' process connects to buffer 'records'
    When meanwhile the 'writer' process writes '10000' records of '64' fields in place
    Then the 'reader' process reads '10000' records of '64' fields in place
    And the 'writer' process has written '10000' frames
    And buffer 'records' is empty

  Scenario: Test 7.4 - From one byte to ten mebibytes
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '12582912' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'writer' process writes frames of '1, 1024, 1048576, 10485760' bytes
    Then the 'reader' process reads frames of '1, 1024, 1048576, 10485760' bytes from frame '1' on
    And buffer 'frames' is empty
