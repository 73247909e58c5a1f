-- Makes "scans_partitioned" after "scans": the same columns, checks, rights and indexes, in "parts" hash partitions by user.
-- A partition's index has the name of the table's and its number. Until "replace_scans" those of the table end in `_new`.
CREATE FUNCTION make_partitioned_scans(parts int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  one record;
  part text;
BEGIN
  EXECUTE 'CREATE TABLE scans_partitioned (LIKE scans INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE) PARTITION BY HASH (user_id)';
  FOR one IN
    SELECT DISTINCT a.grantee::regrole AS grantee FROM pg_class c, aclexplode(c.relacl) AS a
    WHERE c.oid = 'scans'::regclass AND a.grantee <> 0 AND a.grantee <> c.relowner
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON scans_partitioned TO %s', one.grantee);
  END LOOP;
  FOR n IN 0 .. parts - 1 LOOP
    EXECUTE format('CREATE TABLE scans_p%s PARTITION OF scans_partitioned FOR VALUES WITH (MODULUS %s, REMAINDER %s)',
      lpad(n::text, 2, '0'), parts, n);
  END LOOP;
  FOR one IN
    SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition, pg_get_constraintdef(k.oid) AS key
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype = 'p'
    WHERE i.indrelid = 'scans'::regclass AND i.indisvalid
  LOOP
    -- First those of the partitions, which the table's then takes as its own.
    FOR n IN 0 .. parts LOOP
      part := CASE WHEN n < parts THEN '_p' || lpad(n::text, 2, '0') ELSE '_new' END;
      IF one.key IS NOT NULL THEN
        EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I %s',
          CASE WHEN n < parts THEN 'scans' || part ELSE 'scans_partitioned' END, one.name || part, one.key);
      ELSE
        EXECUTE regexp_replace(one.definition, '^(CREATE (?:UNIQUE )?INDEX) \S+ ON \S+ ', format('\1 %I ON %I ',
          one.name || part, CASE WHEN n < parts THEN 'scans' || part ELSE 'scans_partitioned' END));
      END IF;
    END LOOP;
  END LOOP;
END $$;
--> statement-breakpoint
-- Puts "scans_partitioned" in the place of "scans", which is dropped: what users erase from then on must lie nowhere else.
CREATE FUNCTION replace_scans() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  one record;
BEGIN
  EXECUTE 'LOCK TABLE scans IN ACCESS EXCLUSIVE MODE';
  EXECUTE 'DROP TABLE scans';
  EXECUTE 'ALTER TABLE scans_partitioned RENAME TO scans';
  FOR one IN
    SELECT c.relname AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = 'scans'::regclass AND c.relname LIKE '%\_new'
  LOOP
    EXECUTE format('ALTER INDEX %I RENAME TO %I', one.name, left(one.name, -4));
  END LOOP;
END $$;
--> statement-breakpoint
-- A new deployment has partitions from the start; others get them by `npm run scans:partition`. The embedded database has
-- one process and no need of them, and would open several hundred files more.
DO $$
BEGIN
  IF version() ~ 'emcc|wasm' OR EXISTS (SELECT FROM scans) THEN
    RETURN;
  END IF;
  LOCK TABLE scans IN ACCESS EXCLUSIVE MODE;
  IF NOT EXISTS (SELECT FROM scans) THEN
    PERFORM make_partitioned_scans(64);
    PERFORM replace_scans();
  END IF;
END $$;
