# shellcheck shell=bash
# Sourced by every script of this folder: where things are, how to say what happens, whom to run a command as.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export scripts=$root/scripts
target=$root/target

# One target directory for build, lint and tests, so that they share what is compiled.
export CARGO_TARGET_DIR=$target
# An empty cargo home has its programs where the shell does not look yet.
export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
# A caller's connection settings must never lead to a database of theirs.
# With it in a server's environment, PostgreSQL's errors would carry a backtrace of Rust's.
unset RUST_BACKTRACE
unset PGHOST PGHOSTADDR PGPORT PGUSER PGPASSWORD PGDATABASE PGOPTIONS PGSERVICE PGSSLMODE

say() { printf '==> %s\n' "$*"; }

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# apt_ready PACKAGE...: makes apt ready to install them, or says who could.
apt_ready() {
    command -v apt-get >/dev/null || die "please install what Debian calls: $*"
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || die "run this as root, or as a user with sudo, to install: $*"
    say "Installing Debian packages: $*"
    as_root apt-get update -q </dev/null
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" </dev/null
}

# PostgreSQL refuses to run as root: it runs as `postgres` then, and as the caller otherwise.
# From `/`, as the user postgres may not be able to stand where the caller stands.
as_db_user() (
    cd /
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
)

# The pg_config of PostgreSQL 15: what the caller says, else what cargo-pgrx builds against, else Debian's.
pg_config_path() {
    local known
    if [ -n "${PG_CONFIG:-}" ]; then
        echo "$PG_CONFIG"
    elif known=$(pgrx_knows) && [ -n "$known" ]; then
        echo "$known"
    else
        echo /usr/lib/postgresql/15/bin/pg_config
    fi
}

# The pg_config that `cargo pgrx init` wrote down for PostgreSQL 15, if any.
pgrx_knows() {
    sed -n 's/^pg15 *= *"\(.*\)"$/\1/p' "${PGRX_HOME:-$HOME/.pgrx}/config.toml" 2>/dev/null
}

# stage NAME COMMAND...: runs one stage and keeps its time for `stages_table`. The first stage that fails ends all.
stage() {
    local name=$1 begun=$SECONDS status=0
    shift
    printf '\n'
    say "$name"
    "$@" || status=$?
    printf '%s|%s|%s\n' "$((SECONDS - begun))" "$status" "$name" >>"$STAGES"
    [ "$status" = 0 ] || exit "$status"
}

# The outermost script owns the list of stages and prints it when it ends, however it ends.
stages_begin() {
    if [ -z "${STAGES:-}" ]; then
        STAGES=$(mktemp)
        export STAGES
        trap 'stages_table; rm -f "$STAGES"' EXIT
    fi
}

stages_table() {
    printf '\nminutes  stage\n'
    awk -F'|' '{ printf "%7.1f  %s%s\n", $1 / 60, $3, $2 == 0 ? "" : "  FAILED"; sum += $1 }
        END { printf "%7.1f  in all\n", sum / 60 }' "$STAGES"
}
