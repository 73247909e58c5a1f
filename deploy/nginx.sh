#!/bin/sh
# Runs nginx, and reloads it without dropping requests when the addresses of the instances change.
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
    # Without any address nginx would refuse to reload, and the old addresses are no worse.
    if [ -n "$found" ] && [ "$found" != "$known" ] && nginx -s reload; then
      echo "instances: $found"
      known=$found
    fi
  done
) &

exec nginx -g 'daemon off;'
