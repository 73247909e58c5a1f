import { storeRouter } from "../features/store/router.ts";
import { router } from "./procedures.ts";

export const appRouter = router({
  store: storeRouter,
});

/** What `@trpc/client` is typed by. */
export type AppRouter = typeof appRouter;
