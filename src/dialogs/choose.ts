import { choiceCard, summaryOfChoiceCard } from '../cards/choice-card.ts';
import { tokenChoices } from '../cards/token-parts.ts';
import type { CardRecord, Choice } from '../domain/card-record.ts';
import { resolveToken } from '../domain/resolve-token.ts';
import type { VppToken } from '../domain/token.ts';
import type { Reply, Turn } from '../domain/turn.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { foldName } from '../lib/text.ts';
import { minuteMs } from '../lib/time.ts';
import type { Services } from './services.ts';

type TypedChoice =
  | { readonly kind: 'chosen'; readonly record: CardRecord; readonly choice: Choice; readonly token: VppToken }
  /** Still several, but fewer: they are asked about again. */
  | { readonly kind: 'narrowed'; readonly record: CardRecord; readonly choice: Choice }
  /** A number above the `count` choices. */
  | { readonly kind: 'outside'; readonly count: number };

export const choiceExpiresMs = 5 * minuteMs;
/** A card with more choices is too long to read. */
const mostShown = 15;

export interface Choose {
  /** Asks the person of the turn which token they mean; nobody else's answer counts. */
  ask(turn: Turn, choice: Choice, kind: 'several' | 'near'): Promise<Reply>;
  /** Reads a line as the answer to the person's open question: a choice's number, or more of its name. */
  findTyped(turn: Turn, line: string): Promise<TypedChoice | undefined>;
  /** Ends the person's newest open question and resolves to it; undefined when none is open. */
  decline(turn: Turn): Promise<Choice | undefined>;
  /** Ends the person's open questions and plans in this conversation. */
  cancel(turn: Turn): Promise<void>;
}

export function createChoose({ stores, runtime }: Services): Choose {
  const { records } = stores;
  const { now } = runtime;

  const findOpen = ({ person, conversation }: Turn) =>
    records.findOpenChoice(person.aadObjectId, conversation.id, now());

  return {
    async ask(turn, choice, kind) {
      const createdAt = now();
      const shown = choice.tokens.slice(0, mostShown);
      const id = newOpaqueId();
      await records.add({
        id,
        kind: 'choice',
        ownerId: turn.person.aadObjectId,
        conversationId: turn.conversation.id,
        // With the tokens that are not shown: more of any name may be typed.
        payload: choice,
        createdAt,
        expiresAt: createdAt + choiceExpiresMs,
      });
      const data = {
        locale: turn.locale,
        asked: choice.asked,
        found: kind === 'several' ? ('matches' as const) : ('near' as const),
        verb: `${choice.command}/choose`,
        actionTitle: choice.actionTitle,
        recordId: id,
        choices: tokenChoices(shown, turn, createdAt),
        more: choice.tokens.length - shown.length,
      };
      return { kind: 'card', card: choiceCard(data), summary: summaryOfChoiceCard(data) };
    },
    async findTyped(turn, line) {
      const record = await findOpen(turn);
      if (!record) return undefined;
      const choice = record.payload as Choice;
      const shown = choice.tokens.slice(0, mostShown);
      const number = /^#?(\d{1,4})[.)]?$/.exec(line)?.[1];
      const token = number === undefined ? undefined : shown[Number(number) - 1];
      if (token) return { kind: 'chosen', record, choice, token };
      const resolution = mayBeName(line) ? resolveToken(line, choice.tokens) : undefined;
      if (resolution?.kind === 'one') return { kind: 'chosen', record, choice, token: resolution.token };
      if (resolution?.kind === 'several') {
        return { kind: 'narrowed', record, choice: { ...choice, asked: line, tokens: resolution.tokens } };
      }
      return number === undefined ? undefined : { kind: 'outside', count: shown.length };
    },
    async decline(turn) {
      const record = await findOpen(turn);
      return record && (await records.take(record.id, now())) ? (record.payload as Choice) : undefined;
    },
    cancel: (turn) => records.cancelDialogs(turn.person.aadObjectId, turn.conversation.id, now()),
  };
}

/** A short word such as "so" or "ok", said in passing, must not choose the token of a write. */
function mayBeName(line: string): boolean {
  const name = foldName(line);
  return name.length >= 3 || (name.length === 2 && /\p{Script=Han}/u.test(name));
}

/** The token that the card's input names by its 1-based number. */
export function findChosen(choice: Choice, inputs: Readonly<Record<string, unknown>>): VppToken | undefined {
  const { choice: value } = inputs;
  return typeof value === 'string' && /^\d{1,2}$/.test(value)
    ? choice.tokens.slice(0, mostShown)[Number(value) - 1]
    : undefined;
}

/** The rest of the command's line once the token is chosen. */
export const restFor = ({ suffix }: Choice, { id }: VppToken): string => (suffix ? `${id} ${suffix}` : id);
