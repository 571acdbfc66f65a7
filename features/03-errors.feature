Feature: Errors
  What cannot be done is refused with an error that has the same name in every
  language, and the buffer goes on as if nothing had been asked.

  Scenario: Test 3.1 - Metadata can be written once
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'writer' process writes '100' bytes of metadata
    Then the 'writer' process fails to write '200' bytes of metadata: 'MetadataAlreadyWritten'
    And the 'reader' process finds '100' bytes of metadata

  Scenario: Test 3.2 - Metadata larger than its block is refused
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the state of buffer 'frames' is noted
    Then the 'writer' process fails to write '2048' bytes of metadata: 'MetadataTooLarge'
    And the 'writer' process fails to write '1017' bytes of metadata: 'MetadataTooLarge'
    And buffer 'frames' is as noted
    When the 'writer' process writes '1016' bytes of metadata
    Then the 'reader' process finds '1016' bytes of metadata

  Scenario: Test 3.3 - A ring without a metadata block carries frames
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'writer' process writes a frame of '1024' bytes
    Then the 'reader' process finds no metadata
    And the 'reader' process reads and releases frame '1' of '1024' bytes
    And buffer 'frames' is empty
