"""Loads what tests use: features in process, roles that perform steps, tests of plugins."""

pytest_plugins = ("parley_pytest.plugin", "roles", "pytester")
