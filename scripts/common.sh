# What the scripts share; sourced, not run.

# One clear line, and the exit code of the command for something that is not there.
unavailable() {
  echo "$(basename "$0"): $1" >&2
  exit 69
}

# Says that something cannot be tested on this machine, and why. What is left out is collected in the file that
# LOCKSTEP_NOT_TESTED names, where it names one.
not_tested() {
  echo "NOT TESTED: $1: $2"
  [ -z "${LOCKSTEP_NOT_TESTED:-}" ] || echo "$1: $2" >>"$LOCKSTEP_NOT_TESTED"
}

# Lists what was left out: each thing once, in the order of what happened.
list_not_tested() {
  local all
  mapfile -t all < <(awk '!seen[$0]++' "$LOCKSTEP_NOT_TESTED")
  if [ ${#all[@]} -eq 0 ]; then echo "0 skipped"; else printf '%s\n' "${#all[@]} skipped:" "${all[@]/#/  }"; fi
}

# Checks that Swift is there, and installs the Debian packages that are missing.
install_dependencies() {
  command -v swift >/dev/null ||
    unavailable "swift is not installed; install Swift 6.2 or newer for Debian 12 from https://www.swift.org/install/linux/"
  install_packages libopenmpi-dev openmpi-bin libssl-dev zlib1g-dev libsnappy-dev libzstd-dev liblz4-dev \
    libbrotli-dev libsqlite3-dev libpq-dev libhdf5-dev libjpeg62-turbo-dev libpng-dev libsentencepiece-dev \
    libsndfile1-dev pkg-config dataset-fashion-mnist jargon-text "$@"
}

# Installs those of the named Debian packages that are missing.
install_packages() {
  local missing=() package run_as_root=()
  command -v dpkg-query >/dev/null ||
    unavailable "this is no Debian system; install the equivalents of $* (and build with swift build -c release)"
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      unavailable "${missing[*]} missing, and neither root nor sudo is at hand; run as root: apt-get install ${missing[*]}"
    run_as_root=(sudo)
  fi
  echo "installing ${missing[*]}"
  local log
  log=$(mktemp)
  if ! { "${run_as_root[@]}" apt-get update && "${run_as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    unavailable "apt-get could not install ${missing[*]} (whole log: $log); check the network and /etc/apt/sources.list"
  fi
  rm -f "$log"
}

# Makes a virtual environment below ~/.cache/lockstep, once, of what the other arguments have pip install; its folder is left in
# $environment.
#   virtual_environment mlflow-1 'mlflow-skinny==3.*'
virtual_environment() {
  environment=${XDG_CACHE_HOME:-$HOME/.cache}/lockstep/$1
  shift
  [ ! -e "$environment/installed" ] || return 0
  python3 -c 'import ensurepip, venv' 2>/dev/null || install_packages python3-venv
  rm -rf "$environment"
  python3 -m venv "$environment" || unavailable "$environment: cannot be made a virtual environment; free some space"
  "$environment/bin/pip" install --quiet --disable-pip-version-check --retries 1 "$@" ||
    unavailable "pip could not install $*; it needs the network, once"
  touch "$environment/installed"
}

# A virtual environment with a framework that several scripts use: pytorch, jax or tensorflow; its folder is left in $environment.
# 200 to 300 MB, once.
peer_environment() {
  case $1 in
  # The build for CPUs alone: the others bring gigabytes of CUDA.
  pytorch) virtual_environment pytorch-2.13.0 --extra-index-url https://download.pytorch.org/whl/cpu torch==2.13.0+cpu \
    numpy==2.3.5 safetensors==0.7.0 packaging ;;
  jax) virtual_environment jax-0.10.2 jax==0.10.2 numpy ;;
  tensorflow) virtual_environment tensorflow-2.21.0 tensorflow-cpu==2.21.0 numpy ;;
  *) echo "peer_environment: expected pytorch, jax or tensorflow, found $1" >&2 && exit 64 ;;
  esac
}

# unpack_wheel PACKAGE FOLDER: what PyPI has of a package, and nothing that it asks for, unpacked.
unpack_wheel() {
  local download
  download=$(mktemp -d)
  python3 -m venv "$download/venv"
  "$download/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --dest "$download" "$1" ||
    unavailable "pip could not download $1; it needs the network, once"
  python3 -m zipfile -e "$download"/*.whl "$2"
  rm -rf "$download"
}

# Leaves the program in $lockstep: the one that LOCKSTEP names, or else the release build, which is made where there is none.
find_program() {
  if [ -n "${LOCKSTEP:-}" ]; then
    lockstep=$(realpath -e "$LOCKSTEP") || unavailable "LOCKSTEP=$LOCKSTEP: there is no such program"
    return 0
  fi
  lockstep=$(swift build -c release --show-bin-path)/lockstep
  [ -x "$lockstep" ] || swift build -c release --product lockstep
}

# Milliseconds as seconds, for sleep.
seconds() { printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)); }

# How many lines of metrics a run directory has by now.
metrics_lines() { cat "$1/metrics.jsonl" 2>/dev/null | wc -l; }

# mpirun with what this machine needs: root is root in containers, and fewer cores than ranks are no mistake.
mpi_run() {
  local ranks=$1 options=()
  shift
  [ "$(id -u)" -eq 0 ] && options+=(--allow-run-as-root)
  [ "$(nproc)" -lt "$ranks" ] && options+=(--oversubscribe)
  mpirun "${options[@]}" -np "$ranks" "$@"
}
