"""The door for the web server. A process whose database role could see past the workspaces does not start."""

import os
import sys

from django.core.wsgi import get_wsgi_application

from config import counters
from config.database import Unfit, assert_safe_role

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("CAIRN_PROCESS", "web")
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", counters.directory())


def _check_role() -> None:
    from django.db import connection

    try:
        assert_safe_role(connection)
    except Unfit as error:
        sys.exit(f"ERROR {error}")
    finally:
        connection.close()


application = get_wsgi_application()
_check_role()
