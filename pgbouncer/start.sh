#!/bin/sh
# Writes the settings that depend on the deployment, then runs PgBouncer.
#   DATABASE_HOST  DATABASE_PORT (5432)  DATABASE_NAME (* = whatever the client asks for)
#   DATABASE_USER  DATABASE_PASSWORD (plain; SCRAM needs it)
set -eu
umask 077
: "${DATABASE_HOST:?is not set}" "${DATABASE_NAME:?is not set}"
: "${DATABASE_USER:?is not set}" "${DATABASE_PASSWORD:?is not set}"

run=/run/pgbouncer
quoted() { printf '%s' "$1" | sed 's/"/""/g'; }

printf '"%s" "%s"\n' "$(quoted "$DATABASE_USER")" "$(quoted "$DATABASE_PASSWORD")" >"$run/userlist.txt"
# Included inside [pgbouncer], because opening that section a second time would reset it to the defaults.
# stats_users: `npm run doctor` may run SHOW CONFIG and SHOW POOLS, and change nothing.
cat >"$run/deployment.ini" <<INI
stats_users = $DATABASE_USER
[databases]
$DATABASE_NAME = host=$DATABASE_HOST port=${DATABASE_PORT:-5432}
INI
exec pgbouncer /pgbouncer/pgbouncer.ini
