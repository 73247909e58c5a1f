import { startOpenLoopGenerator } from "../load/open-loop-generator.ts";
import { profileClock, topFunctions } from "../profile.ts";
import type { RunOptions, ScenarioResult } from "../report/model.ts";
import type { BenchStack } from "../stack.ts";
import { startCity } from "./city-day/deployment.ts";
import { Phones } from "./city-day/phones.ts";
import { type LimitStep, runLimit } from "./city-day/limit.ts";
import { cityReport } from "./city-day/report.ts";
import { keptUp, nearbyP95Ms, runStep, type StepResult } from "./city-day/step.ts";
import { TARGET_RATE } from "./city-day/targets.ts";

const RATES = [500, 1_000, 1_500, 2_000, 3_000, 4_000, 6_000, TARGET_RATE, 12_000, 18_000];
const QUICK_RATES = [2_000, TARGET_RATE];
const SEED = 7;
const RECOVERY_MS = 5_000;
/** How many rates are tried between the highest good one and the lowest bad one. */
const REFINEMENTS = 2;

/** Runs a city's phones against a whole deployment, at one rate after the other. */
export async function runCityDay(stack: BenchStack, options: RunOptions): Promise<ScenarioResult> {
  const { say, quick } = options;
  const city = await startCity(stack, options);
  const beganAt = profileClock();
  const generator = startOpenLoopGenerator();
  try {
    const phones = new Phones(city.world, SEED);
    const run = async (fromRate: number, rate: number, seconds: number) => {
      const step = await runStep(city, phones, generator, { fromRate, rate, seconds });
      say(summaryOf(step));
      return step;
    };
    const secondsEach = quick ? 10 : 25;
    say("people come");
    const warmUp = quick ? await run(100, 1_000, 30) : await run(100, 2_000, 150);
    const steps: StepResult[] = [];
    const tryRate = async (rate: number) => {
      const step = await run(rate, rate, secondsEach);
      steps.push(step);
      // A rate that was too high leaves a backlog, which must not affect the next rate.
      if (!keptUp(step)) await new Promise((resolve) => setTimeout(resolve, RECOVERY_MS));
    };
    for (const rate of quick ? QUICK_RATES : RATES) {
      if (rate <= TARGET_RATE || steps.every(keptUp)) await tryRate(rate);
    }
    for (let i = 0; i < (quick ? 0 : REFINEMENTS); i += 1) {
      const good = steps.filter(keptUp).reduce((most, { rate }) => Math.max(most, rate), 0);
      const bad = steps
        .filter((step) => !keptUp(step) && step.rate > good)
        .reduce((least, { rate }) => Math.min(least, rate), Number.POSITIVE_INFINITY);
      if (good > 0 && Number.isFinite(bad)) await tryRate(roundedRate(Math.sqrt(good * bad)));
    }
    await city.meter.stop();
    say("the same phones against bare node:http behind the same nginx");
    const limit = await runLimit(city.world, generator, {
      rates: quick ? QUICK_RATES : RATES.filter((rate) => rate <= TARGET_RATE),
      seconds: secondsEach,
      seed: SEED,
    });
    for (const step of limit) say(latencyOf(step));
    return cityReport(city, warmUp, steps, limit);
  } finally {
    const endedAt = profileClock();
    await generator.stop();
    await city.stop();
    if (options.profile) for (const line of topFunctions(beganAt, endedAt)) say(line);
  }
}

const roundedRate = (rate: number) => Math.round(rate / 100) * 100;

function latencyOf(step: LimitStep): string {
  return `${step.rate} calls/s: store.nearby p95 ${nearbyP95Ms(step).toFixed(1)} ms, errors ${step.errors}, unanswered ${step.unanswered}`;
}

function summaryOf(step: StepResult): string {
  const cores = Object.entries(step.cores).map(([name, used]) => `${name} ${used.toFixed(2)}`);
  return `${latencyOf(step)}, hits ${(step.hitRate * 100).toFixed(1)} %, connections ${step.connectionsMax}, ${step.instanceMegabytesMax.toFixed(0)} MB; cores: ${cores.join(", ")}`;
}
