/**
 * Loaded before a bot's own process begins (`--import`): its clock is ahead by CLOCK_AHEAD_MS, and each SIGUSR2 puts it forward by
 * CLOCK_STEP_MS. Timers go on in real time.
 */
let aheadMs = Number(process.env.CLOCK_AHEAD_MS);
process.on('SIGUSR2', () => {
  aheadMs += Number(process.env.CLOCK_STEP_MS);
});

const RealDate = Date;
const now = () => RealDate.now() + aheadMs;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
