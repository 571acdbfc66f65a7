Feature: Compliance
  The layout is the contract: counters, positions, names, locks and every byte are
  what the protocol says, whichever language wrote them.

  Scenario: Test 12.1 - The counters after each write and each read
    Given the 'reader' process creates buffer 'frames' with '100' bytes of metadata and '1000' bytes of payload
    Then the fields of buffer 'frames' are:
      | oieb_size | version_major | metadata_size | metadata_free_bytes | metadata_written_bytes | payload_size | payload_free_bytes | payload_write_pos | payload_read_pos | payload_written_count | payload_read_count |
      | 128       | 1             | 128           | 128                 | 0                      | 1024         | 1024               | 0                 | 0                | 0                     | 0                  |
    When the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes '10' bytes of metadata
    Then the fields of buffer 'frames' are:
      | metadata_free_bytes | metadata_written_bytes | payload_free_bytes | payload_written_count |
      | 110                 | 18                     | 1024               | 0                     |
    When the 'writer' process writes a frame of '100' bytes
    Then the fields of buffer 'frames' are:
      | payload_free_bytes | payload_write_pos | payload_read_pos | payload_written_count | payload_read_count |
      | 908                | 116               | 0                | 1                     | 0                  |
    When the 'writer' process writes a frame of '200' bytes
    Then the fields of buffer 'frames' are:
      | payload_free_bytes | payload_write_pos | payload_read_pos | payload_written_count | payload_read_count |
      | 692                | 332               | 0                | 2                     | 0                  |
    When the 'reader' process reads frame '1' of '100' bytes
    Then the fields of buffer 'frames' are:
      | payload_free_bytes | payload_write_pos | payload_read_pos | payload_written_count | payload_read_count |
      | 692                | 332               | 116              | 2                     | 1                  |
    When the 'reader' process releases frame '1'
    Then the fields of buffer 'frames' are:
      | payload_free_bytes | payload_write_pos | payload_read_pos | payload_written_count | payload_read_count |
      | 808                | 332               | 116              | 2                     | 1                  |
    When the 'reader' process reads and releases frame '2' of '200' bytes
    Then the fields of buffer 'frames' are:
      | payload_free_bytes | payload_write_pos | payload_read_pos | payload_written_count | payload_read_count |
      | 1024               | 332               | 332              | 2                     | 2                  |

  Scenario Outline: Test 12.2 - Blocks on boundaries of 64 bytes for <metadata> and <payload> bytes
    Given the 'reader' process creates buffer 'frames' with '<metadata>' bytes of metadata and '<payload>' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    Then the blocks of buffer 'frames' begin at '0', '128' and '<begin>' of '<segment>' bytes
    When the 'writer' process writes a frame of '48' bytes
    Then the frame at '0' of buffer 'frames' has the size '48' and the sequence '1'
    And the 'reader' process reads and releases frame '1' of '48' bytes

    Examples:
      | metadata | payload | begin | segment |
      | 0        | 64      | 128   | 192     |
      | 1        | 65      | 192   | 320     |
      | 64       | 128     | 192   | 320     |
      | 100      | 1000    | 256   | 1280    |
      | 1024     | 10240   | 1152  | 11392   |

  @signals
  Scenario: Test 12.3 - The lock is held by the living reader, taken over from a dead one and gone after closing
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    Then the lock of buffer 'frames' is held
    When the 'reader' process is killed
    Then the lock of buffer 'frames' is there and not held
    When a new 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    Then the lock of buffer 'frames' is held
    When the 'reader' process closes its buffer
    Then buffer 'frames' is gone

  Scenario Outline: Test 12.4 - The semaphores of a buffer named <name>
    Given the 'reader' process creates buffer '<name>' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer '<name>'
    Then every object of buffer '<name>' is at its place with mode '0600'
    And the semaphores of buffer '<name>' are those of glibc
    When the 'writer' process writes a frame of '1024' bytes
    Then the 'reader' process reads and releases frame '1' of '1024' bytes

    Examples:
      | name                                                                                                                  |
      | 3f2504e0-4f89-11d3-9a0c-0305e82c3301                                                                                  |
      | Mixed_case-and.dots.0                                                                                                 |
      | a-long-name-a-long-name-a-long-name-a-long-name-a-long-name-a-long-name-a-long-name-a-long-name-a-long-name-a-long-na |

  Scenario: Test 12.5.1 - The segment is that of the vector 'basic' after every operation
    Given the 'reader' process creates buffer 'vector' with '100' bytes of metadata and '1000' bytes of payload
    Then buffer 'vector' is as vector 'basic' after step '1'
    And the 'writer' process connects to buffer 'vector'
    Then buffer 'vector' is as vector 'basic' after step '2'
    When the 'writer' process writes '10' bytes of metadata
    Then buffer 'vector' is as vector 'basic' after step '3'
    When the 'writer' process writes a frame of '100' bytes
    Then buffer 'vector' is as vector 'basic' after step '4'
    When the 'writer' process writes a frame of '200' bytes
    Then buffer 'vector' is as vector 'basic' after step '5'
    When the 'reader' process reads frame '1' of '100' bytes
    Then buffer 'vector' is as vector 'basic' after step '6'
    When the 'reader' process releases frame '1'
    Then buffer 'vector' is as vector 'basic' after step '7'
    When the 'reader' process reads frame '2' of '200' bytes
    Then buffer 'vector' is as vector 'basic' after step '8'
    When the 'reader' process releases frame '2'
    Then buffer 'vector' is as vector 'basic' after step '9'

  Scenario: Test 12.5.2 - The segment is that of the vector 'zero-metadata' after every operation
    Given the 'reader' process creates buffer 'vector' with '0' bytes of metadata and '1024' bytes of payload
    Then buffer 'vector' is as vector 'zero-metadata' after step '1'
    And the 'writer' process connects to buffer 'vector'
    Then buffer 'vector' is as vector 'zero-metadata' after step '2'
    When the 'writer' process writes a frame of '1' bytes
    Then buffer 'vector' is as vector 'zero-metadata' after step '3'
    When the 'reader' process reads frame '1' of '1' bytes
    Then buffer 'vector' is as vector 'zero-metadata' after step '4'
    When the 'reader' process releases frame '1'
    Then buffer 'vector' is as vector 'zero-metadata' after step '5'

  Scenario: Test 12.5.3 - The segment is that of the vector 'wrap-marker' after every operation
    Given the 'reader' process creates buffer 'vector' with '64' bytes of metadata and '1024' bytes of payload
    Then buffer 'vector' is as vector 'wrap-marker' after step '1'
    And the 'writer' process connects to buffer 'vector'
    Then buffer 'vector' is as vector 'wrap-marker' after step '2'
    When the 'writer' process writes a frame of '400' bytes
    Then buffer 'vector' is as vector 'wrap-marker' after step '3'
    When the 'writer' process writes a frame of '400' bytes
    Then buffer 'vector' is as vector 'wrap-marker' after step '4'
    When the 'reader' process reads frame '1' of '400' bytes
    Then buffer 'vector' is as vector 'wrap-marker' after step '5'
    When the 'reader' process releases frame '1'
    Then buffer 'vector' is as vector 'wrap-marker' after step '6'
    When the 'reader' process reads frame '2' of '400' bytes
    Then buffer 'vector' is as vector 'wrap-marker' after step '7'
    When the 'reader' process releases frame '2'
    Then buffer 'vector' is as vector 'wrap-marker' after step '8'
    When the 'writer' process writes a frame of '300' bytes
    Then buffer 'vector' is as vector 'wrap-marker' after step '9'
    When the 'reader' process reads frame '3' of '300' bytes
    Then buffer 'vector' is as vector 'wrap-marker' after step '10'
    When the 'reader' process releases frame '3'
    Then buffer 'vector' is as vector 'wrap-marker' after step '11'
    When the 'writer' process writes a frame of '100' bytes
    Then buffer 'vector' is as vector 'wrap-marker' after step '12'
    When the 'reader' process reads frame '4' of '100' bytes
    Then buffer 'vector' is as vector 'wrap-marker' after step '13'
    When the 'reader' process releases frame '4'
    Then buffer 'vector' is as vector 'wrap-marker' after step '14'

  Scenario: Test 12.5.4 - The segment is that of the vector 'exact-fit' after every operation
    Given the 'reader' process creates buffer 'vector' with '0' bytes of metadata and '1024' bytes of payload
    Then buffer 'vector' is as vector 'exact-fit' after step '1'
    And the 'writer' process connects to buffer 'vector'
    Then buffer 'vector' is as vector 'exact-fit' after step '2'
    When the 'writer' process writes a frame of '1008' bytes
    Then buffer 'vector' is as vector 'exact-fit' after step '3'
    When the 'reader' process reads frame '1' of '1008' bytes
    Then buffer 'vector' is as vector 'exact-fit' after step '4'
    When the 'reader' process releases frame '1'
    Then buffer 'vector' is as vector 'exact-fit' after step '5'
    When the 'writer' process writes a frame of '1008' bytes
    Then buffer 'vector' is as vector 'exact-fit' after step '6'
    When the 'reader' process reads frame '2' of '1008' bytes
    Then buffer 'vector' is as vector 'exact-fit' after step '7'
    When the 'reader' process releases frame '2'
    Then buffer 'vector' is as vector 'exact-fit' after step '8'
    When the 'writer' process writes a frame of '10' bytes
    Then buffer 'vector' is as vector 'exact-fit' after step '9'
    When the 'reader' process reads frame '3' of '10' bytes
    Then buffer 'vector' is as vector 'exact-fit' after step '10'
    When the 'reader' process releases frame '3'
    Then buffer 'vector' is as vector 'exact-fit' after step '11'

  Scenario: Test 12.5.5 - The segment is that of the vector 'tail-16' after every operation
    Given the 'reader' process creates buffer 'vector' with '0' bytes of metadata and '1024' bytes of payload
    Then buffer 'vector' is as vector 'tail-16' after step '1'
    And the 'writer' process connects to buffer 'vector'
    Then buffer 'vector' is as vector 'tail-16' after step '2'
    When the 'writer' process writes a frame of '496' bytes
    Then buffer 'vector' is as vector 'tail-16' after step '3'
    When the 'writer' process writes a frame of '480' bytes
    Then buffer 'vector' is as vector 'tail-16' after step '4'
    When the 'reader' process reads frame '1' of '496' bytes
    Then buffer 'vector' is as vector 'tail-16' after step '5'
    When the 'reader' process releases frame '1'
    Then buffer 'vector' is as vector 'tail-16' after step '6'
    When the 'reader' process reads frame '2' of '480' bytes
    Then buffer 'vector' is as vector 'tail-16' after step '7'
    When the 'reader' process releases frame '2'
    Then buffer 'vector' is as vector 'tail-16' after step '8'
    When the 'writer' process writes a frame of '100' bytes
    Then buffer 'vector' is as vector 'tail-16' after step '9'
    When the 'reader' process reads frame '3' of '100' bytes
    Then buffer 'vector' is as vector 'tail-16' after step '10'
    When the 'reader' process releases frame '3'
    Then buffer 'vector' is as vector 'tail-16' after step '11'

  Scenario: Test 12.5.6 - The segment is that of the vector 'held-frames' after every operation
    Given the 'reader' process creates buffer 'vector' with '0' bytes of metadata and '1024' bytes of payload
    Then buffer 'vector' is as vector 'held-frames' after step '1'
    And the 'writer' process connects to buffer 'vector'
    Then buffer 'vector' is as vector 'held-frames' after step '2'
    When the 'writer' process writes a frame of '100' bytes
    Then buffer 'vector' is as vector 'held-frames' after step '3'
    When the 'writer' process writes a frame of '100' bytes
    Then buffer 'vector' is as vector 'held-frames' after step '4'
    When the 'writer' process writes a frame of '100' bytes
    Then buffer 'vector' is as vector 'held-frames' after step '5'
    When the 'reader' process reads frame '1' of '100' bytes
    Then buffer 'vector' is as vector 'held-frames' after step '6'
    When the 'reader' process reads frame '2' of '100' bytes
    Then buffer 'vector' is as vector 'held-frames' after step '7'
    When the 'reader' process releases frame '1'
    Then buffer 'vector' is as vector 'held-frames' after step '8'
    When the 'reader' process releases frame '2'
    Then buffer 'vector' is as vector 'held-frames' after step '9'
    When the 'reader' process reads frame '3' of '100' bytes
    Then buffer 'vector' is as vector 'held-frames' after step '10'
    When the 'reader' process releases frame '3'
    Then buffer 'vector' is as vector 'held-frames' after step '11'

  Scenario: Test 12.5.7 - The segment is that of the vector 'zero-copy-write' after every operation
    Given the 'reader' process creates buffer 'vector' with '0' bytes of metadata and '1024' bytes of payload
    Then buffer 'vector' is as vector 'zero-copy-write' after step '1'
    And the 'writer' process connects to buffer 'vector'
    Then buffer 'vector' is as vector 'zero-copy-write' after step '2'
    When the 'writer' process acquires a frame of '100' bytes
    And the 'writer' process fills the acquired frame in place
    And the 'writer' process commits the acquired frame
    Then buffer 'vector' is as vector 'zero-copy-write' after step '3'
    When the 'reader' process reads frame '1' of '100' bytes
    Then buffer 'vector' is as vector 'zero-copy-write' after step '4'
    When the 'reader' process releases frame '1'
    Then buffer 'vector' is as vector 'zero-copy-write' after step '5'

  @wrap
  Scenario: Test 12.6 - Two segments made with exchanged parts are equal byte by byte
    Given the 'reader' process creates buffer 'one' with '100' bytes of metadata and '1000' bytes of payload
    And the 'writer' process connects to buffer 'one'
    And the 'writer' process creates buffer 'other' with '100' bytes of metadata and '1000' bytes of payload
    And the 'reader' process connects to buffer 'other'
    Then buffers 'one' and 'other' are equal but for their processes
    When the 'writer' process writes '50' bytes of metadata
    And the 'reader' process writes '50' bytes of metadata
    And the 'writer' process writes '3' frames of '300' bytes
    And the 'reader' process writes '3' frames of '300' bytes
    Then buffers 'one' and 'other' are equal but for their processes
    When the 'reader' process reads frames '1' to '2' of '300' bytes
    And the 'writer' process reads frames '1' to '2' of '300' bytes
    And the 'writer' process writes a frame of '200' bytes
    And the 'reader' process writes a frame of '200' bytes
    Then buffers 'one' and 'other' are equal but for their processes
    When the 'reader' process reads and releases frame '3' of '300' bytes
    And the 'writer' process reads and releases frame '3' of '300' bytes
    And the 'reader' process reads and releases frame '4' of '200' bytes
    And the 'writer' process reads and releases frame '4' of '200' bytes
    Then buffers 'one' and 'other' are equal but for their processes
