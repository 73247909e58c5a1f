import { defineConfig, type OxlintOverride } from "oxlint";

/** How deep folders may nest below a folder of the table. */
const DEPTH_MAX = 3;

/** A folder of src/ and what its files may import from the rest of src/, as patterns from there; npm is always free. */
interface Boundary {
  readonly folder: string;
  readonly except?: readonly string[];
  readonly imports: readonly string[];
  /** Of these, what is imported as types only all the same. */
  readonly not?: readonly string[];
  /** Imported as types only. */
  readonly types?: readonly string[];
  readonly why: string;
  readonly more?: readonly object[];
}

/** Everything directly in src/ that a folder may be closed to. */
const PLACES =
  "cache cli db doctor edge features food geo http import jobs observability redis seed texts trpc verdict app.ts config.ts deps.ts development-secret.ts database-source.ts feed-import.ts job-worker.ts main.ts module-loading.ts probes.ts serve.ts stop-signals.ts worker.ts".split(
    " ",
  );

const CONFIG_TYPE = ["config.ts"];

const BOUNDARIES: readonly Boundary[] = [
  {
    folder: "trpc",
    except: ["src/trpc/router.ts"],
    imports: [
      "recent-map.ts",
      "errors.ts",
      "error-reasons.ts",
      "texts/**",
      "cache/with-cache.ts",
      "db/audited-transaction.ts",
      "db/tables/**",
      "food/barcode.ts",
      "verdict/barcode-policy.ts",
    ],
    types: ["cache/**", "db/**", "deps.ts", "http/**", "observability/**", "verdict/**"],
    why: "Only trpc/router imports features; the rest imports errors, texts, barcodes, db/tables, audited transactions and types.",
    more: [
      {
        regex: String.raw`^\./router\.ts$`,
        message: "The router imports the rest of trpc/, not the other way.",
      },
    ],
  },
  {
    folder: "http",
    imports: [
      "controlled-delay.ts",
      "recent-map.ts",
      "errors.ts",
      "error-reasons.ts",
      "texts/**",
      "startup-error.ts",
      "cache/**",
      "db/**",
      "geo/**",
      "observability/**",
      "redis/**",
      "trpc/error-data.ts",
      "trpc/languages.ts",
      "trpc/result-bytes.ts",
    ],
    types: [...CONFIG_TYPE, "trpc/**"],
    why: "http/ imports what is below it, texts, errors and bytes of trpc/, and types; the router is handed in.",
  },
  {
    folder: "reference",
    imports: [
      "errors.ts",
      "error-reasons.ts",
      "db/tables/vocabulary.ts",
      "features/additive/schemas.ts",
      "features/store/schemas.ts",
      "seed/demo/**",
      "texts/language.ts",
      "trpc/**",
    ],
    why: "reference/ describes the router of trpc/ with the demo data's examples, and the addresses beside it.",
  },
  {
    folder: "observability",
    imports: ["errors.ts", "error-reasons.ts", "startup-error.ts", "cache/stats.ts"],
    types: [...CONFIG_TYPE, "cache/**", "db/**"],
    why: "observability/ imports errors, the cache's counters and the types of what it observes.",
  },
  {
    folder: "cache",
    imports: [
      "errors.ts",
      "error-reasons.ts",
      "texts/**",
      "startup-error.ts",
      "db/**",
      "geo/**",
      "redis/**",
    ],
    types: CONFIG_TYPE,
    why: "cache/ imports db/, geo/, redis/, texts and errors.",
  },
  {
    folder: "redis",
    imports: ["errors.ts", "error-reasons.ts", "startup-error.ts", "circuit-breaker.ts"],
    types: CONFIG_TYPE,
    why: "redis/ imports errors.",
  },
  {
    folder: "db",
    imports: [
      "errors.ts",
      "error-reasons.ts",
      "texts/**",
      "startup-error.ts",
      "progress.ts",
      "controlled-delay.ts",
      "geo/**",
      "redis/**",
    ],
    types: CONFIG_TYPE,
    why: "db/ imports geo/, redis/, texts and errors.",
  },
  {
    folder: "geo",
    imports: ["errors.ts", "error-reasons.ts", "texts/**"],
    why: "geo/ is pure: it imports errors only.",
  },
  {
    folder: "texts",
    imports: [],
    why: "texts/ is pure: it imports nothing.",
  },
  {
    folder: "food",
    imports: ["recent-map.ts", "errors.ts", "error-reasons.ts", "texts/**"],
    why: "food/ is pure: it imports texts, errors and the bounded map only.",
  },
  {
    folder: "verdict",
    imports: [
      "errors.ts",
      "error-reasons.ts",
      "texts/**",
      "cache/with-cache.ts",
      "db/tables/**",
      "db/*-fragments.ts",
      "food/**",
    ],
    types: ["cache/**", "db/**"],
    why: "verdict/ imports food/, db/tables, withCache, texts and errors.",
  },
  {
    folder: "import",
    imports: [
      "recent-map.ts",
      "errors.ts",
      "error-reasons.ts",
      "texts/**",
      "startup-error.ts",
      "progress.ts",
      "circuit-breaker.ts",
      "food/**",
      "geo/**",
      "verdict/**",
      "db/tables/**",
    ],
    types: ["db/**"],
    why: "import/ turns files into rows: it imports food/, geo/, verdict/, errors and db/tables.",
  },
  {
    folder: "seed",
    imports: [
      "errors.ts",
      "error-reasons.ts",
      "texts/**",
      "startup-error.ts",
      "progress.ts",
      "food/**",
      "geo/**",
      "verdict/**",
      "db/tables/**",
      "import/write/**",
    ],
    types: ["db/**"],
    why: "seed/ makes rows: it imports food/, geo/, verdict/, db/tables and what writes rows.",
  },
  {
    folder: "jobs",
    imports: [
      "errors.ts",
      "error-reasons.ts",
      "food/**",
      "db/tables/**",
      "db/*-fragments.ts",
      "observability/error-summary.ts",
    ],
    types: ["db/**"],
    why: "jobs/ imports food/, errors and their summaries, db/tables and types of db/; what it needs of others is handed to it.",
  },
  {
    folder: "edge",
    imports: ["errors.ts", "error-reasons.ts", "food/**", "geo/**"],
    types: [...CONFIG_TYPE, "db/**"],
    why: "edge/ tells edges of writes: it imports food/, geo/, and types of the journal and of config.",
  },
  {
    folder: "doctor",
    imports: [
      "errors.ts",
      "error-reasons.ts",
      "startup-error.ts",
      "secret-strength.ts",
      "config.ts",
      "edge/**",
      "redis/**",
      "db/**",
    ],
    types: ["database-source.ts"],
    why: "The doctor looks at config, db/, edge/ and Redis from outside, and composes nothing.",
  },
];

const escape = (text: string) => text.replaceAll(".", String.raw`\.`);
/** Refuses all values that the boundary does not name, and types from places of which it names nothing. */
function restrict(
  files: string[],
  excludeFiles: readonly string[],
  root: string,
  boundary: Pick<Boundary, "imports" | "not" | "types" | "why">,
  more: readonly object[] = [],
): OxlintOverride {
  const { imports, not = [], types = [], why: message } = boundary;
  const values = {
    group: [
      `${root}**`,
      ...imports.map((one) => `!${root}${one}`),
      ...not.map((one) => `${root}${one}`),
    ],
    message,
  };
  const allowed = new Set([...imports, ...types].map((one) => one.split("/")[0]));
  const closed = PLACES.filter((place) => !allowed.has(place)).map((place) =>
    place.endsWith(".ts") ? `${escape(place)}$` : `${place}/`,
  );
  return {
    files,
    excludeFiles: [...excludeFiles],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            { ...values, allowTypeImports: true },
            { regex: `^${escape(root)}(?:${closed.join("|")})`, message },
            ...more,
          ],
        },
      ],
    },
  };
}

const ofFolders = BOUNDARIES.flatMap((boundary) =>
  Array.from({ length: DEPTH_MAX }, (_, i) =>
    restrict(
      [`src/${boundary.folder}/${"*/".repeat(i)}*.ts`],
      boundary.except ?? [],
      "../".repeat(i + 1),
      boundary,
      boundary.more,
    ),
  ),
);

/** Everything of src/ that may run on a phone: pure, and without Node. */
const ON_PHONES = [
  "errors.ts",
  "error-reasons.ts",
  "recent-map.ts",
  "geo/**",
  "food/**",
  "db/tables/vocabulary.ts",
];

/** The phone library: no Node, and of the server only what is pure; the router's type in one file. */
const CLIENT = ["", "*/"].flatMap((folders): OxlintOverride[] => {
  const files = [`packages/client/src/${folders}*.ts`];
  const root = `${"../".repeat(folders === "" ? 3 : 4)}src/`;
  const why =
    "The phone library imports what is pure of src/, and the router's type in app-router.";
  const { rules, ...rest } = restrict(files, [], root, { imports: ON_PHONES, why }, [
    { regex: "^node:", message: "A phone has no Node." },
  ]);
  const noNode = ["Buffer", "process", "setImmediate", "require", "__dirname", "global"];
  return [{ ...rest, rules: { ...rules, "no-restricted-globals": ["error", ...noNode] } }];
});
const CLIENT_ROUTER_TYPE: OxlintOverride = {
  files: ["packages/client/src/app-router.ts"],
  rules: { "no-restricted-imports": "off" },
};

const FEATURES = restrict(
  ["src/features/*/*.ts"],
  [],
  "../../",
  {
    imports: [
      "recent-map.ts",
      "errors.ts",
      "error-reasons.ts",
      "texts/**",
      "geo/**",
      "food/**",
      "verdict/**",
      "trpc/**",
      "cache/with-cache.ts",
      "db/tables/**",
      "db/*-fragments.ts",
      "db/client/errors.ts",
      "db/client/raw-rows.ts",
    ],
    not: ["trpc/context.ts", "trpc/procedure-table.ts"],
    types: ["cache/**", "db/**"],
    why: "A feature imports its own folder, trpc/, withCache, geo/, food/, texts, errors and db/tables.",
  },
  [
    {
      regex: String.raw`^\.\./[^.]`,
      message: "A feature never imports another one: move what both need to food/, geo/ or trpc/.",
    },
    {
      group: ["../../trpc/router.ts"],
      message: "A feature knows nothing of what it is composed into.",
    },
  ],
);

const ROUTER = restrict(["src/trpc/router.ts"], [], "../", {
  imports: ["features/*/router.ts"],
  why: "The table of contents: it imports the features' routers and nothing else.",
});

/** Files of the root import each other; these are the folders that each may reach. */
const ROOT: readonly OxlintOverride[] = [
  refuse(
    ["src/*.ts"],
    String.raw`^\./(?:cli|doctor|features|import|trpc)/`,
    "The root composes: procedures are trpc's, and commands have no users here.",
    ["src/feed-import.ts"],
  ),
  restrict(["src/feed-import.ts"], [], "./", {
    imports: ["db/client/session.ts", "import/recall-feed.ts"],
    types: [...CONFIG_TYPE, "deps.ts", "jobs/**"],
    why: "feed-import gives the import of recalls to the jobs.",
  }),
  restrict(["src/app.ts"], [], "./", {
    imports: [
      "errors.ts",
      "error-reasons.ts",
      "features/additive/whole-list.ts",
      "features/product/by-barcode.ts",
      "features/store/by-id.ts",
      "features/store/cell-entry.ts",
      "food/barcode.ts",
      "food/edge-tags.ts",
      "geo/edge-tags.ts",
      "http/**",
      "observability/**",
      "texts/**",
      "trpc/**",
    ],
    types: ["cache/**", "deps.ts"],
    why: "app composes trpc/, http/ and what has addresses of its own over the type of deps.",
  }),
  restrict(["src/deps.ts", "src/probes.ts"], [], "./", {
    imports: [
      "errors.ts",
      "error-reasons.ts",
      "texts/**",
      "probes.ts",
      "startup-error.ts",
      "cache/**",
      "db/**",
      "edge-purge.ts",
      "http/**",
      "observability/**",
      "redis/**",
      "verdict/off-thread-analysis.ts",
      "import/look-up/look-up.ts",
    ],
    types: [...CONFIG_TYPE, "trpc/context.ts"],
    why: "deps constructs what db/, redis/, cache/ and http/ have, from the type of config.",
  }),
  restrict(["src/config.ts", "src/config-values.ts", "src/edge-config.ts"], [], "./", {
    imports: [
      "config-values.ts",
      "edge-config.ts",
      "startup-error.ts",
      "secret-strength.ts",
      "db/client/address.ts",
      "redis/address.ts",
    ],
    why: "The configuration imports npm and what reads its addresses.",
  }),
  restrict(
    [
      "src/circuit-breaker.ts",
      "src/controlled-delay.ts",
      "src/errors.ts",
      "src/progress.ts",
      "src/recent-map.ts",
      "src/secret-strength.ts",
      "src/startup-error.ts",
    ],
    [],
    "./",
    {
      imports: ["errors.ts", "error-reasons.ts", "texts/**", "startup-error.ts"],
      why: "The vocabulary imports npm and errors only.",
    },
  ),
  refuse(["src/main.ts"], String.raw`^\./[^/]+/`, "main imports the root only."),
  refuse(
    ["src/cli/*.ts"],
    String.raw`^\.\./(?:(?:app|deps|main|serve)\.ts$|(?:features|trpc)/)`,
    "A command is no instance: it never imports what answers requests.",
  ),
];

function refuse(
  files: string[],
  regex: string,
  message: string,
  excludeFiles: string[] = [],
): OxlintOverride {
  return {
    files,
    excludeFiles,
    rules: { "no-restricted-imports": ["error", { patterns: [{ regex, message }] }] },
  };
}

// oxlint-disable-next-line import/no-default-export -- oxlint reads its configuration from the default export
export default defineConfig({
  plugins: ["typescript", "unicorn", "oxc", "import", "promise", "node", "vitest"],
  options: { typeAware: true, reportUnusedDisableDirectives: "error" },
  categories: { correctness: "error", suspicious: "error" },
  rules: {
    "typescript/no-explicit-any": "error",
    "typescript/no-non-null-assertion": "error",
    "typescript/no-unsafe-type-assertion": "off",
    "typescript/no-floating-promises": "error",
    "typescript/no-misused-promises": "error",
    "typescript/return-await": ["error", "error-handling-correctness-only"],
    "typescript/switch-exhaustiveness-check": "error",
    "typescript/consistent-type-imports": "error",
    "import/no-cycle": "error",
    "import/no-default-export": "error",
    "no-console": "error",
    "node/no-process-env": "error",
    eqeqeq: "error",
    "no-restricted-imports": "off",
    "unicorn/no-array-sort": "off",
    "unicorn/consistent-function-scoping": "off",
    "no-shadow": "off",
    "no-underscore-dangle": ["error", { allow: ["_def"] }],
    "no-await-in-loop": "off",
  },
  overrides: [
    ...ofFolders,
    FEATURES,
    ROUTER,
    ...ROOT,
    ...CLIENT,
    CLIENT_ROUTER_TYPE,
    { files: ["test/**/*.ts", "bench/**/*.ts"], rules: { "node/no-process-env": "off" } },
  ],
});
