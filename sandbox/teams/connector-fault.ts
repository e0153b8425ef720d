/** One way for the connector to go wrong. */
export interface ConnectorFault {
  /** 0 cuts the connection without an answer. */
  readonly status: number;
  readonly code?: string;
  /** Seconds, or any other text that should stand in the header. */
  readonly retryAfter?: number | string;
  /** The message is stored all the same: Teams' way of doubling messages when a POST is repeated. */
  readonly afterStoring?: boolean;
  /** Real milliseconds before the answer. */
  readonly delayMs?: number;
  /** Only requests of this method use it up. */
  readonly method?: 'POST' | 'PUT' | 'DELETE' | 'GET';
}

/** Faults still to come, used up in the order they were planned. */
export function createFaultQueue() {
  let planned: { left: number; readonly fault: ConnectorFault }[] = [];
  return {
    failNext(count: number, fault: ConnectorFault): void {
      planned.push({ left: count, fault });
    },
    failNoMore(): void {
      planned = [];
    },
    take(method: string): ConnectorFault | undefined {
      const plan = planned.find((each) => each.left > 0 && (each.fault.method ?? method) === method);
      if (plan) plan.left -= 1;
      return plan?.fault;
    },
  };
}
