#!/bin/sh
# tools/setup.sh run|check|test - brings this checkout to the point where that can be done; does nothing when it already is.
#   run    .venv with the locked libraries and the `trinh` script; Pango for the PDFs
#   check  and the locked tools for building and checking
#   test   and PostgreSQL, Chromium and poppler for the tests on real ones
# As root, or with sudo, missing Debian packages are installed; otherwise the one line to run is printed (exit 1).
set -eu
cd "$(dirname "$0")/.."
what=${1:-run}
venv=.venv
mkdir -p .cache
exec 9>.cache/setup.lock # two makes at once: the second waits and finds everything done
flock 9

say() { printf '%s\n' "setup: $*" >&2; }

find_python() { # the first interpreter that is new enough
    for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null 2>&1 &&
            "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    return 1
}

library() { # is this shared library there? asked of the loader, as WeasyPrint asks
    /sbin/ldconfig -p | grep -q "$1 "
}

# ---------------------------------------------------------------- Debian packages, each by a test of what it is for

missing=""
need() { # package, then the command that succeeds when it is there
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}
server_programs() { ls /usr/lib/postgresql/*/bin/initdb; }

python=$(find_python) || python=""
if [ -z "$python" ]; then
    missing="$missing python3 python3-venv"
else
    need python3-venv "$python" -c 'import venv, ensurepip'
fi
need libpango-1.0-0 library libpango-1.0.so.0
need libpangoft2-1.0-0 library libpangoft2-1.0.so.0
need libharfbuzz0b library libharfbuzz.so.0
need libharfbuzz-subset0 library libharfbuzz-subset.so.0
if [ "$what" = test ]; then
    need postgresql server_programs
    need chromium command -v chromium
    need poppler-utils command -v pdftoppm
fi

if [ -n "$missing" ]; then
    install="apt-get update && apt-get install -y --no-install-recommends$missing"
    if ! command -v apt-get >/dev/null 2>&1; then
        say "this machine has no apt-get; it lacks what these Debian packages give:$missing"
        exit 1
    elif [ "$(id -u)" = 0 ]; then
        say "installing$missing"
        sh -c "export DEBIAN_FRONTEND=noninteractive; $install" >&2
    elif sudo -n true 2>/dev/null; then
        say "installing$missing"
        sudo -n env DEBIAN_FRONTEND=noninteractive sh -c "$install" >&2
    else
        say "some Debian packages are missing; run this line, then make again:"
        printf '    sudo sh -c "%s"\n' "$install" >&2
        exit 1
    fi
    python=$(find_python) || { say "Python 3.11 or newer is needed; this system has $(python3 -V 2>&1)"; exit 1; }
fi

# ---------------------------------------------------------------- .venv; a stamp holds the digest of what made it

digest() { cat "$@" | sha256sum | cut -c1-64; }
current() { [ -f "$venv/$1.stamp" ] && [ "$(cat "$venv/$1.stamp")" = "$2" ]; }
pip() { "$venv/bin/python" -m pip --disable-pip-version-check --quiet --no-input "$@"; }

if ! "$venv/bin/python" -c '' 2>/dev/null; then
    say "making $venv with $("$python" -V)"
    "$python" -m venv --clear "$venv"
fi
run_digest=$(digest requirements.lock)
dev_digest=$(digest requirements.lock requirements-dev.lock)
project_digest=$(digest pyproject.toml requirements.lock)

if ! current run "$run_digest"; then
    say "installing the locked libraries"
    pip install --require-hashes -r requirements.lock
    printf '%s' "$run_digest" >"$venv/run.stamp"
fi
if [ "$what" != run ] && ! current dev "$dev_digest"; then
    say "installing the locked tools"
    pip install --require-hashes -r requirements-dev.lock
    printf '%s' "$dev_digest" >"$venv/dev.stamp"
fi
if ! current project "$project_digest" || [ ! -x "$venv/bin/trinh" ]; then
    say "installing trinh from this checkout"
    pip install --no-deps --no-build-isolation --editable .
    printf '%s' "$project_digest" >"$venv/project.stamp"
fi
