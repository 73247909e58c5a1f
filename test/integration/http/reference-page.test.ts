import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadDemoData } from "../../../src/seed/demo/load.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { bearer } from "../../support/tokens.ts";

const CHROMIUM = "/usr/bin/chromium";
const PAGE_MAX_BYTES = 300_000;
const isRequired = process.env["REQUIRE_DOCKER"] === "true";

describe.skipIf(!existsSync(CHROMIUM) && !isRequired)("the reference in a browser", () => {
  let stack: Stack;
  let instance: Instance;
  let browser: Browser;

  beforeAll(async () => {
    stack = await openStack();
    await loadDemoData(stack.sql, () => {});
    instance = await stack.startInstance();
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  });

  afterAll(async () => {
    await browser.close();
    await stack.close();
  });

  /** Opens the page and notes what it asks for and complains of. */
  async function openPage(viewport = { width: 1_000, height: 800 }) {
    const page = await browser.newPage({ viewport });
    const hosts = new Set<string>();
    const problems: string[] = [];
    let bytes = 0;
    page.on("request", (request) => hosts.add(new URL(request.url()).origin));
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
    page.on("response", async (response) => {
      bytes += (await response.request().sizes()).responseBodySize;
    });
    await page.goto(`${instance.url}/docs`);
    await page.locator("summary", { hasText: "store.nearby" }).waitFor();
    return { page, hosts, problems, bytes: () => bytes };
  }

  it("runs an example from the keyboard, asks no other host, and is small", async () => {
    const { page, hosts, problems, bytes } = await openPage();
    await page.locator("summary", { hasText: "store.nearby" }).focus();
    await page.keyboard.press("Enter");
    const section = page.locator("details[id='store.nearby']");
    await section.getByRole("button", { name: "Run" }).focus();
    await page.keyboard.press("Enter");
    await section.getByRole("status").filter({ hasText: "200" }).waitFor();
    const answer = JSON.parse((await section.locator("pre").textContent()) ?? "") as {
      readonly items: readonly { readonly distance: number }[];
    };
    expect(answer.items).toHaveLength(5);
    expect([...hosts]).toEqual([instance.url]);
    expect(problems).toEqual([]);
    expect(bytes()).toBeLessThan(PAGE_MAX_BYTES);
    await page.close();
  });

  it("asks before it writes, and gives what one answer has to the next example", async () => {
    const { page, problems } = await openPage();
    await page.getByLabel("Token", { exact: true }).fill(await bearer({ isAdmin: true }));
    const run = async (path: string, answer: "Send" | "Cancel") => {
      const section = page.locator(`details[id='${path}']`);
      await section.locator("summary").first().click();
      await section.getByRole("button", { name: "Run" }).click();
      await page.getByRole("dialog").getByRole("button", { name: answer }).click();
      return section;
    };
    const before = await stack.sql`select count(*)::int as count from stores`;
    await run("store.update", "Cancel");
    expect(await stack.sql`select count(*)::int as count from stores`).toEqual(before);
    const created = await run("store.create", "Send");
    await created.getByRole("status").filter({ hasText: "200" }).waitFor();
    const { id } = JSON.parse((await created.locator("pre").textContent()) ?? "") as { id: string };
    const removed = await run("store.remove", "Send");
    await removed.getByRole("status").filter({ hasText: "200" }).waitFor();
    expect(JSON.parse((await removed.locator("pre").textContent()) ?? "")).toEqual({ id });
    expect(problems).toEqual([]);
    await page.close();
  });

  it("fits a phone", async () => {
    const { page } = await openPage({ width: 360, height: 640 });
    await page.locator("summary", { hasText: "store.nearby" }).click();
    const overflow = await page.evaluate<number>(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    expect(overflow).toBeLessThanOrEqual(0);
    await page.close();
  });
});
