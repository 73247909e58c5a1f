import { accountRouter } from "../features/account/router.ts";
import { additiveRouter } from "../features/additive/router.ts";
import { alertsRouter } from "../features/alerts/router.ts";
import { appConfigRouter } from "../features/app-config/router.ts";
import { auditRouter } from "../features/audit/router.ts";
import { boycottRouter } from "../features/boycott/router.ts";
import { certifierRouter } from "../features/certifier/router.ts";
import { favoritesRouter } from "../features/favorites/router.ts";
import { productRouter } from "../features/product/router.ts";
import { reportsRouter } from "../features/reports/router.ts";
import { pushRouter } from "../features/push/router.ts";
import { scansRouter } from "../features/scans/router.ts";
import { storeRouter } from "../features/store/router.ts";
import { trendingRouter } from "../features/trending/router.ts";
import { router } from "./procedures.ts";

export const appRouter = router({
  store: storeRouter,
  certifier: certifierRouter,
  boycott: boycottRouter,
  additive: additiveRouter,
  product: productRouter,
  scans: scansRouter,
  favorites: favoritesRouter,
  alerts: alertsRouter,
  reports: reportsRouter,
  push: pushRouter,
  trending: trendingRouter,
  account: accountRouter,
  audit: auditRouter,
  appConfig: appConfigRouter,
});

/** The type of the router, for `@trpc/client`. */
export type AppRouter = typeof appRouter;
