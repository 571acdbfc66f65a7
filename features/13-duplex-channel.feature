Feature: Duplex channel
  Two buffers make a channel: the server reads requests, the client reads
  responses, which correspond in order. One server serves one client after the
  other, and either learns when the other has gone.

  Scenario: Test 13.1 - An echo of 1, 1024 and 102400 bytes
    Given the 'server' process opens channel 'calls' with '262144' bytes for requests
    And the 'client' process connects to channel 'calls' with '262144' bytes for responses
    When meanwhile the 'server' process echoes '3' requests
    Then the 'client' process sends a request of '1' bytes and gets it back
    And the 'client' process sends a request of '1024' bytes and gets it back
    And the 'client' process sends a request of '102400' bytes and gets it back
    And the 'server' process has answered '3' requests

  Scenario: Test 13.2 - Ten requests, each answered before the next
    Given the 'server' process opens channel 'calls' with '65536' bytes for requests
    And the 'client' process connects to channel 'calls' with '65536' bytes for responses
    When meanwhile the 'server' process echoes '10' requests
    Then the 'client' process sends '10' requests of '1024' bytes and gets each back before the next
    And the 'server' process has answered '10' requests

  Scenario: Test 13.3 - Twenty requests on the way at once
    Given the 'server' process opens channel 'calls' with '65536' bytes for requests
    And the 'client' process connects to channel 'calls' with '65536' bytes for responses
    When the 'client' process sends '20' requests of '1024' bytes
    Then buffer 'calls_request' has '20' frames waiting
    When the 'server' process echoes '20' requests
    Then buffer 'calls_response' has '20' frames waiting
    And the 'client' process gets '20' responses of '1024' bytes back, in order
    And buffer 'calls_request' is empty
    And buffer 'calls_response' is empty

  @slow
  Scenario: Test 13.4 - A handler that takes its time answers one after the other
    Given the 'server' process opens channel 'calls' with '65536' bytes for requests
    And the 'client' process connects to channel 'calls' with '65536' bytes for responses
    When meanwhile the 'server' process echoes '3' requests, taking '100' milliseconds over each
    Then the 'client' process sends '3' requests of '64' bytes and has all of them back after '300' milliseconds at the earliest

  @signals
  Scenario: Test 13.5 - The server is killed while it works on a request
    Given the 'server' process opens channel 'calls' with '65536' bytes for requests
    And the 'client' process connects to channel 'calls' with '65536' bytes for responses
    And the 'client' process waits at most '20000' milliseconds for the other side
    When meanwhile the 'server' process echoes '1' requests, taking '25000' milliseconds over each
    And the 'client' process sends '1' requests of '1024' bytes
    And within '5' seconds buffer 'calls_request' has '0' frames waiting
    And the 'server' process is killed
    Then the 'client' process fails to get a response: 'WriterDead'
    And the 'client' process fails to send a request of '1024' bytes: 'ReaderDead'

  Scenario: Test 13.6 - A server whose responses are not read is held back
    Given the 'server' process opens channel 'calls' with '65536' bytes for requests
    And the 'client' process connects to channel 'calls' with '2048' bytes for responses
    When the 'client' process sends '20' requests of '512' bytes
    And meanwhile the 'server' process echoes '20' requests
    And within '5' seconds a writer is blocked on buffer 'calls_response'
    Then the 'client' process gets '20' responses of '512' bytes back, in order
    And the 'server' process has answered '20' requests
    And buffer 'calls_response' is empty

  Scenario: Test 13.7 - A request written in place
    Given the 'server' process opens channel 'calls' with '65536' bytes for requests
    And the 'client' process connects to channel 'calls' with '65536' bytes for responses
    When meanwhile the 'server' process echoes '1' requests
    Then the 'client' process sends a request of '4096' bytes written in place and gets it back

  Scenario: Test 13.8 - A response of its own leaves the request as it was
    Given the 'server' process opens channel 'calls' with '65536' bytes for requests
    And the 'client' process connects to channel 'calls' with '65536' bytes for responses
    When meanwhile the 'server' process answers '2' requests with every bit flipped, the request unchanged
    Then the 'client' process sends a request of '1024' bytes and gets every bit flipped
    And the 'client' process sends a request of '1' bytes and gets every bit flipped
    And the 'server' process has answered '2' requests

  @signals
  Scenario: Test 13.9 - The client is killed while it waits, and the next one is served
    Given the 'server' process opens channel 'calls' with '65536' bytes for requests
    And the 'server' process waits at most '20000' milliseconds for the other side
    And the 'client' process connects to channel 'calls' with '65536' bytes for responses
    And the 'client' process waits at most '20000' milliseconds for the other side
    And the 'server' process accepts the client
    When meanwhile the 'client' process fails to get a response: 'WriterGone'
    And within '5' seconds a reader is waiting on buffer 'calls_response'
    And the 'client' process is killed
    Then the 'server' process fails to get a request: 'WriterDead'
    When a new 'client' process connects to channel 'calls' with '32768' bytes for responses
    And meanwhile the 'server' process echoes '1' requests
    Then the 'client' process sends a request of '1024' bytes and gets it back

  Scenario: Test 13.10 - The server closes while responses are pending
    Given the 'server' process opens channel 'calls' with '65536' bytes for requests
    And the 'client' process connects to channel 'calls' with '65536' bytes for responses
    When the 'client' process sends '3' requests of '1024' bytes
    And the 'server' process echoes '1' requests
    And the 'server' process closes its channel
    Then the 'client' process gets '1' responses of '1024' bytes back, in order
    And the 'client' process fails to get a response: 'WriterGone'
    And the 'client' process fails to send a request of '1024' bytes: 'NoReader'
    When the 'client' process closes its channel
    Then buffer 'calls_request' is gone
    And buffer 'calls_response' is gone
    When a new 'server' process opens channel 'calls' with '65536' bytes for requests
    And the 'client' process connects to channel 'calls' with '65536' bytes for responses
    And meanwhile the 'server' process echoes '1' requests
    Then the 'client' process sends a request of '1024' bytes and gets it back
