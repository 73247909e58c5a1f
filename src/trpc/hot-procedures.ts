import type { HotProcedure } from "./hot-answer.ts";
import { additiveHotProcedures } from "../features/additive/hot.ts";
import { alertsHotProcedures } from "../features/alerts/hot.ts";
import { boycottHotProcedures } from "../features/boycott/hot.ts";
import { certifierHotProcedures } from "../features/certifier/hot.ts";
import { storeHotProcedures } from "../features/store/hot.ts";

/** Queries that are answered before tRPC, with the very bytes that it would give. */
export const hotProcedures: readonly HotProcedure[] = [
  ...storeHotProcedures,
  ...certifierHotProcedures,
  ...boycottHotProcedures,
  ...additiveHotProcedures,
  ...alertsHotProcedures,
];
