import { describe, expect, it } from "vitest";
import { sentBy, subjectOf, TokenSource } from "../../../packages/client/src/token.ts";

const token = (claims: object) =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;

describe("TokenSource", () => {
  it("replaces an expired token once for all calls that were sent with it, also for one that fails later", async () => {
    let refreshes = 0;
    let current = "old";
    const tokens = new TokenSource(async ({ refresh }) => {
      if (!refresh) return current;
      refreshes += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      current = `new-${refreshes}`;
      return current;
    });
    await Promise.all([tokens.replace("old"), tokens.replace("old"), tokens.replace("old")]);
    await tokens.replace("old");
    expect(refreshes).toBe(1);
    expect(await tokens.current()).toBe("new-1");
  });

  it("asks for a new token instead of sending one again that the server has found expired", async () => {
    const asked: boolean[] = [];
    const tokens = new TokenSource(({ refresh }) => {
      asked.push(refresh);
      return refresh ? "new" : "old";
    });
    await tokens.replace("old");
    expect(await tokens.headers([])).toEqual({ authorization: "Bearer new" });
    expect(asked).toEqual([true, false, true]);
  });

  it("does not send a change as another user than the one who made it", async () => {
    const tokens = new TokenSource(() => token({ sub: "second" }));
    await expect(tokens.headers([{ context: sentBy("first") }])).rejects.toThrow("somebody else");
    expect(await tokens.headers([{ context: sentBy("second") }])).toHaveProperty("authorization");
  });
});

describe("subjectOf", () => {
  it("reads the user of a token, and none of what is no token", () => {
    expect(subjectOf(token({ sub: "0d2f??>>" }))).toBe("0d2f??>>");
    for (const one of [null, "", "opaque", "a.b.c", token({}), token({ sub: 7 })])
      expect(subjectOf(one)).toBeNull();
  });
});
