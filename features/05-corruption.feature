Feature: Corruption
  Shared memory can hold anything. Whatever it holds, no side reads out of bounds,
  crashes or waits for ever; each says which field cannot be true, and goes on once
  the memory is whole again.

  Scenario: Test 5.1 - A buffer whose OIEB has another size is refused
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    When field 'oieb_size' of buffer 'frames' is set to '64'
    And the state of buffer 'frames' is noted
    Then the 'writer' process fails to connect to buffer 'frames': 'Corrupt field=oieb_size value=64 limit=128'
    And buffer 'frames' is as noted
    When field 'oieb_size' of buffer 'frames' is set to '128'
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes a frame of '1024' bytes
    Then the 'reader' process reads and releases frame '1' of '1024' bytes

  Scenario Outline: Test 5.2 - A frame header of size <size> is never followed
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes '3' frames of '1000' bytes
    And the 'reader' process reads and releases frame '1' of '1000' bytes
    When the frame at '1016' of buffer 'frames' is given the size '<size>' and the sequence '2'
    Then the 'reader' process fails to read a frame: 'Corrupt field=frame_size value=<size> limit=9208'
    And the 'reader' process fails to read a frame: 'Corrupt field=frame_size value=<size> limit=9208'
    When the frame at '1016' of buffer 'frames' is given the size '1000' and the sequence '2'
    Then the 'reader' process reads frames '2' to '3' of '1000' bytes
    And buffer 'frames' is empty

    Examples: 9208 bytes remain for the data of a frame at 1016
      | size                 |
      | 0                    |
      | 9209                 |
      | 10240                |
      | 4294967296           |
      | 9223372036854775807  |
      | 18446744073709551600 |
      | 18446744073709551615 |

  @signals
  Scenario: Test 5.3 - The reader dies while the writer holds an acquired frame
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'writer' process acquires a frame of '4096' bytes
    And the 'reader' process is killed
    Then the 'writer' process fails to commit the acquired frame: 'ReaderDead'
    And the 'writer' process fails to write a frame of '1024' bytes: 'ReaderDead'

  Scenario Outline: Test 5.4 - The field <field> holds <value>
    Given the 'reader' process creates buffer 'frames' with '1024' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process waits at most '50' milliseconds for the other side
    And the 'writer' process writes '2' frames of '1000' bytes
    When field '<field>' of buffer 'frames' is set to '<value>'
    Then a second 'writer' process fails to connect to buffer 'frames': '<connecting>'
    And the 'writer' process <writes>
    And the 'reader' process <reads>
    When the 'reader' process closes its buffer
    Then buffer 'frames' is gone

    Examples: what is checked when a writer connects; who is connected goes by the sizes of then, and notices a changed process
      | field         | value                | connecting                                             | writes                                                                                        | reads                                                                        |
      | oieb_size     | 0                    | Corrupt field=oieb_size value=0                        | writes a frame of '1000' bytes                                                                | reads and releases frame '1' of '1000' bytes                                 |
      | oieb_size     | 1                    | Corrupt field=oieb_size value=1                        | writes a frame of '1000' bytes                                                                | reads and releases frame '1' of '1000' bytes                                 |
      | oieb_size     | 11456                | Corrupt field=oieb_size value=11456                    | writes a frame of '1000' bytes                                                                | reads and releases frame '1' of '1000' bytes                                 |
      | oieb_size     | 2147483647           | Corrupt field=oieb_size value=2147483647               | writes a frame of '1000' bytes                                                                | reads and releases frame '1' of '1000' bytes                                 |
      | oieb_size     | 4294967295           | Corrupt field=oieb_size value=4294967295               | writes a frame of '1000' bytes                                                                | reads and releases frame '1' of '1000' bytes                                 |
      | version_major | 0                    | VersionMismatch                                        | writes a frame of '1000' bytes                                                                | reads and releases frame '1' of '1000' bytes                                 |
      | version_major | 255                  | VersionMismatch                                        | writes a frame of '1000' bytes                                                                | reads and releases frame '1' of '1000' bytes                                 |
      | metadata_size | 1                    | Corrupt field=metadata_size value=1                    | writes a frame of '1000' bytes                                                                | reads and releases frame '1' of '1000' bytes                                 |
      | metadata_size | 11456                | Corrupt field=metadata_size value=11456                | writes a frame of '1000' bytes                                                                | reads and releases frame '1' of '1000' bytes                                 |
      | metadata_size | 9223372036854775807  | Corrupt field=metadata_size value=9223372036854775807  | writes a frame of '1000' bytes                                                                | reads and releases frame '1' of '1000' bytes                                 |
      | metadata_size | 18446744073709551615 | Corrupt field=metadata_size value=18446744073709551615 | writes a frame of '1000' bytes                                                                | reads and releases frame '1' of '1000' bytes                                 |
      | payload_size  | 0                    | Corrupt field=payload_size value=0                     | writes a frame of '1000' bytes                                                                | reads and releases frame '1' of '1000' bytes                                 |
      | payload_size  | 1                    | Corrupt field=payload_size value=1                     | writes a frame of '1000' bytes                                                                | reads and releases frame '1' of '1000' bytes                                 |
      | payload_size  | 11456                | Corrupt field=payload_size value=11456                 | writes a frame of '1000' bytes                                                                | reads and releases frame '1' of '1000' bytes                                 |
      | payload_size  | 9223372036854775807  | Corrupt field=payload_size value=9223372036854775807   | writes a frame of '1000' bytes                                                                | reads and releases frame '1' of '1000' bytes                                 |
      | payload_size  | 18446744073709551615 | Corrupt field=payload_size value=18446744073709551615  | writes a frame of '1000' bytes                                                                | reads and releases frame '1' of '1000' bytes                                 |
      | reader_pid    | 9223372036854775807  | Corrupt field=reader_pid value=9223372036854775807     | fails to write a frame of '1000' bytes: 'Corrupt field=reader_pid value=9223372036854775807'  | fails to read a frame: 'Corrupt field=reader_pid value=9223372036854775807'  |
      | reader_pid    | 18446744073709551615 | Corrupt field=reader_pid value=18446744073709551615    | fails to write a frame of '1000' bytes: 'Corrupt field=reader_pid value=18446744073709551615' | fails to read a frame: 'Corrupt field=reader_pid value=18446744073709551615' |
      | writer_pid    | 9223372036854775807  | Corrupt field=writer_pid value=9223372036854775807     | fails to write a frame of '1000' bytes: 'Corrupt field=writer_pid value=9223372036854775807'  | reads and releases frame '1' of '1000' bytes                                 |
      | writer_pid    | 18446744073709551615 | Corrupt field=writer_pid value=18446744073709551615    | fails to write a frame of '1000' bytes: 'Corrupt field=writer_pid value=18446744073709551615' | reads and releases frame '1' of '1000' bytes                                 |

    Examples: what is checked at each use, and what is out of bounds also when a writer connects
      | field                  | value                | connecting                                                      | writes                                                                                                   | reads                                                                                            |
      | metadata_free_bytes    | 11456                | Corrupt field=metadata_free_bytes value=11456                   | fails to write '100' bytes of metadata: 'Corrupt field=metadata_free_bytes value=11456'                  | reads and releases frame '1' of '1000' bytes                                                     |
      | metadata_free_bytes    | 18446744073709551615 | Corrupt field=metadata_free_bytes value=18446744073709551615    | fails to write '100' bytes of metadata: 'Corrupt field=metadata_free_bytes value=18446744073709551615'   | reads and releases frame '1' of '1000' bytes                                                     |
      | metadata_written_bytes | 11456                | Corrupt field=metadata_written_bytes value=11456                | writes a frame of '1000' bytes                                                                           | fails to read the metadata: 'Corrupt field=metadata_written_bytes value=11456'                   |
      | metadata_written_bytes | 9223372036854775807  | Corrupt field=metadata_written_bytes value=9223372036854775807  | writes a frame of '1000' bytes                                                                           | fails to read the metadata: 'Corrupt field=metadata_written_bytes value=9223372036854775807'     |
      | metadata_written_bytes | 18446744073709551615 | Corrupt field=metadata_written_bytes value=18446744073709551615 | writes a frame of '1000' bytes                                                                           | fails to read the metadata: 'Corrupt field=metadata_written_bytes value=18446744073709551615'    |
      | payload_free_bytes     | 0                    | WriterExists                                                    | fails to write a frame of '1000' bytes: 'BufferFull'                                                     | reads and releases frame '1' of '1000' bytes                                                     |
      | payload_free_bytes     | 1                    | WriterExists                                                    | fails to write a frame of '1000' bytes: 'BufferFull'                                                     | reads and releases frame '1' of '1000' bytes                                                     |
      | payload_free_bytes     | 11456                | Corrupt field=payload_free_bytes value=11456                    | fails to write a frame of '1000' bytes: 'Corrupt field=payload_free_bytes value=11456'                   | fails to read and release a frame: 'Corrupt field=payload_free_bytes value=11456'                |
      | payload_free_bytes     | 9223372036854775807  | Corrupt field=payload_free_bytes value=9223372036854775807      | fails to write a frame of '1000' bytes: 'Corrupt field=payload_free_bytes value=9223372036854775807'     | fails to read and release a frame: 'Corrupt field=payload_free_bytes value=9223372036854775807'  |
      | payload_free_bytes     | 18446744073709551615 | Corrupt field=payload_free_bytes value=18446744073709551615     | fails to write a frame of '1000' bytes: 'Corrupt field=payload_free_bytes value=18446744073709551615'    | fails to read and release a frame: 'Corrupt field=payload_free_bytes value=18446744073709551615' |
      | payload_write_pos      | 0                    | WriterExists                                                    | writes a frame of '1000' bytes                                                                           | fails to read a frame: 'SequenceGap expected=1 actual=3'                                         |
      | payload_write_pos      | 1                    | WriterExists                                                    | writes a frame of '1000' bytes                                                                           | fails to read a frame: 'Corrupt field=frame_size'                                                |
      | payload_write_pos      | 11456                | Corrupt field=payload_write_pos value=11456                     | fails to write a frame of '1000' bytes: 'Corrupt field=payload_write_pos value=11456'                    | reads and releases frame '1' of '1000' bytes                                                     |
      | payload_write_pos      | 9223372036854775807  | Corrupt field=payload_write_pos value=9223372036854775807       | fails to write a frame of '1000' bytes: 'Corrupt field=payload_write_pos value=9223372036854775807'      | reads and releases frame '1' of '1000' bytes                                                     |
      | payload_write_pos      | 18446744073709551615 | Corrupt field=payload_write_pos value=18446744073709551615      | fails to write a frame of '1000' bytes: 'Corrupt field=payload_write_pos value=18446744073709551615'     | reads and releases frame '1' of '1000' bytes                                                     |
      | payload_read_pos       | 1                    | WriterExists                                                    | writes a frame of '1000' bytes                                                                           | fails to read a frame: 'Corrupt'                                                                 |
      | payload_read_pos       | 11456                | Corrupt field=payload_read_pos value=11456                      | writes a frame of '1000' bytes                                                                           | fails to read a frame: 'Corrupt field=payload_read_pos value=11456'                              |
      | payload_read_pos       | 9223372036854775807  | Corrupt field=payload_read_pos value=9223372036854775807        | writes a frame of '1000' bytes                                                                           | fails to read a frame: 'Corrupt field=payload_read_pos value=9223372036854775807'                |
      | payload_read_pos       | 18446744073709551615 | Corrupt field=payload_read_pos value=18446744073709551615       | writes a frame of '1000' bytes                                                                           | fails to read a frame: 'Corrupt field=payload_read_pos value=18446744073709551615'               |
      | payload_written_count  | 0                    | WriterExists                                                    | fails to write a frame of '1000' bytes: 'Corrupt field=payload_written_count value=0'                    | fails to read a frame: 'Corrupt field=payload_written_count value=0'                             |
      | payload_written_count  | 11456                | WriterExists                                                    | fails to write a frame of '1000' bytes: 'Corrupt field=payload_written_count value=11456'                | fails to read a frame: 'Corrupt field=payload_written_count value=11456'                         |
      | payload_written_count  | 18446744073709551615 | WriterExists                                                    | fails to write a frame of '1000' bytes: 'Corrupt field=payload_written_count value=18446744073709551615' | fails to read a frame: 'Corrupt field=payload_written_count value=18446744073709551615'          |

  @wrap
  Scenario: Test 5.5 - A wrap that wastes space, step by step
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '1024' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'writer' process writes a frame of '500' bytes
    And the 'writer' process writes a frame of '300' bytes
    And the 'reader' process reads and releases frame '1' of '500' bytes
    Then the fields of buffer 'frames' are:
      | payload_write_pos | payload_read_pos | payload_free_bytes | payload_written_count | payload_read_count |
      | 832               | 516              | 708                | 2                     | 1                  |
    When the frame at '832' of buffer 'frames' is given the size '100' and the sequence '9'
    And the 'writer' process writes a frame of '200' bytes
    Then buffer 'frames' holds a wrap marker at '832'
    And the fields of buffer 'frames' are:
      | payload_write_pos | payload_read_pos | payload_free_bytes | payload_written_count | payload_read_count |
      | 216               | 516              | 300                | 4                     | 1                  |
    When the 'reader' process reads frame '2' of '300' bytes
    Then the fields of buffer 'frames' are:
      | payload_write_pos | payload_read_pos | payload_free_bytes | payload_written_count | payload_read_count |
      | 216               | 832              | 300                | 4                     | 2                  |
    When the 'reader' process releases frame '2'
    Then the fields of buffer 'frames' are:
      | payload_write_pos | payload_read_pos | payload_free_bytes | payload_written_count | payload_read_count |
      | 216               | 832              | 616                | 4                     | 2                  |
    When the 'reader' process reads frame '3' of '200' bytes
    Then the fields of buffer 'frames' are:
      | payload_write_pos | payload_read_pos | payload_free_bytes | payload_written_count | payload_read_count |
      | 216               | 216              | 808                | 4                     | 4                  |
    When the 'reader' process releases frame '3'
    Then buffer 'frames' is empty

  @wrap
  Scenario Outline: Test 5.6 - The largest frame at once with the writer at <write position> and the reader at <read position>
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '10240' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    And the 'writer' process writes frames of '<first>' bytes
    And the 'reader' process reads frames of '<read>' bytes from frame '1' on
    And the 'writer' process writes frames of '<then>' bytes
    When buffer 'frames' has read position '<read position>' and write position '<write position>'
    And buffer 'frames' has '<free>' bytes free
    Then the 'writer' process fails to write a frame of '<too large>' bytes at once: 'BufferFull'
    And the 'writer' process writes a frame of '<largest>' bytes without waiting

    Examples: the frame stays in one piece: behind the writer, or at the start of the ring
      | first      | read | then | write position | read position | free | largest | too large |
      | 1984, 2984 | 1984 |      | 5000           | 2000          | 7240 | 5224    | 5225      |
      | 4984, 5224 | 4984 | 1984 | 2000           | 5000          | 3000 | 2984    | 2985      |
      | 2984, 5984 | 2984 |      | 9000           | 3000          | 4240 | 2984    | 2985      |
      | 5984, 2984 | 5984 |      | 9000           | 6000          | 7240 | 5984    | 5985      |
      | 8984, 984  |      |      | 10000          | 0             | 240  | 224     | 225       |

  Scenario: Test 5.7 - The largest frame of a ring of 100 MiB, and one byte more
    Given the 'reader' process creates buffer 'frames' with '0' bytes of metadata and '104857600' bytes of payload
    And the 'writer' process connects to buffer 'frames'
    When the 'writer' process writes a frame of '104857584' bytes
    Then buffer 'frames' has '0' bytes free
    And the 'reader' process reads and releases frame '1' of '104857584' bytes
    And the 'writer' process fails to write a frame of '104857585' bytes: 'FrameTooLarge size=104857585 largest=104857584'
    And buffer 'frames' is empty
