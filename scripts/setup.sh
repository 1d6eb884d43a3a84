#!/usr/bin/env bash
# Makes a fresh machine ready: npm packages, and with --browser also Chromium for the browser tests.
# Does nothing, in a few milliseconds, when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

NODE_MAJOR_MIN=20 # of the machine; the project brings its own Node 24 with npm ci
STAMP=node_modules/.tidemark-setup

say() { printf 'setup    %s\n' "$*"; }
fail() {
  printf '\n%s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

install_packages() {
  local wanted
  # `cksum` is in every POSIX system; the lock file says all about what is installed.
  wanted="$(uname -sm) $(cksum <package-lock.json)"
  if [[ -x node_modules/.bin/node && -f $STAMP && "$(<"$STAMP")" == "$wanted" ]]; then return; fi

  command -v npm >/dev/null || fail "npm was not found." "Install Node.js $NODE_MAJOR_MIN or newer (it brings npm): https://nodejs.org"
  local major
  major="$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')"
  [[ "${major:-0}" -ge $NODE_MAJOR_MIN ]] ||
    fail "Node.js $NODE_MAJOR_MIN or newer is needed, found ${major:-none}." "Install it from https://nodejs.org"

  say "installing npm packages (about 600 MB, once)"
  local started=$SECONDS
  # The heartbeat shows that a slow network is slow, not stuck.
  (while sleep 10 >/dev/null 2>&1; do say "still installing, $((SECONDS - started)) s"; done) &
  heartbeat=$!
  trap 'kill "$heartbeat" 2>/dev/null' EXIT
  npm ci --no-audit --no-fund --loglevel=error ||
    fail "npm ci failed." "Its own message is above; most often the npm registry cannot be reached." "Check: npm ping"
  [[ "$(node_modules/.bin/node --version 2>/dev/null)" == v24.* ]] ||
    fail "The project's own Node 24 is missing after npm ci." \
      "Its install script did not run: is ignore-scripts set?" "Check: npm config get ignore-scripts"
  kill "$heartbeat"
  trap - EXIT
  printf '%s' "$wanted" >"$STAMP"
  say "packages installed in $((SECONDS - started)) s"
}

find_browser() {
  if [[ -n "${CHROMIUM_PATH:-}" ]]; then
    [[ -x "$CHROMIUM_PATH" ]] || fail "CHROMIUM_PATH points to $CHROMIUM_PATH, which cannot be run."
    return 0
  fi
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null; then return 0; fi
  done
  [[ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]]
}

install_browser() {
  if find_browser; then return; fi
  if [[ $EUID -ne 0 ]] || ! command -v apt-get >/dev/null; then
    fail "The browser tests need Chromium or Chrome, and none was found." \
      "Debian, Ubuntu: sudo apt-get install chromium" \
      "macOS:          brew install --cask google-chrome" \
      "Elsewhere:      set CHROMIUM_PATH to its path"
  fi
  say "installing Chromium with apt-get"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null ||
    fail "Chromium could not be installed." "Try: apt-get update && apt-get install chromium" \
      "or set CHROMIUM_PATH to the path of a Chromium or Chrome"
  say "Chromium installed"
}

install_packages
if [[ "${1:-}" == "--browser" ]]; then install_browser; fi
