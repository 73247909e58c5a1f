import {
  type Block,
  blocksOf,
  field,
  findAll,
  items,
  nameParts,
  type NamedTable,
  withInner,
} from "./statement-blocks.ts";

/** The tables of the database, by where a distributed one would have them. */
export interface Tables {
  /** All users' tables: those with a `user_id`. */
  readonly users: ReadonlySet<string>;
  /** Those of them that would be distributed by user. */
  readonly distributed: ReadonlySet<string>;
  /** Every table of ours. */
  readonly all: ReadonlySet<string>;
}

/** The names and values that stand for the user in a statement. */
export interface Owner {
  /** Of a function: the names of its parameter. */
  readonly names?: readonly string[];
  /** Other variables of the function, which are no columns. */
  readonly variables?: readonly string[];
  /** Of a statement: the values of its parameters, and the caller's id. */
  readonly values?: readonly unknown[];
  readonly userId?: string;
}

/** A rule that a statement breaks; the rules are those of docs/decisions/0012-users-tables.md. */
export interface Breach {
  readonly rule: "S1" | "S2" | "S3" | "S4" | "S5" | "S6" | "S7";
  readonly table: string;
  readonly text: string;
}

/** An expression without its casts. */
function bare(expression: unknown): unknown {
  const cast = field(expression, "TypeCast");
  return cast["arg"] === undefined ? expression : bare(cast["arg"]);
}

const columnOf = (expression: unknown): string[] =>
  nameParts(items(field(bare(expression), "ColumnRef"), "fields"));

/** Whether an expression is the user's id; of a parameter the value counts, too. */
function isOwner(expression: unknown, owner: Owner): "yes" | "no" | "another user" {
  const { number } = field(bare(expression), "ParamRef");
  if (typeof number === "number") {
    const value = owner.values?.[number - 1];
    return owner.userId === undefined || value === owner.userId ? "yes" : "another user";
  }
  return owner.names?.includes(columnOf(expression).join(".")) === true ? "yes" : "no";
}

/** How a mention of a users' table is tied to the user. */
function tieOf(block: Block, { alias }: NamedTable, owner: Owner): "yes" | "no" | "another user" {
  let found: "no" | "another user" = "no";
  for (const condition of block.conditions) {
    const { name, kind, lexpr, rexpr } = field(condition, "A_Expr");
    if (kind !== "AEXPR_OP" || nameParts(Array.isArray(name) ? name : []).join() !== "=") continue;
    for (const [one, other] of [
      [lexpr, rexpr],
      [rexpr, lexpr],
    ]) {
      const column = columnOf(one);
      const isIts = column.length === 1 || column[0] === alias;
      if (!isIts || column.at(-1) !== "user_id") continue;
      const tie = isOwner(other, owner);
      if (tie === "yes") return tie;
      if (tie === "another user") found = tie;
    }
  }
  return found;
}

/** How the rows that an INSERT adds are tied to the user. */
function tieOfInserted({ node }: Block, owner: Owner): "yes" | "no" | "another user" {
  const names = items(node, "cols").map((one) => field(one, "ResTarget")["name"]);
  const place = names.indexOf("user_id");
  const source = field(field(node, "selectStmt"), "SelectStmt");
  const lists = items(source, "valuesLists").map((one) => items(field(one, "List"), "items"));
  const rows =
    lists.length > 0
      ? lists
      : [items(source, "targetList").map((one) => field(one, "ResTarget")["val"])];
  const ties = place < 0 ? [] : rows.map((row) => isOwner(row[place], owner));
  return ties.find((tie) => tie !== "yes") ?? (ties.length > 0 ? "yes" : "no");
}

function assignedColumns({ kind, node }: Block): unknown[] {
  const list =
    kind === "InsertStmt"
      ? items(field(node, "onConflictClause"), "targetList")
      : kind === "UpdateStmt"
        ? items(node, "targetList")
        : [];
  return list.map((one) => field(one, "ResTarget")["name"]);
}

/** Whether a mention lies in a block of users' tables only that no planner merges with what is around it. */
function isApart(block: Block, isOther: (table: string) => boolean): boolean {
  for (let one: Block | null = block; one !== null; one = one.parent) {
    const named = withInner(one).flatMap(({ tables }) => tables.map(({ table }) => table));
    if (named.some(isOther)) return false;
    if (one.isFenced) return true;
  }
  return false;
}

const isInterval = (expression: unknown): boolean =>
  nameParts(items(field(field(expression, "TypeCast"), "typeName"), "names")).at(-1) ===
    "interval" ||
  nameParts(items(field(expression, "FuncCall"), "funcname")).at(-1) === "make_interval";

/** Sums of an interval and something that has a column. */
function timesOfColumns(root: Block, { names = [], variables = [] }: Owner): boolean {
  const known = new Set([...names, ...variables]);
  return findAll(root.node, "A_Expr").some(({ name, lexpr, rexpr }) => {
    const operator = nameParts(Array.isArray(name) ? name : []).join();
    const other = isInterval(rexpr) ? lexpr : isInterval(lexpr) ? rexpr : undefined;
    if (!["+", "-"].includes(operator) || other === undefined) return false;
    return findAll(other, "ColumnRef").some(
      (column) => !known.has(nameParts(items(column, "fields")).join(".")),
    );
  });
}

/** Finds what a statement breaks. Source: `design/scale.md`, the rules by the statements. */
export function breachesOf(parsed: unknown, tables: Tables, owner: Owner): Breach[] {
  return blocksOf(parsed).flatMap((root) => breachesOfRoot(root, tables, owner));
}

function breachesOfRoot(root: Block, tables: Tables, owner: Owner): Breach[] {
  const blocks = withInner(root);
  const named = blocks.flatMap((block) => block.tables.map((one) => ({ block, ...one })));
  const ours = named.filter(({ table }) => tables.users.has(table));
  const isDistributed = (table: string) => tables.distributed.has(table);
  const isOther = (table: string) => tables.all.has(table) && !isDistributed(table);
  const distributed = named.filter(({ table }) => isDistributed(table));
  const isMixed = distributed.length > 0 && named.some(({ table }) => isOther(table));
  const isWrite = blocks.some(({ kind }) => kind !== "SelectStmt");
  const breaches: Breach[] = [];
  const report = (rule: Breach["rule"], table: string, text: string) =>
    breaches.push({ rule, table, text });

  for (const { block, ...one } of ours) {
    const isInserted = one.isTarget && block.kind === "InsertStmt";
    const tie = isInserted ? tieOfInserted(block, owner) : tieOf(block, one, owner);
    if (tie === "no") report("S1", one.table, `${one.alias} is not tied to one user`);
    if (tie === "another user") report("S7", one.table, `${one.alias} is another user's`);
    if (one.isTarget && assignedColumns(block).includes("user_id"))
      report("S1", one.table, "the owner of a row is changed");
  }
  for (const { block, table, isTarget } of isMixed ? distributed : [])
    if (isTarget || !isApart(block, isOther))
      report("S2", table, "beside a table of the catalogue, and not in a block of its own");
  for (const { isLateral, node } of isMixed ? blocks : [])
    if (isLateral && node["withClause"] !== undefined)
      report("S3", "", "a lateral subquery has a WITH");
  const isLocking = blocks.some(({ calls }) =>
    calls.some(({ name }) => /^pg_(?:try_)?advisory/.test(name)),
  );
  if (isLocking && (named.length > 0 || isWrite))
    report("S4", "", "the lock is no statement of its own");
  for (const block of distributed.length > 0 ? blocks : []) {
    let isInsideCte = false;
    for (let one = block.parent; one !== null; one = one.parent) isInsideCte ||= one.isCte;
    if (block.node["lockingClause"] !== undefined && (block.isCte || !isInsideCte))
      report("S5", "", "rows are locked outside a subquery of a CTE");
  }
  if (isWrite && distributed.length > 0 && timesOfColumns(root, owner))
    report("S6", "", "a write computes a time from a column and an interval");
  return breaches;
}
