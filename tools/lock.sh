#!/bin/sh
# Writes requirements.lock and requirements-dev.lock from the .in files, with the hashes of the public files.
# The machine's own pip settings are left aside: a lock must not depend on one machine's mirror or local wheels,
# and names no index. Run with the oldest Python the project supports, so that the versions suit all of them.
set -eu
cd "$(dirname "$0")/.."
compile() { # .in file, lock
    env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL -u PIP_INDEX_URL PIP_CONFIG_FILE=/dev/null \
        CUSTOM_COMPILE_COMMAND="make lock" \
        "${LOCK_WITH:-.venv/bin/pip-compile}" --quiet --generate-hashes --allow-unsafe --strip-extras \
        --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
        --output-file "$2" "$1"
}
compile requirements.in requirements.lock
compile requirements-dev.in requirements-dev.lock
if grep -nE '://|^ *--(index|extra-index|find-links|trusted)' requirements.lock requirements-dev.lock; then
    echo "tools/lock.sh: the lock names an address" >&2
    exit 1
fi
