import { loadModulesFast } from "./module-loading.ts";

loadModulesFast();
// Imported here and not above: what stands above is loaded before a line of this file runs.
const { serve } = await import("./serve.ts");
await serve();
