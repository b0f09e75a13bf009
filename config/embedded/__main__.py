"""Runs a command beside the servers of CAIRN_HOME: `python -m config.embedded python manage.py shell`."""

import os
import subprocess
import sys

from config.database import Unfit
from config.embedded import ServerTrouble, home, services


def main() -> int:
    try:
        with services(home()) as servers:
            environment = {**os.environ, **servers.environment()}
            return subprocess.run(sys.argv[1:], check=False, env=environment).returncode
    except (ServerTrouble, Unfit) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
