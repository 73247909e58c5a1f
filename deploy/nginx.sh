#!/bin/sh
# Runs nginx and reloads it, without dropping a request, when instances come, go or change address.
set -eu

addresses() { getent ahostsv4 api | cut -d' ' -f1 | sort -u | tr '\n' ' '; }

known=$(addresses)
while [ -z "$known" ]; do
  sleep 1
  known=$(addresses)
done

(
  while sleep 1; do
    found=$(addresses)
    # Nothing found: the old addresses are as good as none, and nginx would refuse the reload.
    if [ -n "$found" ] && [ "$found" != "$known" ] && nginx -s reload; then
      echo "instances: $found"
      known=$found
    fi
  done
) &

exec nginx -g 'daemon off;'
