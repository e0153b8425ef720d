import { Counter, Gauge, type Registry } from 'prom-client';
import type { DeliveryOutcome } from './telling-place.ts';

export interface DeliveryMetricsParts {
  readonly registry: Registry;
  readonly countWaiting: () => Promise<number>;
}

/** What Prometheus may know of how alerts are told: labels hold neither conversations nor tokens. */
export function createDeliveryMetrics({ registry, countWaiting }: DeliveryMetricsParts) {
  const registers = [registry];
  const deliveries = new Counter({
    name: 'vpp_alert_deliveries_total',
    help: 'What became of things to tell conversations: sent, dropped, or put off (each failed try)',
    labelNames: ['outcome'] as const,
    registers,
  });
  const waiting = new Gauge({
    name: 'vpp_alert_deliveries_waiting',
    help: 'Things still to be told, those held until quiet hours end among them; of all processes, as the store has them',
    registers,
    async collect() {
      const count = await countWaiting().catch(() => undefined);
      if (count !== undefined) waiting.set(count);
    },
  });
  return {
    onOutcome(outcome: DeliveryOutcome, count: number): void {
      if (count > 0) deliveries.inc({ outcome }, count);
    },
  };
}
