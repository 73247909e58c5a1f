#!/bin/sh
# Runs nginx, and reloads it without dropping requests when the addresses of the instances change.
set -eu

addresses() { getent ahostsv4 api | cut -d' ' -f1 | sort -u | tr '\n' ' '; }

# What a map of nginx's needs to know the origins of CORS_ORIGINS by, in the instances' own reading of them.
cors_map() {
  printf %s "${CORS_ORIGINS:-}" | tr ', ' '\n\n' | tr '[:upper:]' '[:lower:]' |
    sed -E 's#/$##; s#^(https://.*):443$#\1#; s#^(http://.*):80$#\1#' |
    while read -r origin || [ -n "$origin" ]; do
      case "$origin" in
        '*') echo '"~." "*";' ;;
        *[!a-z0-9.:/*-]* | '') ;;
        *://\*.*)
          pattern=$(printf %s "${origin#*://\*.}" | sed 's/\./\\./g')
          echo "\"~^${origin%%://*}://[a-z0-9-]+\\.$pattern\$\" \$http_origin;"
          ;;
        *) echo "\"$origin\" \"$origin\";" ;;
      esac
    done
}
cors_map >/tmp/cors-origins.map
if [ -s /tmp/cors-origins.map ]; then
  echo '400 "*"; 408 "*"; 414 "*"; 431 "*";' >/tmp/cors-unread.map
fi

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
