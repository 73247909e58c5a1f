import { parsePlPgSQLSync, parseSync } from "libpg-query";
import type postgres from "postgres";
import { findAll } from "./statement-blocks.ts";

/** A function of ours with the statements that it runs. */
export interface StoredFunction {
  readonly name: string;
  readonly language: string;
  readonly definition: string;
  readonly parameters: readonly string[];
  readonly variables: readonly string[];
  readonly returnsTrigger: boolean;
  /** Parsed. */
  readonly statements: readonly unknown[];
}

/** How PL/pgSQL reads the text of an expression. Source: PostgreSQL, `RawParseMode`. */
const PARSE_MODE_STATEMENT = 0;
const PARSE_MODE_EXPRESSION = 2;

function statementText(query: string, parseMode: unknown): string {
  if (parseMode === PARSE_MODE_STATEMENT) return query;
  return parseMode === PARSE_MODE_EXPRESSION
    ? `select ${query}`
    : `select ${query.slice(query.indexOf(":=") + 2)}`;
}

/** Reads the functions of the schema `public` that no extension brought. */
export async function readFunctions(sql: postgres.Sql): Promise<StoredFunction[]> {
  const rows = await sql<
    {
      name: string;
      language: string;
      definition: string;
      source: string;
      parameters: string[];
      returnsTrigger: boolean;
    }[]
  >`
    select p.proname as name, l.lanname as language, pg_get_functiondef(p.oid) as definition, p.prosrc as source,
      to_json(coalesce(p.proargnames, '{}')) as parameters, p.prorettype = 'trigger'::regtype as "returnsTrigger"
    from pg_proc p join pg_language l on l.oid = p.prolang
    where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' and l.lanname in ('sql', 'plpgsql')
      and not exists (select from pg_depend d where d.objid = p.oid and d.classid = 'pg_proc'::regclass and d.deptype = 'e')
    order by p.proname`;
  return rows.map(({ source, ...row }) => {
    if (row.language === "sql") {
      // The body of a standard function (RETURN …) is no text of its own.
      const statements = source === "" ? [] : [parseSync(source)];
      return { ...row, variables: [], statements };
    }
    const parsed = parsePlPgSQLSync(row.definition);
    const variables = findAll(parsed, "PLpgSQL_var").map(({ refname }) => String(refname));
    const statements = findAll(parsed, "PLpgSQL_expr").map(({ query, parseMode }) =>
      parseSync(statementText(String(query), parseMode)),
    );
    return { ...row, variables, statements };
  });
}
