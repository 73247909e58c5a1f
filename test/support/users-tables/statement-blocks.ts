/** A node of libpg-query's JSON. */
export type Node = Readonly<Record<string, unknown>>;

/** A table that a query block names. */
export interface NamedTable {
  readonly table: string;
  readonly alias: string;
  /** True for the table that the block writes. */
  readonly isTarget: boolean;
}

/** A query block: one SELECT, INSERT, UPDATE or DELETE without those inside it. */
export interface Block {
  readonly kind: "SelectStmt" | "InsertStmt" | "UpdateStmt" | "DeleteStmt";
  readonly node: Node;
  readonly parent: Block | null;
  readonly isCte: boolean;
  readonly isLateral: boolean;
  /** True when a planner cannot merge the block into the one around it. */
  readonly isFenced: boolean;
  readonly tables: NamedTable[];
  /** The conditions of WHERE and ON, all of which must hold. */
  readonly conditions: Node[];
  readonly calls: { readonly name: string; readonly parameters: readonly unknown[] }[];
  readonly children: Block[];
}

const KINDS = ["SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt"] as const;

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A node's field, as a node; empty when there is none. */
export function field(node: unknown, name: string): Node {
  const value = isNode(node) ? node[name] : undefined;
  return isNode(value) ? value : {};
}

/** A node's field, as a list. */
export function items(node: unknown, name: string): readonly unknown[] {
  const value = isNode(node) ? node[name] : undefined;
  return Array.isArray(value) ? (value as unknown[]) : [];
}

const textOf = (value: unknown, otherwise: string): string =>
  typeof value === "string" ? value : otherwise;

/** The parts of a name. */
export function nameParts(list: readonly unknown[]): string[] {
  return list.map((one) => textOf(field(one, "String")["sval"], "*"));
}

/** Conditions that a conjunction is made of. */
function conjuncts(condition: unknown): Node[] {
  const all = field(condition, "BoolExpr");
  if (all["boolop"] === "AND_EXPR") return items(all, "args").flatMap(conjuncts);
  return isNode(condition) ? [condition] : [];
}

interface Place {
  readonly parent: Block | null;
  readonly ctes: ReadonlySet<string>;
  readonly isCte?: boolean;
  readonly isLateral?: boolean;
  readonly isFenced?: boolean;
}

function readBlock(kind: Block["kind"], node: Node, place: Place): Block {
  const isLimited = node["limitCount"] !== undefined || node["limitOffset"] !== undefined;
  const block: Block = {
    kind,
    node,
    parent: place.parent,
    isCte: place.isCte === true,
    isLateral: place.isLateral === true,
    isFenced: isLimited || place.isFenced === true,
    tables: [],
    conditions: conjuncts(node["whereClause"]),
    calls: [],
    children: [],
  };
  const ctes = new Set(place.ctes);
  const { withClause, relation, larg, rarg, ...rest } = node;
  for (const one of items(withClause, "ctes")) {
    const cte = field(one, "CommonTableExpr");
    if (isNode(withClause) && withClause["recursive"] === true) ctes.add(String(cte["ctename"]));
    const isFenced = cte["ctematerialized"] === "CTEMaterializeAlways";
    visit(cte["ctequery"], block, { ctes, isCte: true, isFenced });
    ctes.add(String(cte["ctename"]));
  }
  if (isNode(relation)) addTable(relation, block, new Set(), true);
  for (const side of [larg, rarg])
    if (isNode(side)) block.children.push(readBlock("SelectStmt", side, { parent: block, ctes }));
  visit(rest, block, { ctes });
  return block;
}

function addTable(range: Node, block: Block, ctes: ReadonlySet<string>, isTarget: boolean): void {
  const table = String(range["relname"]);
  if (ctes.has(table) && range["schemaname"] === undefined) return;
  const alias = textOf(field(range, "alias")["aliasname"], table);
  block.tables.push({ table, alias, isTarget });
}

function visit(value: unknown, block: Block, place: Omit<Place, "parent">): void {
  if (Array.isArray(value)) {
    for (const one of value) visit(one, block, place);
    return;
  }
  if (!isNode(value)) return;
  for (const [key, inner] of Object.entries(value)) {
    const kind = KINDS.find((one) => one === key);
    if (kind !== undefined && isNode(inner)) {
      block.children.push(readBlock(kind, inner, { ...place, parent: block }));
    } else if (key === "RangeVar" && isNode(inner)) {
      addTable(inner, block, place.ctes, false);
    } else if (key === "RangeSubselect") {
      const isLateral = field(value, key)["lateral"] === true;
      visit(field(inner, "subquery"), block, { ctes: place.ctes, isLateral });
    } else {
      if (key === "JoinExpr") block.conditions.push(...conjuncts(field(value, key)["quals"]));
      if (key === "FuncCall") {
        const name = nameParts(items(inner, "funcname")).at(-1) ?? "";
        block.calls.push({ name, parameters: items(inner, "args") });
      }
      visit(inner, block, { ctes: place.ctes });
    }
  }
}

/** The outermost blocks of a parsed text. */
export function blocksOf(parsed: unknown): Block[] {
  return items(parsed, "stmts").flatMap((one) => {
    const statement = field(one, "stmt");
    return KINDS.flatMap((kind) => {
      const node = statement[kind];
      return isNode(node) ? [readBlock(kind, node, { parent: null, ctes: new Set() })] : [];
    });
  });
}

/** A block and all inside it. */
export function withInner(block: Block): Block[] {
  return [block, ...block.children.flatMap(withInner)];
}

/** All nodes under a value that have a field of a name: the values of that field. */
export function findAll(value: unknown, name: string): Node[] {
  if (Array.isArray(value)) return value.flatMap((one) => findAll(one, name));
  if (!isNode(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === name && isNode(inner) ? [inner] : []),
    ...findAll(inner, name),
  ]);
}
