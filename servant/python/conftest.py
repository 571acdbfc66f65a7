"""Loads the plugin that performs features in process, and the one that tests plugins."""

pytest_plugins = ("parley_pytest.plugin", "pytester")
