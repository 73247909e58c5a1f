import { spawn } from "node:child_process";

/** The output of the doctor. */
export interface Diagnosis {
  readonly code: number | null;
  readonly output: string;
  /** Level by check. */
  readonly levels: Readonly<Record<string, string>>;
  /** The whole line of a check. */
  readonly line: (check: string) => string;
}

/** `npm run doctor` as an operator or CI runs it. */
export async function doctor(
  environment: Readonly<Record<string, string>>,
  ...options: string[]
): Promise<Diagnosis> {
  const child = spawn(process.execPath, ["src/cli/doctor.ts", ...options], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  const lines = output.split("\n").flatMap((line) => {
    const match = /^(ok|warn|fail) +(\S.*?) {2,}(\S.*)$/.exec(line);
    const [, level, check] = match ?? [];
    return level === undefined || check === undefined ? [] : [{ level, check, line }];
  });
  return {
    code,
    output,
    levels: Object.fromEntries(lines.map(({ check, level }) => [check, level])),
    line: (check) => lines.find((entry) => entry.check === check)?.line ?? "",
  };
}
