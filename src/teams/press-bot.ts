import { besideCard } from '../dialogs/beside-card.ts';
import { type Continue, continueVerb } from '../dialogs/continue.ts';
import type { Press, PressAnswer, SignInProof } from '../dialogs/press.ts';
import { replyToError } from '../dialogs/refuse.ts';
import type { Reply, Turn } from '../domain/turn.ts';
import { textsFor } from '../i18n/texts.ts';
import { within } from '../lib/async.ts';
import { isOpaqueId } from '../lib/ids.ts';
import { type InvokeAnswer, invokeError, invokeMessage, toInvokeAnswer } from './invoke-answer.ts';
import type { SignInAddresses } from './to-activity.ts';

export interface PressBotParts {
  readonly press: (turn: Turn, press: Press) => Promise<PressAnswer>;
  readonly continuePress: Continue['press'];
  readonly deliver: (turn: Turn, reply: Reply) => Promise<void>;
  readonly addresses: SignInAddresses;
}

/** Teams gives an invoke 5 s at the least; what takes longer ends on the card. */
export const invokeBudgetMs = 4_000;

/** Answers `adaptiveCard/action`. The card everybody sees is edited as well, because the invoke's answer reaches the presser alone. */
export function createPressBot(parts: PressBotParts): (turn: Turn, value: unknown) => Promise<InvokeAnswer> {
  return async (turn, value) => {
    const press = readPress(value);
    if (!press) return invokeError(400, 'The action is not one of this bot’s.');
    const work = press.verb === continueVerb ? parts.continuePress(turn, press) : parts.press(turn, press);
    const answer = await within(invokeBudgetMs, work);
    if (answer) {
      const shown = replyFor(turn, answer);
      const invokeAnswer = toInvokeAnswer(answer, turn.locale, parts.addresses);
      return shown ? { ...invokeAnswer, goesOn: parts.deliver(...shown) } : invokeAnswer;
    }
    const late = work.then(
      (answer) => lateReply(turn, answer),
      (error: unknown): [Turn, Reply] => [besideCard(turn), replyToError(turn, error)],
    );
    const goesOn = late.then((reply) => parts.deliver(...reply));
    return { ...invokeMessage(textsFor(turn.locale).press.working), goesOn };
  };
}

/** What everybody sees, and where; undefined when only the presser is told. */
function replyFor(turn: Turn, answer: PressAnswer): [Turn, Reply] | undefined {
  if (answer.kind === 'beside') return [besideCard(turn), answer.reply];
  if (answer.kind !== 'card' && answer.kind !== 'text') return undefined;
  const place: Turn = answer.messageId === undefined ? turn : { ...turn, messageId: answer.messageId };
  return [place, answer.kind === 'card' ? answer.reply : { kind: 'text', text: answer.text }];
}

/** An answer that comes after the invoke ended: what only the presser would have seen is said in the conversation. */
function lateReply(turn: Turn, answer: PressAnswer): [Turn, Reply] {
  const shown = replyFor(turn, answer);
  return (
    shown ?? [
      besideCard(turn),
      answer.kind === 'signIn' ? answer : { kind: 'text', text: 'text' in answer ? answer.text : '' },
    ]
  );
}

function readPress(value: unknown): Press | undefined {
  const { action, trigger, authentication, state } = asRecord(value);
  const { verb, data } = asRecord(action);
  const { id, ...inputs } = typeof data === 'string' ? { id: data } : asRecord(data);
  if (typeof verb !== 'string' || typeof id !== 'string') return undefined;
  const proof = readProof(authentication, state);
  // Bot Framework's own type of this value has no trigger, so one that is absent says nothing; any but `manual` says no.
  const said = trigger === undefined ? 'manual' : typeof trigger === 'string' ? trigger : 'unreadable';
  return { verb, id: knownForm(id), inputs, trigger: said, ...(proof && { proof }) };
}

function readProof(authentication: unknown, state: unknown): SignInProof | undefined {
  const { id, token } = asRecord(authentication);
  if (typeof id === 'string' && typeof token === 'string')
    return { kind: 'assertion', requestId: knownForm(id), assertion: token };
  return typeof state === 'string' && state !== '' ? { kind: 'code', code: state } : undefined;
}

/** What is no id of ours is asked for as none, which nobody knows either: a store need not take every text there is. */
const knownForm = (id: string) => (isOpaqueId(id) ? id : '');

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
