/** A column of the batch; `update` returns the SQL of its new value from the existing and the incoming row. */
export interface TargetColumn {
  readonly name: string;
  readonly type: string;
  readonly update?: (existing: string, incoming: string) => string;
  /** Returns the SQL of the value in a new row, if that differs from the file's value. */
  readonly insert?: (incoming: string) => string;
  /** True for a part of the natural key, which an update does not change. */
  readonly isKey?: boolean;
  /** True for a column that only expressions of other columns read. */
  readonly isHelper?: boolean;
}

/** The helper column with the topics that a record has values for; `said` columns read it. */
export const SAYS: TargetColumn = { name: "says", type: "text[]", isHelper: true };

/** Returns the SQL condition that a record has a value for a topic. */
export const speaksOf = (topic: string, incoming: string): string =>
  `'${topic}' = any(${incoming}.says)`;

/** Makes a column that is updated only by records with a value for its topic; the target also needs `SAYS`. */
export function said(name: string, type: string, topic = name): TargetColumn {
  return {
    name,
    type,
    update: (existing, incoming) =>
      `case when ${speaksOf(topic, incoming)} then ${incoming}.${name} else ${existing}.${name} end`,
  };
}

/** How a batch of one kind is written to its table; all texts are SQL over `import_batch s`. */
export interface Target {
  /** The namespace of keys, because another target may write the same row. */
  readonly name: string;
  readonly columns: readonly TargetColumn[];
  /** The key by which two records of a file are the same. */
  readonly keySql: string;
  /** Removes rejected rows from the batch, and returns `position, reason, detail` of each. */
  readonly refuseSql?: string;
  /** The rows that would change the table, with `is_new`. */
  readonly pendingSql: string;
  /** Common table expressions `updated` and `inserted` that write the rows of `pending`. */
  readonly writeSql: string;
}

/**
 * Makes a target that inserts rows by a natural key and updates those that differ; a second run writes nothing.
 * `match` is the condition that `t` (table) and another alias are the same row, `key` a column that is never null.
 */
export function upsertTarget(options: {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly TargetColumn[];
  readonly key: string;
  readonly keySql: string;
  readonly match: (incoming: string) => string;
  /** Which rows of the table stay as they are. */
  readonly isKept?: (existing: string) => string;
  /** Which records must not make a row. */
  readonly isUnwanted?: (incoming: string) => string;
}): Target {
  const { table, key, keySql, match, isKept = () => "false", isUnwanted = () => "false" } = options;
  const written = options.columns.filter(({ isHelper }) => isHelper !== true);
  const names = written.map(({ name }) => name).join(", ");
  const updated = written.filter(({ isKey }) => isKey !== true);
  const newValue = ({ name, update }: TargetColumn, incoming: string) =>
    update === undefined ? `${incoming}.${name}` : update("t", incoming);
  const differs = (incoming: string) =>
    `(${updated.map(({ name }) => `t.${name}`).join(", ")}) is distinct from (${updated.map((column) => newValue(column, incoming)).join(", ")})`;
  return {
    name: options.name,
    columns: options.columns,
    keySql,
    // By the index, row by row: a join would read the whole table for every batch.
    pendingSql: `
      select s.*, t.${key} is null as is_new
      from import_batch s left join lateral (select * from ${table} t where ${match("s")} limit 1) t on true
      where t.${key} is null and not (${isUnwanted("s")}) or not (${isKept("t")}) and ${differs("s")}`,
    writeSql: `
      updated as (
        update ${table} t set ${updated.map((column) => `${column.name} = ${newValue(column, "p")}`).join(", ")}
        from pending p
        where not p.is_new and ${match("p")} and not (${isKept("t")}) and ${differs("p")}
        returning 1
      ), inserted as (
        insert into ${table} (${names})
        select ${written.map(({ name, insert }) => (insert === undefined ? `p.${name}` : insert("p"))).join(", ")}
        from pending p where p.is_new order by p.position
        on conflict do nothing
        returning 1
      )`,
  };
}
