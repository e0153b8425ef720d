import { randomBytes } from 'node:crypto';

/** Opaque strings that stand for something kept here. */
export interface TicketBox<T> {
  issue(content: T): string;
  /** As often as wanted, while it lasts. */
  find(ticket: string): T | undefined;
  /** Once. */
  take(ticket: string): { readonly content: T } | { readonly refusal: 'unknown' | 'used' | 'expired' };
}

interface Kept<T> {
  readonly content: T;
  readonly expiresAt: number;
  used: boolean;
}

export function createTicketBox<T>(options: { now(): number; readonly lifetimeMs: number }): TicketBox<T> {
  const kept = new Map<string, Kept<T>>();
  return {
    issue(content) {
      const ticket = randomBytes(32).toString('base64url');
      kept.set(ticket, { content, expiresAt: options.now() + options.lifetimeMs, used: false });
      return ticket;
    },
    find(ticket) {
      const found = kept.get(ticket);
      return found && !found.used && options.now() < found.expiresAt ? found.content : undefined;
    },
    take(ticket) {
      const found = kept.get(ticket);
      if (!found) return { refusal: 'unknown' };
      if (found.used) return { refusal: 'used' };
      if (options.now() >= found.expiresAt) return { refusal: 'expired' };
      found.used = true;
      return { content: found.content };
    },
  };
}
