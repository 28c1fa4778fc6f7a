#!/bin/sh
# Runs run.ts on a machine of another name and id, for the cluster says both, and recordings are shown to others. Needs root.
exec unshare --uts --mount sh -ec '
  hostname control-1
  id=$(mktemp)
  echo 00000000000000000000000000000001 >"$id"
  mount --bind "$id" /etc/machine-id
  rm "$id"
  exec node "$@"
' sh "$(dirname "$0")/run.ts" "$@"
