import {
  createHalalClient,
  type FetchLike,
  type HalalClient,
  type HalalClientOptions,
} from "../../packages/client/src/index.ts";

/** A request that the client has sent. */
interface Sent {
  readonly method: string;
  readonly url: string;
}

/** A client whose network can be switched off, with the requests that it has sent. */
export interface WatchedClient {
  readonly client: HalalClient;
  readonly sent: Sent[];
  readonly network: { isOn: boolean };
}

const open: HalalClient[] = [];

/** Opens a client of the server at `url`. */
export function openWatchedClient(
  url: string,
  options: Partial<HalalClientOptions> = {},
): WatchedClient {
  const sent: Sent[] = [];
  const network = { isOn: true };
  const watched: FetchLike = async (address, init) => {
    sent.push({ method: init?.method ?? "GET", url: address });
    if (!network.isOn) throw new TypeError("Network request failed");
    return fetch(address, init);
  };
  const client = createHalalClient({ url: `${url}/`, fetch: watched, ...options });
  open.push(client);
  return { client, sent, network };
}

/** Closes the clients that a test has opened. */
export async function closeWatchedClients(): Promise<void> {
  for (const client of open.splice(0)) await client.close();
}
