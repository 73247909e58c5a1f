import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, cpus, loadavg, release, totalmem } from "node:os";

/** The machine and the commit of a measurement. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Units: gigabytes of 1,000,000,000 bytes. */
  readonly memoryGigabytes: number;
  readonly system: string;
  readonly node: string;
  /** The short hash, with `+` when files differed from the commit. */
  readonly commit: string;
  /** The load average of the minute before the start. */
  readonly loadAverage: number;
}

/** Describes this machine. */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGigabytes: Math.round(totalmem() / 1e8) / 10,
    system: `${systemName()}, kernel ${release()}, ${arch()}`,
    node: process.version,
    commit: commitOf(),
    loadAverage: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

function systemName(): string {
  try {
    const text = readFileSync("/etc/os-release", "utf8");
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? process.platform;
  } catch {
    return process.platform;
  }
}

function commitOf(): string {
  try {
    const git = (...parameters: string[]) =>
      execFileSync("git", parameters, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const changes = git("status", "--porcelain", "--untracked-files=no").trim();
    return `${git("rev-parse", "--short", "HEAD").trim()}${changes === "" ? "" : "+"}`;
  } catch {
    return "unknown";
  }
}
