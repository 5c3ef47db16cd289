#!/bin/sh
# Installs eks-get-token {{version}} for this user, after checking its SHA-256.
#
#   sh install.sh [--front | --front-alone] [directory]      default: $HOME/.local/bin
#
# With --front, on Linux, eks-get-token is the small front, which starts faster, and the executable is beside it as
# eks-get-token-full; with --front-alone it is the front only, which needs no C library.
set -eu

version='{{version}}'
base_url="${EKS_GET_TOKEN_BASE_URL:-{{baseUrl}}}"

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

front=''
case "${1:-}" in
  --front | --front-alone)
    front=$1
    shift
    ;;
  -*) fail "unknown option $1; use --front or --front-alone" ;;
esac
directory="${1:-$HOME/.local/bin}"

case "$(uname -s)" in
  Linux) system=linux ;;
  Darwin) system=darwin ;;
  *) fail "no executable for $(uname -s); install the npm package with Node 20 or later" ;;
esac
case "$(uname -m)" in
  x86_64 | amd64) machine=x64 ;;
  aarch64 | arm64) machine=arm64 ;;
  *) fail "no executable for $(uname -m); install the npm package with Node 20 or later" ;;
esac
libc=''
if [ "$system" = linux ] && ls /lib/ld-musl-* >/dev/null 2>&1 && ! ls /lib*/ld-linux* >/dev/null 2>&1; then
  libc='-musl'
fi
case "$system-$machine$libc" in
  linux-x64) sum='{{sha256:linux-x64}}' ;;
  linux-x64-musl) sum='{{sha256:linux-x64-musl}}' ;;
  linux-arm64) sum='{{sha256:linux-arm64}}' ;;
  linux-arm64-musl) sum='{{sha256:linux-arm64-musl}}' ;;
  darwin-x64) sum='{{sha256:darwin-x64}}' ;;
  darwin-arm64) sum='{{sha256:darwin-arm64}}' ;;
esac
# The front is the same for each C library.
case "$front:$system-$machine" in
  :*) ;;
  *:linux-x64) front_sum='{{sha256:front-linux-x64}}' ;;
  *:linux-arm64) front_sum='{{sha256:front-linux-arm64}}' ;;
  *) fail "no front for $system; install without $front" ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
# fetch PLATFORM SHA256: unpacks its archive into $work/PLATFORM
fetch() {
  archive="eks-get-token-$version-$1.tar.gz"
  if command -v curl >/dev/null 2>&1; then
    curl -fsSL -o "$work/$archive" "$base_url/$archive" || fail "$base_url/$archive cannot be downloaded"
  elif command -v wget >/dev/null 2>&1; then
    wget -q -O "$work/$archive" "$base_url/$archive" || fail "$base_url/$archive cannot be downloaded"
  else
    fail 'curl or wget is needed'
  fi
  if command -v sha256sum >/dev/null 2>&1; then
    found=$(sha256sum "$work/$archive" | cut -d ' ' -f 1)
  else
    found=$(shasum -a 256 "$work/$archive" | cut -d ' ' -f 1)
  fi
  [ "$found" = "$2" ] || fail "the SHA-256 of $archive is $found, not $2; nothing was installed"
  mkdir "$work/$1"
  tar -xzf "$work/$archive" -C "$work/$1"
}

# put PLATFORM NAME: moved into place as a whole, because a kubeconfig may be using the program
put() {
  cp "$work/$1/eks-get-token" "$directory/.eks-get-token.$$"
  chmod 755 "$directory/.eks-get-token.$$"
  mv -f "$directory/.eks-get-token.$$" "$directory/$2"
}

executable="$system-$machine$libc"
[ "$front" = --front-alone ] || fetch "$executable" "$sum"
[ -z "$front" ] || fetch "front-$system-$machine" "$front_sum"
mkdir -p "$directory"
case "$front" in
  '') put "$executable" eks-get-token ;;
  --front)
    put "$executable" eks-get-token-full
    put "front-$system-$machine" eks-get-token
    ;;
  --front-alone) put "front-$system-$machine" eks-get-token ;;
esac
echo "eks-get-token $version is installed in $directory"
case ":$PATH:" in
  *":$directory:"*) ;;
  *) echo "add it to your PATH: export PATH=\"$directory:\$PATH\"" ;;
esac
