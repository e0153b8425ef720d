import type { SandboxPerson } from '../contract.ts';
import {
  adaptiveCardType,
  type CardJson,
  type ExecuteAction,
  isObject,
  loginRequestType,
  type SignInCard,
} from './activities.ts';
import type { TeamsConversation } from './conversations.ts';
import { type BotConnection, refusal } from './delivery.ts';
import { findSignInButton, type SilentSignIn } from './sign-in.ts';
import type { DeliveryOutcome, TeamsMessage, Timeline } from './timeline.ts';

/** The result of pressing a button on a card. */
export interface PressResult {
  /** Every invoke sent, in order: a silent sign-in sends the action twice. */
  readonly deliveries: readonly DeliveryOutcome[];
  /** `statusCode` of the last answer's body, if it had one. */
  readonly statusCode: number | undefined;
  /** The card that replaced the shared one for the presser alone. */
  readonly card?: CardJson;
  /** The text Teams shows for a moment. */
  readonly text?: string;
  /** The presser now sees a sign-in button on this message. */
  readonly signInOffered: boolean;
  /** Why Teams shows an error. */
  readonly problem?: string;
}

interface Press {
  readonly person: SandboxPerson;
  readonly message: TeamsMessage;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly statusCode: number;
  readonly type: string;
  readonly value: unknown;
}

/**
 * `Action.Execute` as a Teams client carries it out, sign-in included.
 * Source: learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/overview.
 */
export function createCardActions(parts: {
  readonly bot: BotConnection;
  readonly timeline: Timeline;
  readonly sso: SilentSignIn;
}) {
  const { bot, timeline, sso } = parts;

  async function send(press: Press, extra: Readonly<Record<string, unknown>> = {}): Promise<DeliveryOutcome> {
    const { person, message, value } = press;
    const invoke = {
      conversationId: message.conversationId,
      name: 'adaptiveCard/action',
      value: { ...value, ...extra },
      replyToId: message.id,
    };
    return bot.invoke(person, message.conversation, invoke, (outcome) => problemOf(outcome));
  }

  async function run(press: Press, extra?: Readonly<Record<string, unknown>>): Promise<PressResult> {
    const first = await send(press, extra);
    const asked = findLoginRequest(first);
    if (!asked) return settle(press, [first]);
    const token = asked.tokenExchangeResource && (await silentToken(press.person));
    if (!token || extra?.authentication) return offer(press, asked, [first]);
    const authentication = { id: asked.tokenExchangeResource?.id, connectionName: asked.connectionName, token };
    const second = await send(press, { authentication });
    const again = findLoginRequest(second);
    const refused = again || answerOf(second)?.statusCode === 412;
    return refused ? offer(press, again ?? asked, [first, second]) : settle(press, [first, second]);
  }

  async function silentToken(person: SandboxPerson): Promise<string | undefined> {
    return sso.modeOf(person) === 'silent' ? sso.issueAssertion(person) : undefined;
  }

  function offer(press: Press, card: SignInCard, deliveries: DeliveryOutcome[]): PressResult {
    const { person, message, value } = press;
    const button = findSignInButton(card);
    if (button)
      timeline.offerSignIn(message.conversation, message.id, person, { kind: 'cardAction', ...button, value });
    return resultOf(deliveries, { signInOffered: button !== undefined });
  }

  function settle({ person, message }: Press, deliveries: DeliveryOutcome[]): PressResult {
    const answer = answerOf(deliveries.at(-1));
    if (answer?.statusCode === 200 && message.signIns.has(person.key))
      timeline.offerSignIn(message.conversation, message.id, person, undefined);
    if (answer?.statusCode === 200 && answer.type === adaptiveCardType && isObject(answer.value)) {
      timeline.showView(message.conversation, message.id, person, answer.value);
      return resultOf(deliveries, { card: answer.value });
    }
    if (answer?.statusCode === 200 && typeof answer.value === 'string' && answer.value !== '') {
      timeline.emit({ kind: 'toast', message, person, text: answer.value });
      return resultOf(deliveries, { text: answer.value });
    }
    return resultOf(deliveries, {});
  }

  function execute(
    trigger: 'manual' | 'automatic',
    person: SandboxPerson,
    conversation: TeamsConversation,
    messageId: string,
    action: ExecuteAction,
    inputs: Readonly<Record<string, unknown>> = {},
  ): Promise<PressResult> {
    const message = timeline.get(conversation, messageId);
    const { type, id, title, verb, data } = action;
    const sent = { type, ...(id && { id }), ...(title && { title }), verb, data: { ...data, ...inputs } };
    return run({ person, message, value: { action: sent, trigger } });
  }

  return {
    /** `inputs` are the card's input values, merged over the action's data as Teams does. */
    press: execute.bind(undefined, 'manual'),
    /** Teams' automatic press when somebody named in a card's `refresh` sees the card. */
    refresh: execute.bind(undefined, 'automatic'),
    /** Sends the action of a sign-in button again, with the code of its window. */
    async finish(
      person: SandboxPerson,
      message: TeamsMessage,
      value: Press['value'],
      state: string,
    ): Promise<PressResult> {
      return run({ person, message, value }, { state });
    },
  };
}

function resultOf(
  deliveries: readonly DeliveryOutcome[],
  rest: Partial<Pick<PressResult, 'card' | 'text' | 'signInOffered'>>,
): PressResult {
  const last = deliveries.at(-1);
  const problem = last && problemOf(last);
  return {
    deliveries,
    statusCode: answerOf(last)?.statusCode,
    signInOffered: false,
    ...rest,
    ...(problem && { problem }),
  };
}

function answerOf(outcome: DeliveryOutcome | undefined): Answer | undefined {
  const body = outcome?.status === 200 ? outcome.body : undefined;
  if (!isObject(body) || typeof body.statusCode !== 'number') return undefined;
  return { statusCode: body.statusCode, type: String(body.type), value: body.value };
}

function findLoginRequest(outcome: DeliveryOutcome): SignInCard | undefined {
  const answer = answerOf(outcome);
  const isRequest = answer?.statusCode === 401 && answer.type === loginRequestType && isObject(answer.value);
  return isRequest && problemOf(outcome) === undefined ? (answer.value as SignInCard) : undefined;
}

/** Why a Teams client would show "Something went wrong", or undefined. */
function problemOf(outcome: DeliveryOutcome): string | undefined {
  if (outcome.status !== 200) return refusal(outcome);
  const answer = answerOf(outcome);
  if (!answer) return 'The answer has no statusCode, so Teams shows nothing.';
  if (answer.statusCode === 401 && answer.type === loginRequestType) {
    const card = (isObject(answer.value) ? answer.value : {}) as SignInCard;
    if (!card.connectionName) return 'The loginRequest has no connectionName, so Teams ignores it.';
    if (!findSignInButton(card)) return 'The loginRequest has no button of type signin, so Teams cannot show one.';
    return undefined;
  }
  if (answer.statusCode === 200) {
    if (answer.type === adaptiveCardType && isObject(answer.value)) return undefined;
    if (answer.type === 'application/vnd.microsoft.activity.message' && typeof answer.value === 'string')
      return undefined;
    return `The answer's type ${answer.type} does not fit its value.`;
  }
  if (answer.statusCode === 412) return undefined;
  const { code, message } = (isObject(answer.value) ? answer.value : {}) as { code?: string; message?: string };
  return [`The bot answered ${answer.statusCode}`, code, message].filter(Boolean).join(': ');
}
