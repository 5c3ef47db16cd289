#!/bin/sh
# Installs eks-get-token {{version}} for this user, after checking its SHA-256.
#
#   sh install.sh [directory]      default: $HOME/.local/bin
set -eu

version='{{version}}'
base_url="${EKS_GET_TOKEN_BASE_URL:-{{baseUrl}}}"
directory="${1:-$HOME/.local/bin}"

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

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

archive="eks-get-token-$version-$system-$machine$libc.tar.gz"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
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
[ "$found" = "$sum" ] || fail "the SHA-256 of $archive is $found, not $sum; nothing was installed"

tar -xzf "$work/$archive" -C "$work"
mkdir -p "$directory"
# Moved into place as a whole: a kubeconfig may be using the program.
cp "$work/eks-get-token" "$directory/.eks-get-token.$$"
chmod 755 "$directory/.eks-get-token.$$"
mv -f "$directory/.eks-get-token.$$" "$directory/eks-get-token"
echo "eks-get-token $version is installed in $directory"
case ":$PATH:" in
  *":$directory:"*) ;;
  *) echo "add it to your PATH: export PATH=\"$directory:\$PATH\"" ;;
esac
