-- Runs once, as the superuser, when the data directory is made.
\getenv app_password APP_DATABASE_PASSWORD
\getenv owner_password OWNER_DATABASE_PASSWORD

-- The role of migrations and imports: the tables are its own.
CREATE ROLE halal_owner LOGIN PASSWORD :'owner_password';
-- The doctor asks as this role how old others' transactions are.
GRANT pg_read_all_stats TO halal_owner;

-- The role of every instance. It owns nothing: each migration grants it the rows of what it makes, and no more.
-- PgBouncer refuses these settings at connection start, so they belong to the role.
CREATE ROLE app LOGIN PASSWORD :'app_password';
ALTER ROLE app SET statement_timeout = '5s';
ALTER ROLE app SET lock_timeout = '2s';
ALTER ROLE app SET idle_in_transaction_session_timeout = '10s';

-- Its owner may create the trusted extensions (pg_trgm, unaccent, btree_gist); postgis is not trusted.
ALTER DATABASE :"DBNAME" OWNER TO halal_owner;
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;

-- The image adds these and puts their schemas on the search path; nothing here uses them.
DROP EXTENSION IF EXISTS postgis_tiger_geocoder, postgis_topology, fuzzystrmatch;
DROP SCHEMA IF EXISTS tiger, tiger_data, topology;
ALTER DATABASE :"DBNAME" RESET search_path;
