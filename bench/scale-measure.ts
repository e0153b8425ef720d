import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Numbers of one scenario, by name with unit, as its process sends them to `scale.ts`. */
export type Figures = Readonly<Record<string, number>>;

interface Spent {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Longest time in which nothing else of this process could run, whatever the machine did meanwhile. */
  readonly longestBlockMs: number;
  /** The main thread's own work in the worst of these: what the machine's other processes took is not in it. */
  readonly longestWorkMs: number;
  /** Beyond what the process held at the start. */
  readonly peakMb: number;
  /** After a collection at the end. */
  readonly keptMb: number;
}

const checkEveryMs = 2;

/** Measures this process from now until `stop`. Needs `--expose-gc`. */
export function startMeasuring() {
  globalThis.gc?.();
  const rssBefore = process.memoryUsage.rss();
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  let peak = rssBefore;
  let longestBlockMs = 0;
  let longestWorkMs = 0;
  let checkedAt = startedAt;
  let before = threadCpuMs();
  let checks = 0;
  const timer = setInterval(() => {
    const at = performance.now();
    const work = threadCpuMs();
    longestBlockMs = Math.max(longestBlockMs, at - checkedAt - checkEveryMs);
    longestWorkMs = Math.max(longestWorkMs, work - before);
    checkedAt = at;
    before = work;
    checks += 1;
    if (checks % 25 === 0) peak = Math.max(peak, process.memoryUsage.rss());
  }, checkEveryMs);
  return {
    stop(): Spent {
      clearInterval(timer);
      delays.disable();
      const { user, system } = process.cpuUsage(cpuBefore);
      const seconds = (performance.now() - startedAt) / 1_000;
      peak = Math.max(peak, process.memoryUsage.rss());
      globalThis.gc?.();
      return {
        seconds,
        cpuSeconds: (user + system) / 1e6,
        longestBlockMs: Math.max(longestBlockMs, delays.max / 1e6),
        longestWorkMs,
        peakMb: (peak - rssBefore) / 2 ** 20,
        keptMb: process.memoryUsage().heapUsed / 2 ** 20,
      };
    },
  };
}

/** The main thread's own work so far, whatever the machine's other processes take. */
export function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Its names begin with `name`. */
export const figuresOf = (name: string, spent: Spent): Figures => ({
  [`${name}: seconds`]: spent.seconds,
  [`${name}: CPU seconds`]: spent.cpuSeconds,
  [`${name}: longest block (ms)`]: spent.longestBlockMs,
  [`${name}: longest block, own work (ms)`]: spent.longestWorkMs,
  [`${name}: memory at the peak, beyond the start (MB)`]: spent.peakMb,
  [`${name}: heap kept (MB)`]: spent.keptMb,
});

/** Sends a scenario's figures to who started this process, or prints them. */
export function report(figures: Figures): void {
  if (process.send) process.send(figures);
  else process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);
}
