import type { TestContext } from 'node:test';
import { createCommands } from '../../src/commands/index.ts';
import type { CardAction } from '../../src/dialogs/card-action.ts';
import { createDialogs } from '../../src/dialogs/dialogs.ts';
import type { Person, Reply } from '../../src/domain/turn.ts';
import { assertionOf, startServices } from './services.ts';
import { sessionOf, tenantId, tokenOf } from './turns.ts';

export { assertionOf };

/** Every dialog and command, joined as the bot joins them, over `startServices`. */
export async function startDialogs(t: TestContext) {
  const started = await startServices(t);
  const { services, clock, sessions, entra, tenant } = started;
  const { signIn, replyToSignIn, answerMessage, answerCardAction } = createDialogs(services, createCommands);
  tenant.tokens = [tokenOf('token-1', { organizationName: 'Adatum' })];
  return {
    ...started,
    signIn,
    replyToSignIn,
    message: answerMessage,
    press: answerCardAction,
    ...services.stores,
    exchanged: entra.exchanged,
    failures: entra.failures,
    posts: tenant.posts,
    hide: tenant.hide,
    refuse: tenant.refuse,
    alertViews: services.alerting.views,
    /** Monitoring made a pass, and saw all tokens of the tenant. */
    readTenant: () =>
      services.stores.snapshots.putAll(
        tenant.tokens.map((token) => ({ tenantId, token, firstSeenAt: clock.now, seenAt: clock.now })),
      ),
    signInAs(person: Person) {
      sessions.put(person, sessionOf(person));
    },
  };
}

/** A button that somebody pressed by hand. */
export const press = (verb: string, id: string, changes: Partial<CardAction> = {}): CardAction => ({
  verb,
  id,
  inputs: {},
  trigger: 'manual',
  ...changes,
});

/** The id that a card's buttons carry. */
export function idOn(reply: Reply): string {
  const ids = 'card' in reply ? dataIn(reply.card) : [];
  const [id] = ids;
  if (id === undefined) throw new Error(`No button on ${JSON.stringify(reply)}`);
  // A row's has its number behind a dot.
  return id.replace(/\.\d+$/, '');
}

function dataIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(dataIn);
  if (typeof node !== 'object' || node === null) return [];
  const { type, data } = node as { type?: unknown; data?: { id?: unknown } };
  const own = type === 'Action.Execute' && typeof data?.id === 'string' ? [data.id] : [];
  return [...own, ...Object.values(node).flatMap(dataIn)];
}

/** Everything a reply says, in one line. */
export function wordsOf(reply: Reply | { readonly kind: string; readonly text?: string }): string {
  if ('card' in reply) return JSON.stringify(reply.card);
  return 'text' in reply ? (reply.text ?? '') : '';
}
