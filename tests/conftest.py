"""What every test has: a database as role app, and no way out of this machine."""

from tests.plugins import cluster

cluster.connect()  # before anything imports a model

pytest_plugins = [
    "tests.plugins.database",
    "tests.plugins.files",
    "tests.plugins.order",
    "tests.plugins.scenes",
    "tests.plugins.sockets",
]
