#!/bin/sh
# Makes .venv and fills it from requirements.lock. PYTHON names the interpreter.
set -eu

python=${PYTHON:-python3}

die() {
    echo "make: $1" >&2
    exit 1
}

command -v "$python" >/dev/null || die "$python not found: Python 3.11 or newer is needed (make PYTHON=/path/to/python3)."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    die "$("$python" --version) is too old: 3.11 or newer is needed (make PYTHON=/path/to/python3)."

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    # Debian keeps them in a package of their own.
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing python3-venv"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv; } >/dev/null
    fi
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        die "$python has no venv: install it (on Debian as root: apt-get install python3-venv) and call make again."
fi

echo "filling .venv from requirements.lock"
"$python" -m venv .venv
.venv/bin/python -m pip install -qq -r requirements.lock
.venv/bin/python -m pip install -qq --no-deps --no-build-isolation -e .
