import { HttpConnection } from "./connection.ts";
import { LatencyHistogram } from "./histogram.ts";
import { type LoadJob, type LoadResult, requestBytes } from "./job.ts";

/** Runs a job in this process. */
export function runClosedLoop(job: LoadJob): Promise<LoadResult> {
  const requests = job.requests.map((request) => requestBytes(`${job.host}:${job.port}`, request));
  const histogram = new LatencyHistogram();
  const cacheStates: Record<string, number> = {};
  let answers = 0;
  let errors = 0;
  let next = 0;
  let underWay = 0;

  return new Promise((resolve) => {
    const beganAt = performance.now();
    const connections: HttpConnection[] = [];
    let isOver = false;
    const stayAwake = () => {
      if (!isOver) setImmediate(stayAwake);
    };
    if (job.staysAwake === true) stayAwake();
    const finish = () => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      const seconds = (performance.now() - beganAt) / 1000;
      for (const connection of connections) connection.close();
      resolve({ answers, seconds, errors, cacheStates, latencies: [...histogram.counts] });
    };
    const timer = setTimeout(finish, job.seconds * 1000);
    const openClient = () => {
      let sentAt = 0;
      const ask = () => {
        if (isOver) return;
        if (job.once && next >= requests.length) {
          if (underWay === 0) finish();
          return;
        }
        const request = requests[next % requests.length];
        next += 1;
        if (request === undefined) throw new Error("a job without requests");
        underWay += 1;
        sentAt = performance.now();
        connection.send(request);
      };
      const connection = new HttpConnection(
        job,
        ({ status, cacheState }) => {
          if (isOver) return;
          underWay -= 1;
          answers += 1;
          histogram.record(performance.now() - sentAt);
          if (status !== 200) errors += 1;
          cacheStates[cacheState] = (cacheStates[cacheState] ?? 0) + 1;
          ask();
        },
        () => {
          underWay -= 1;
          errors += 1;
          ask();
        },
      );
      connections.push(connection);
      ask();
    };
    for (let i = 0; i < job.connections; i += 1) openClient();
  });
}
