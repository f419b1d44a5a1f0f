"""Finds LibreOffice, or installs its Calc from Debian's packages: python -m scripts.office prints its path.

The tests open every kind of export with it, as a department does, and compare what they read. 270 MB, one minute.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("soffice", "libreoffice")
PACKAGE = "libreoffice-calc-nogui"
ADVICE = f"""\
LibreOffice was not found and could not be installed. The tests of exports need its Calc; do this and run again:
  apt-get install --no-install-recommends {PACKAGE}      (as root, on Debian and Ubuntu)
or name it: SOFFICE=/path/to/soffice make test"""


class NoOffice(Exception):
    """There is no LibreOffice; the message says what to do."""


def find() -> str:
    """The path of soffice. Raises NoOffice."""
    for name in (os.environ.get("SOFFICE", ""), *NAMES):
        if name and (path := shutil.which(name)):
            return path
    raise NoOffice(ADVICE)


def ensure() -> str:
    """Like find(), after installing what is missing."""
    try:
        return find()
    except NoOffice:
        if os.geteuid() != 0 or not shutil.which("apt-get"):
            raise
    print("Installing LibreOffice Calc from Debian's packages ...", file=sys.stderr)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", PACKAGE]):
        done = subprocess.run(["apt-get", *command], env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NoOffice(f"{done.stderr.strip()[-1500:]}\n{ADVICE}")
    return find()


if __name__ == "__main__":
    try:
        print(ensure())
    except NoOffice as problem:
        sys.exit(str(problem))
