#!/bin/sh
# netns.sh COMMAND [ARGUMENT...]
#
# Runs a command where there is no network but loopback, and loopback also has the fixed addresses of ECS
# (169.254.170.2), EKS Pod Identity (169.254.170.23, fd00:ec2::23) and EC2 (169.254.169.254). Linux only; root, or a
# kernel that lets users have namespaces.
set -eu

if [ "$(id -u)" -eq 0 ]; then as_root=''; else as_root='--map-root-user'; fi

# shellcheck disable=SC2016,SC2086 # expanded by the inner shell; one option or none
exec unshare --net $as_root sh -euc '
  ip link set lo up
  for address in 169.254.170.2 169.254.170.23 169.254.169.254; do
    ip address add "$address/32" dev lo
  done
  # nodad: the address is to be there at once, not after a search for others that have it
  ip -6 address add fd00:ec2::23/128 dev lo nodad
  exec "$@"
' sh "$@"
