import { choiceCard, summaryOfChoiceCard } from '../cards/choice-card.ts';
import { tokenChoices } from '../cards/token-names.ts';
import type { CardRecord, CardRecords, Choice } from '../domain/card-record.ts';
import { resolveToken } from '../domain/resolve-token.ts';
import type { VppToken } from '../domain/token.ts';
import type { Reply, Turn } from '../domain/turn.ts';
import { newOpaqueId } from '../lib/ids.ts';
import { foldName } from '../lib/text.ts';
import { minuteMs } from '../lib/time.ts';
import type { CommandCall } from './command.ts';

export type TypedChoice =
  | { readonly kind: 'chosen'; readonly record: CardRecord; readonly choice: Choice; readonly token: VppToken }
  /** Still several, but fewer: a new question. */
  | { readonly kind: 'narrowed'; readonly record: CardRecord; readonly choice: Choice }
  /** A number that stands for none of the `count` choices. */
  | { readonly kind: 'outside'; readonly count: number };

export const choiceExpiresMs = 5 * minuteMs;
const most = 15;

export interface Choose {
  /** Asks the person of the turn which token they mean; nobody else's answer counts. */
  ask(turn: Turn, choice: Choice, kind: 'several' | 'near'): Promise<Reply>;
  /** The token that a typed line picks among an open question's: its number, or more of a name. */
  findTyped(turn: Turn, line: string): Promise<TypedChoice | undefined>;
  /** Ends the person's newest open question, and says which it was; undefined when none is open. */
  decline(turn: Turn): Promise<Choice | undefined>;
  /** A new command ends the person's open questions and plans. */
  cancel(turn: Turn): Promise<void>;
}

export function createChoose({ records, now }: { records: CardRecords; now: () => number }): Choose {
  return {
    async ask(turn, choice, kind) {
      const at = now();
      const shown = choice.tokens.slice(0, most);
      const id = newOpaqueId();
      await records.add({
        id,
        kind: 'choice',
        ownerId: turn.person.aadObjectId,
        conversationId: turn.conversation.id,
        // Those not shown too: more of the name may be typed of any.
        payload: choice,
        createdAt: at,
        expiresAt: at + choiceExpiresMs,
      });
      const data = {
        locale: turn.locale,
        asked: choice.asked,
        found: kind === 'several' ? ('matches' as const) : ('near' as const),
        verb: `${choice.command}/choose`,
        actionTitle: choice.actionTitle,
        recordId: id,
        choices: tokenChoices(shown, turn, at),
        more: choice.tokens.length - shown.length,
      };
      return { kind: 'card', card: choiceCard(data), summary: summaryOfChoiceCard(data) };
    },
    async findTyped(turn, line) {
      const record = await records.findOpenChoice(turn.person.aadObjectId, turn.conversation.id, now());
      if (!record) return undefined;
      const choice = record.payload as Choice;
      const shown = choice.tokens.slice(0, most);
      const number = /^#?(\d{1,4})[.)]?$/.exec(line)?.[1];
      const token = number === undefined ? undefined : shown[Number(number) - 1];
      if (token) return { kind: 'chosen', record, choice, token };
      const resolution = isTellingName(line) ? resolveToken(line, choice.tokens) : undefined;
      if (resolution?.kind === 'one') return { kind: 'chosen', record, choice, token: resolution.token };
      if (resolution?.kind === 'several') {
        return { kind: 'narrowed', record, choice: { ...choice, asked: line, tokens: resolution.tokens } };
      }
      return number === undefined ? undefined : { kind: 'outside', count: shown.length };
    },
    async decline(turn) {
      const record = await records.findOpenChoice(turn.person.aadObjectId, turn.conversation.id, now());
      return record && (await records.take(record.id, now())) ? (record.payload as Choice) : undefined;
    },
    cancel: (turn) => records.cancelDialogs(turn.person.aadObjectId, turn.conversation.id, now()),
  };
}

/** Whether a line says enough to be part of a name: "so" or "ok" in passing must not choose what a write is done to. */
function isTellingName(line: string): boolean {
  const name = foldName(line);
  return name.length >= 3 || (name.length === 2 && /\p{Script=Han}/u.test(name));
}

/** The token a pressed choice stands for: `choice` is its 1-based number as the card sent it. */
export function tokenOfPress(choice: Choice, inputs: Readonly<Record<string, unknown>>): VppToken | undefined {
  const { choice: value } = inputs;
  return typeof value === 'string' && /^\d{1,2}$/.test(value)
    ? choice.tokens.slice(0, most)[Number(value) - 1]
    : undefined;
}

/** The call that a chosen token leads to. */
export function callFor(
  choice: Choice,
  token: VppToken,
  find: (name: string) => CommandCall['command'] | undefined,
): CommandCall | undefined {
  const command = find(choice.command);
  return command && { command, rest: restFor(choice, token) };
}

/** What follows the command's words once the token is chosen. */
export const restFor = ({ suffix }: Choice, { id }: VppToken): string => (suffix ? `${id} ${suffix}` : id);
