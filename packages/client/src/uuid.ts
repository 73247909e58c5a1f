/** The part of the Web Crypto API that some engines have and Hermes has not. */
interface MaybeCrypto {
  readonly randomUUID?: () => string;
  readonly getRandomValues?: (bytes: Uint8Array<ArrayBuffer>) => unknown;
}

/**
 * Finds a maker of random UUIDs: the given one, else the engine's.
 * Errors: Error where there is none, as on Hermes: `randomUUID` of `expo-crypto` is one.
 */
export function uuidMaker(given: (() => string) | undefined): () => string {
  if (given !== undefined) return given;
  const { crypto } = globalThis as { readonly crypto?: MaybeCrypto };
  if (crypto?.randomUUID !== undefined) return () => crypto.randomUUID?.() ?? "";
  if (crypto?.getRandomValues === undefined)
    throw new Error(
      "this engine makes no random UUIDs: pass `randomUUID`, such as that of expo-crypto, to createHalalClient",
    );
  return () => {
    const bytes = new Uint8Array(16);
    crypto.getRandomValues?.(bytes);
    return formatUuid(bytes);
  };
}

/** Writes 16 random bytes as a UUID. Source: RFC 9562, version 4. */
export function formatUuid(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte, place) => {
    const marked = place === 6 ? (byte & 0x0f) | 0x40 : place === 8 ? (byte & 0x3f) | 0x80 : byte;
    return marked.toString(16).padStart(2, "0");
  }).join("");
  return [0, 8, 12, 16, 20].map((at, i, all) => hex.slice(at, all[i + 1] ?? 32)).join("-");
}
