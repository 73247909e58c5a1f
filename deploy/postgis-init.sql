-- Runs once, as the superuser, when the data directory is created.
\getenv app_password APP_DATABASE_PASSWORD
\getenv owner_password OWNER_DATABASE_PASSWORD

-- The role of migrations and imports, which owns the tables.
CREATE ROLE halal_owner LOGIN PASSWORD :'owner_password';
-- The doctor reads the age of other roles' transactions with this role.
GRANT pg_read_all_stats TO halal_owner;

-- The role of every instance. It owns nothing: each migration grants it rights on the rows of its tables only.
-- PgBouncer refuses these settings at connection start, so they belong to the role.
CREATE ROLE app LOGIN PASSWORD :'app_password';
ALTER ROLE app SET statement_timeout = '5s';
ALTER ROLE app SET lock_timeout = '2s';
ALTER ROLE app SET idle_in_transaction_session_timeout = '10s';

-- The database's owner may create the trusted extensions (pg_trgm, unaccent, btree_gist); postgis is not trusted.
ALTER DATABASE :"DBNAME" OWNER TO halal_owner;
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;

-- The image adds these extensions and their schemas to the search path; this project does not use them.
DROP EXTENSION IF EXISTS postgis_tiger_geocoder, postgis_topology, fuzzystrmatch;
DROP SCHEMA IF EXISTS tiger, tiger_data, topology;
ALTER DATABASE :"DBNAME" RESET search_path;
