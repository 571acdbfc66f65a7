Feature: A background without a role

    Background:
        Given the test environment is clean

    Scenario: Test 3.1 - Everybody is asked
        When the 'writer' process sends '3' frames of size '5'
        Then the 'reader' process should have received '15' bytes
