Feature: Sentences of others
	Nobody here wrote them with this coordinator in mind.

	Background:

	Scenario: Test 1.1 - An And comes first, and steps end with semicolons
		And the 'server' process starts listening;
		When the 'client' process sends '2' frames of size '16';
		| size | count |
		| 16   | 2     |
		Then the 'server' process should have received '32' bytes
		And wait for '0.05' seconds
		And the 'client' process ends in order;

	Scenario: Test 1.2 - Two at the same moment
		Given two 'reader' processes

		When both simultaneously attempt to create buffer 'race-test'

		Then only one should succeed

	Scenario: Test 1.3 - A second writer inside the first one
		Given the 'reader' process creates buffer 'b' with size '1024'
		When a 'writer' process connects to buffer 'b'
		And the 'writer' process a second writer process attempts to connect to buffer 'b'
		Then the 'writer' process the second writer should fail with writer exists error

	Scenario: Test 1.4 - A new reader
		Given the 'reader' process creates buffer 'b' with size '1024'
		And the 'reader' process is killed
		When a new 'reader' process creates buffer 'b' with size '2048'
		Then the new reader should succeed

	Scenario: Test 2.1 - The reason is in the log
		When the 'writer' process sends '2' frames of size '16'
		Then the 'reader' process should have received '33' bytes
		And the 'writer' process should have received '32' bytes

	Scenario: Test 2.2 - Not found, says the log
		Given the 'server' process starts listening
		Then the server forgets a step

	Scenario: Test 2.3 - Not found, says the error
		Given the 'server' process starts listening
		When the 'server' process creates buffer 'none' with size '1'
