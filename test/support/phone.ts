import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { createHalalClient, type FetchLike } from "../../packages/client/src/index.ts";
import { nodeSqliteStorage } from "../../packages/client/src/node-sqlite.ts";
import { nthBarcode } from "./nth-barcode.ts";

/**
 * A phone as a process: scans offline until there are so many, or sends what it has. It may be killed at any moment, and
 * continues where it was.
 */
const {
  PHONE_DATABASE: file = "",
  PHONE_URL: url = "",
  PHONE_TOKEN: token = "",
  PHONE_SCANS: scans = "0",
} = process.env;
const isOffline = url === "";
const database = new DatabaseSync(file);
const storage = await nodeSqliteStorage(database);

const slowly: FetchLike = async (address, init) => {
  // Long enough for a kill before a request, or after the server has done what it says.
  await pause(Math.random() * 60);
  const response = await fetch(address, init);
  await pause(Math.random() * 60);
  return response;
};
const client = createHalalClient({
  url: isOffline ? "http://offline.invalid" : url,
  storage,
  getToken: () => token,
  fetch: isOffline ? () => Promise.reject(new TypeError("Network request failed")) : slowly,
});
process.send?.("ready");
if (isOffline) {
  const row = database.prepare("select count(*) as scans from halal_queue").get();
  for (let n = Number(row?.["scans"]); n < Number(scans); n += 1) {
    await client.scans.record({ barcode: nthBarcode(n) });
    // On a fast machine they would be done before the kills are.
    await pause(1);
  }
} else {
  await client.queue.flush();
}
const waiting = await client.queue.countWaiting();
await client.close();
process.exit(isOffline || waiting === 0 ? 0 : 1);
