import { createReadStream } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import { pipeline, type Readable, Transform } from "node:stream";
import { TextDecoder } from "node:util";
import { StartupError } from "../../startup-error.ts";
import { decompressGzip } from "./gzip.ts";
import { decompressZstd } from "./zstd.ts";

/** A file, or standard input, as plain bytes. */
export interface Source {
  /** The name for people: the path, or `standard input`. */
  readonly name: string;
  /** Size of the file on disk; undefined for standard input. Units: bytes. */
  readonly sizeBytes: number | undefined;
  /** Returns how much of the file was read, before decompression. Units: bytes. */
  readBytes(): number;
  /** The text in UTF-8, also of a file in UTF-16. Errors: SourceError when the file ends too early or is not text. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Ends reading at once, even while it waits for bytes. */
  stop(): void;
}

/** The rest of a file cannot be read; the records before are complete. */
export class SourceError extends Error {
  override readonly name = "SourceError";
}

/**
 * Checks that every path is a readable file, before the first is imported; `-` is always accepted.
 * Errors: StartupError with one line for each other path.
 */
export async function checkSources(paths: readonly string[]): Promise<void> {
  const faults = await Promise.all(paths.map(faultOf));
  const lines = faults.filter((one) => one !== null);
  if (lines.length === 0) return;
  const others = lines.length < paths.length ? "\nnothing was imported from the others" : "";
  throw new StartupError(`${lines.join("\n")}${others}`);
}

async function faultOf(path: string): Promise<string | null> {
  if (path === "-") return null;
  try {
    const found = await stat(path);
    if (found.isDirectory()) return `${path} is a directory, not a file`;
    await access(path, constants.R_OK);
    return null;
  } catch (error) {
    return `${path} cannot be read: ${messageOf(error)}`;
  }
}

/** Opens a file, or standard input for `-`; gzip and zstd are recognised by their first bytes. */
export async function openSource(
  path: string,
  stdin: Readable,
  stdinName = "standard input",
): Promise<Source> {
  if (path === "-") return fromStream(stdinName, undefined, stdin);
  const found = await stat(path).catch(() => null);
  const size = found?.isFile() === true ? found.size : undefined;
  return fromStream(path, size, createReadStream(path, { highWaterMark: 1 << 18 }));
}

function fromStream(name: string, sizeBytes: number | undefined, input: Readable): Source {
  let readBytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      readBytes += chunk.length;
      done(null, chunk);
    },
  });
  // The reader of the last stream gets the errors of the whole chain.
  pipeline(input, counted, () => undefined);
  return {
    name,
    sizeBytes,
    readBytes: () => readBytes,
    chunks: readPlain(name, counted),
    stop: () => {
      // The pipeline may already have removed its error listener.
      input.on("error", () => undefined);
      input.destroy(new SourceError("stopped"));
    },
  };
}

async function* readPlain(name: string, input: Readable): AsyncGenerator<Buffer> {
  const head = await readHead(input);
  const plain = head === null ? input : decompress(head, input);
  let isFirst = true;
  let decoder: TextDecoder | null = null;
  try {
    for await (const bytes of plain as AsyncIterable<Buffer>) {
      if (isFirst) {
        isFirst = false;
        const encoding = findEncoding(name, bytes);
        if (encoding !== "utf-8") decoder = new TextDecoder(encoding);
        else {
          yield bytes.indexOf("\uFEFF") === 0 ? bytes.subarray(3) : bytes;
          continue;
        }
      }
      yield decoder === null ? bytes : Buffer.from(decoder.decode(bytes, { stream: true }));
    }
    if (decoder !== null) yield Buffer.from(decoder.decode());
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new SourceError(`${name}: ${describeFailure(error)}`, { cause: error });
  }
}

/** Returns the first bytes and puts them back into the stream; null for an empty stream. */
async function readHead(input: Readable): Promise<Buffer | null> {
  for await (const chunk of input.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    if (bytes.length === 0) continue;
    input.unshift(bytes);
    return bytes.subarray(0, 4);
  }
  return null;
}

function decompress(head: Buffer, input: Readable): AsyncIterable<Buffer> {
  const mark = head.toString("hex");
  if (mark === "28b52ffd") return decompressZstd(input);
  return mark.startsWith("1f8b") ? decompressGzip(input) : input;
}

type Encoding = "utf-8" | "utf-16le" | "utf-16be";

/** Detects UTF-16 by its byte order mark, or by the zero bytes of plain letters. */
function findEncoding(name: string, bytes: Buffer): Encoding {
  const head = bytes.subarray(0, 1024);
  const mark = head.length >= 2 ? head.readUInt16BE(0) : 0;
  const zerosAt = [0, 0];
  head.forEach((byte, place) => {
    if (byte === 0) zerosAt[place % 2] = (zerosAt[place % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = zerosAt;
  const isUtf32 = mark === 0xfffe && head.length >= 4 && head.readUInt16BE(2) === 0;
  if (mark === 0xfffe && !isUtf32) return "utf-16le";
  if (mark === 0xfeff) return "utf-16be";
  if (even + odd === 0) return "utf-8";
  const many = head.length / 8;
  if (!isUtf32 && even === 0 && odd > many) return "utf-16le";
  if (odd === 0 && even > many) return "utf-16be";
  throw new SourceError(
    `${name} is neither UTF-8 nor UTF-16 text (it looks like a binary file): save it as UTF-8`,
  );
}

function describeFailure(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "Z_BUF_ERROR" || code === "ZSTD_error_srcSize_wrong") {
    return "the compressed data end too early; the file is cut off";
  }
  if (code.startsWith("Z_") || code.startsWith("ZSTD_")) {
    return `the compressed data are damaged (${messageOf(error)})`;
  }
  return messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
