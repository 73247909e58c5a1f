import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "../../../src/trpc/router.ts";

/** The server's procedures. */
export type { AppRouter };
/** The input of each procedure: `RouterInputs["store"]["nearby"]`. */
export type RouterInputs = inferRouterInputs<AppRouter>;
/** The output of each procedure: `RouterOutputs["store"]["nearby"]`. */
export type RouterOutputs = inferRouterOutputs<AppRouter>;
