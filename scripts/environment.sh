#!/bin/sh
# environment.sh SET DIRECTORY: a virtual environment with exactly what requirements/SET.txt pins by hash.
# SET is base (the program), dev (the program and its tests) or lock (the tool that writes the pins).
# Installs again only when a pin changed: a copy of the installed list is kept inside the environment.
set -eu

set_name=$1
directory=$2

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_new_enough "$PYTHON" || fail "PYTHON=$PYTHON is missing or older than Python 3.11."
        echo "$PYTHON"
        return
    fi
    for candidate in python3 python3.11 python3.12 python3.13 python3.14; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "Madoguchi needs Python 3.11 or newer, and found none ($(python3 --version 2>&1 || true))." \
        "On Debian 12:  apt-get install python3 python3-venv" \
        "Or name one:   make ... PYTHON=/path/to/python3.11"
}

create() {
    python=$(find_python) || exit 1
    "$python" -c 'import ensurepip, venv' 2>/dev/null || fail \
        "$python cannot make a virtual environment: its venv module is missing." \
        "On Debian and Ubuntu:  apt-get install python3-venv"
    rm -rf "$directory"
    "$python" -m venv "$directory"
}

case $set_name in
    base) lists=base ;;
    dev) lists="base dev" ;;
    lock) lists=lock ;;
    *) fail "unknown set of requirements: $set_name" ;;
esac

# also when the Python that it was made from is gone
"$directory/bin/python" -c 'import pip' 2>/dev/null || create

arguments=
for list in $lists; do
    cmp -s "requirements/$list.txt" "$directory/installed-$list.txt" || arguments="$arguments -r requirements/$list.txt"
done
[ -n "$arguments" ] || exit 0

echo "Installing Python packages into $directory ..."
# shellcheck disable=SC2086  # the list is meant to be split into words
"$directory/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes $arguments || fail \
    "The Python packages could not be installed. If the package index is reached through a mirror or a proxy," \
    "set pip's own variables (PIP_INDEX_URL, PIP_FIND_LINKS, PIP_CERT, HTTPS_PROXY) and run make again."
for list in $lists; do
    cp "requirements/$list.txt" "$directory/installed-$list.txt"
done
