import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "../../../src/trpc/router.ts";

/** The server's procedures. */
export type { AppRouter };
/** What each procedure takes: `RouterInputs["store"]["nearby"]`. */
export type RouterInputs = inferRouterInputs<AppRouter>;
/** What each procedure gives: `RouterOutputs["store"]["nearby"]`. */
export type RouterOutputs = inferRouterOutputs<AppRouter>;
