import type { Db } from "../../../src/db/client/database.ts";

/** A statement as it was handed to the driver. */
export interface SentStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

type Unsafe = (text: string, values?: unknown[]) => unknown;

/** The client's members that drizzle uses. */
interface DrizzleClient {
  unsafe: Unsafe;
  begin: (body: (transaction: { unsafe: Unsafe }) => unknown) => unknown;
}

/** Notes every statement that goes through a client from now on, also those of transactions. */
export function noteStatements(db: Db): SentStatement[] {
  const sent: SentStatement[] = [];
  const client = (db as unknown as { $client: DrizzleClient }).$client;
  const noting =
    (unsafe: Unsafe): Unsafe =>
    (text, values = []) => {
      sent.push({ text, values });
      return unsafe(text, values);
    };
  const { begin } = client;
  client.unsafe = noting(client.unsafe);
  client.begin = (body) =>
    begin((transaction) =>
      body({ ...transaction, unsafe: noting((text, values) => transaction.unsafe(text, values)) }),
    );
  return sent;
}
