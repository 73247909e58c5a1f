import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { query } from "../../support/calls.ts";
import { insertStores } from "../../support/store-rows.ts";
import { startStackWorker } from "../../support/job-database.ts";
import { openStack, type Stack } from "../../support/stack.ts";

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const dashboard = JSON.parse(
  readFileSync("deploy/monitoring/grafana/dashboards/success.json", "utf8"),
) as { panels: readonly Panel[] };
const alerts = readFileSync("deploy/monitoring/alerts.yml", "utf8");
const runbooks = readFileSync("docs/operations.md", "utf8");

/** Metrics of the PgBouncer exporter; its documentation has their names. */
const FROM_PGBOUNCER = /^pgbouncer_/;
/** Shown only where there are read replicas. */
const FROM_REPLICAS = /^halal_replica_/;

/** Names of series and of the labels they are selected by. */
function selections(text: string): { name: string; labels: string[] }[] {
  return [...text.matchAll(/\b((?:halal|pgbouncer|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = "", selector = ""]) => ({
      name,
      labels: [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = ""]) => label),
    }),
  );
}

describe("dashboard and alerts", () => {
  let stack: Stack;
  let series: Map<string, Set<string>>;
  beforeAll(async () => {
    stack = await openStack();
    await insertStores(stack.sql, [{ latitude: 48.85, longitude: 2.35 }]);
    // An edge that does not answer has figures, too.
    const environment = {
      EDGE_PURGE: "varnish",
      EDGE_PURGE_URLS: "http://127.0.0.1:9",
      EDGE_PURGE_TOKEN: "a-token-of-the-edge-1b7c",
    };
    const { url } = await stack.startInstance({ environment });
    await query(url, "store.nearby", { latitude: 48.85, longitude: 2.35 });
    await query(url, "store.nearby", { latitude: 48.85, longitude: 2.35 });
    await stack.sql`insert into recall_feeds (url) values ('https://feed.example/recalls.json')`;
    const { worker, metrics } = await startStackWorker(stack);
    await stack.sql`select enqueue_job('retention-removals')`;
    const ran = /halal_job_duration_seconds_count\{[^}]*outcome="done"/;
    await vi.waitUntil(async () => ran.test(await metrics.registry.metrics()), 10_000);
    const text = `${await (await fetch(`${url}/metrics`)).text()}\n${await metrics.registry.metrics()}`;
    await worker.stop(1_000);
    series = new Map();
    for (const [, name = "", labels = ""] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
      const known = series.get(name) ?? new Set(["job", "instance"]);
      for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) known.add(label);
      series.set(name, known);
    }
  });
  afterAll(() => stack.close());

  const texts = [
    ...dashboard.panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => [`panel ${title}`, expr] as const),
    ),
    ["alerts", alerts] as const,
  ];
  test.each(texts)("%s: asks only for what /metrics gives (%s)", (_name, text) => {
    const asked = selections(text);
    expect(asked).not.toEqual([]);
    for (const { name, labels } of asked) {
      if (FROM_PGBOUNCER.test(name) || FROM_REPLICAS.test(name)) continue;
      expect([...series.keys()]).toContain(name);
      expect([...(series.get(name) ?? [])]).toEqual(expect.arrayContaining(labels));
    }
  });

  test("every alert's runbook is there", () => {
    const headings = new Set(
      [...runbooks.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
        heading
          .toLowerCase()
          .replaceAll(/[^\w -]/g, "")
          .replaceAll(" ", "-"),
      ),
    );
    const anchors = [...alerts.matchAll(/runbook: docs\/operations\.md#(\S+)/g)].map(
      ([, anchor]) => anchor,
    );
    expect(anchors.length).toBe([...alerts.matchAll(/- alert: /g)].length);
    for (const anchor of anchors) expect(headings).toContain(anchor);
  });
});
