#!/bin/sh
# Runs a command with a name server that never responds, in network and mount namespaces of its own.
exec unshare -n -m sh -c '
  ip link set lo up
  conf=$(mktemp)
  printf "nameserver 127.0.0.53\noptions timeout:10 attempts:2\n" >"$conf"
  mount --bind "$conf" /etc/resolv.conf
  node=$1; shift
  "$node" -e "require(\"node:dgram\").createSocket(\"udp4\").bind(53, \"127.0.0.53\", () => console.log(\"ready\"))" >"$conf.ready" &
  server=$!
  while ! grep -q ready "$conf.ready" 2>/dev/null; do sleep 0.05; done
  # In the background a command ignores SIGINT, so the shell waits for it in the foreground.
  "$@"; status=$?
  kill "$server"; rm -f "$conf" "$conf.ready"
  exit "$status"' sh "$@"
