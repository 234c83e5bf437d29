-- All that is dropped is back where what follows fails, or ends before its COMMIT.
BEGIN;
-- A process that keeps a table locked is not waited for until somebody loses patience.
SET LOCAL lock_timeout = '60s';
SET LOCAL client_min_messages = warning;
DO $$
DECLARE
  drops text[];
  one text;
BEGIN
  -- Extensions first: what they brought cannot be dropped without them.
  SELECT array_agg(format('DROP %s IF EXISTS %s CASCADE', o.type, o.identity)
                   ORDER BY o.type <> 'extension', o.type <> 'schema')
  INTO drops
  FROM pg_shdepend d, pg_identify_object(d.classid, d.objid, 0) o
  WHERE d.deptype = 'o'
    AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND d.refclassid = 'pg_authid'::regclass
    AND d.refobjid = current_user::regrole
    -- What another object has made for itself goes with it alone: an identity column's sequence.
    AND NOT EXISTS (SELECT FROM pg_depend i
                    WHERE i.classid = d.classid AND i.objid = d.objid AND i.deptype = 'i'
                      AND i.refobjid <> i.objid)
    -- All that a dump makes anew and no table takes along. An operator class is a superuser's.
    AND d.classid IN ('pg_class'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass,
                      'pg_namespace'::regclass, 'pg_extension'::regclass,
                      'pg_collation'::regclass, 'pg_conversion'::regclass,
                      'pg_foreign_server'::regclass, 'pg_operator'::regclass,
                      'pg_publication'::regclass, 'pg_ts_config'::regclass,
                      'pg_ts_dict'::regclass);
  FOREACH one IN ARRAY coalesce(drops, '{}') LOOP
    EXECUTE one;
  END LOOP;
  PERFORM lo_unlink(oid) FROM pg_largeobject_metadata WHERE lomowner = current_user::regrole;
END
$$;
