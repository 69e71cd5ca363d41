# Shared by ./quickstart and ./test: what must be installed, and how. Sourced, not run.

BUILD_PACKAGES="cmake ninja-build clang-19 lld-19 llvm-19-dev flex bison pkg-config gcc libc6-dev
  libstdc++-12-dev libzstd-dev zlib1g-dev libxxhash-dev libjansson-dev libpcre2-dev libutf8proc-dev nettle-dev libbrotli-dev tzdata"
TEST_PACKAGES="libcmocka-dev libclang-rt-19-dev clang-format-19 python3 python3-venv openjdk-17-jre-headless"

say() {
  printf '%s\n' "== $*"
}

is_installed() {
  dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'install ok installed'
}

# install_packages NAME…: installs what is missing from Debian, or says what is missing and how to get it.
install_packages() {
  local missing="" package
  for package in "$@"; do
    is_installed "$package" || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  local as_root=""
  if [ "$(id -u)" != 0 ]; then
    as_root=sudo
    if ! command -v sudo >/dev/null; then
      echo "missing packages:$missing" >&2
      echo "run as root: apt-get install$missing" >&2
      exit 1
    fi
  fi
  say "installing$missing"
  export DEBIAN_FRONTEND=noninteractive
  $as_root apt-get update -q >/dev/null
  # shellcheck disable=SC2086
  $as_root apt-get install -y -q --no-install-recommends $missing >/dev/null
}

# build_preset NAME: configures and builds one of CMakePresets.json.
build_preset() {
  say "building ($1)"
  cmake --preset "$1" >/dev/null
  cmake --build --preset "$1" -- --quiet
}
