/** Preloaded into an instance's process (`--expose-gc --import`): answers each message with its memory after a collection. */
process.on("message", () => {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("start the process with --expose-gc");
  // The second one takes what the first one's finalizers let go.
  gc();
  setTimeout(() => {
    gc();
    process.send?.(process.memoryUsage());
  }, 50);
});
process.channel?.unref();
