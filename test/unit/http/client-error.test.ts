import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { rejectConnection, rejectRequest } from "../../../src/http/client-error.ts";

function failure(code: string): Error {
  return Object.assign(new Error("secret /work/file.ts"), { code });
}

async function answerTo(code: string): Promise<{ head: string; body: unknown }> {
  const socket = new PassThrough();
  let wire = "";
  socket.on("data", (chunk: Buffer) => {
    wire += chunk.toString();
  });
  rejectConnection(failure(code), socket, undefined);
  await new Promise((resolve) => socket.once("end", resolve));
  const [head = "", body = ""] = wire.split("\r\n\r\n");
  return { head, body: JSON.parse(body) as unknown };
}

describe("rejectConnection", () => {
  it.each([
    ["HPE_INVALID_METHOD", 400, "Bad Request"],
    ["HPE_HEADER_OVERFLOW", 431, "Request Header Fields Too Large"],
    ["HPE_CHUNK_EXTENSIONS_OVERFLOW", 413, "Payload Too Large"],
    ["ERR_HTTP_REQUEST_TIMEOUT", 408, "Request Timeout"],
  ])("answers %s with %i and a tRPC error", async (code, status, reason) => {
    const { head, body } = await answerTo(code);
    expect(head).toContain(`HTTP/1.1 ${status} ${reason}\r\n`);
    expect(head).toContain("connection: close");
    expect(head).toContain("x-content-type-options: nosniff");
    expect(body).toMatchObject({ error: { data: { code: "BAD_REQUEST", httpStatus: status } } });
    expect(JSON.stringify(body)).not.toContain("secret");
  });

  it("writes nothing to a client that is gone, and answers once", () => {
    const gone = new PassThrough();
    rejectConnection(failure("ECONNRESET"), gone, undefined);
    expect([gone.destroyed, gone.readableLength]).toEqual([true, 0]);
    const twice = new PassThrough();
    rejectConnection(failure("HPE_INVALID_METHOD"), twice, undefined);
    rejectConnection(failure("HPE_INVALID_METHOD"), twice, undefined);
    expect(twice.destroyed).toBe(false);
  });
});

it("an error outside the app is hidden from the client", async () => {
  const answer = rejectRequest(failure("EWHATEVER"));
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("secret");
});
