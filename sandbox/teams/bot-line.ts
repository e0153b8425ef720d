import type { SandboxPerson } from '../contract.ts';
import type { ActivityMaker, WireActivity } from './activities.ts';
import type { TeamsConversation } from './conversations.ts';
import type { Delivery, DeliveryOutcome } from './delivery.ts';
import type { Timeline } from './timeline.ts';

export interface InvokeParts {
  readonly conversationId: string;
  readonly name: string;
  readonly value: unknown;
  readonly replyToId?: string;
}

export type BotLine = ReturnType<typeof createBotLine>;

export const refusal = ({ status, body }: DeliveryOutcome) =>
  status === 0 ? String(body) : `The bot answered HTTP ${status}.`;

/** Sends a person's activities to the bot and lets everybody see how each delivery went. */
export function createBotLine(parts: {
  readonly deliver: Delivery['deliver'];
  readonly activities: ActivityMaker;
  readonly timeline: Timeline;
}) {
  const { deliver, activities, timeline } = parts;

  function tell(
    person: SandboxPerson,
    conversation: TeamsConversation,
    what: string,
    outcome: DeliveryOutcome,
    problem?: string,
  ) {
    timeline.tell({ kind: 'delivery', conversation, person, what, outcome, ...(problem && { problem }) });
  }

  async function post(
    person: SandboxPerson,
    conversation: TeamsConversation,
    activity: WireActivity,
  ): Promise<DeliveryOutcome> {
    const outcome = await deliver(activity);
    const ok = outcome.status >= 200 && outcome.status < 300;
    tell(person, conversation, activity.type, outcome, ok ? undefined : refusal(outcome));
    return outcome;
  }

  return {
    post,
    /** `judge` says why Teams would show an error although the bot answered 2xx. */
    async invoke(
      person: SandboxPerson,
      conversation: TeamsConversation,
      invoke: InvokeParts,
      judge: (outcome: DeliveryOutcome) => string | undefined = () => undefined,
    ): Promise<DeliveryOutcome> {
      const outcome = await deliver(activities.invoke(person, conversation, invoke));
      tell(person, conversation, invoke.name, outcome, judge(outcome));
      return outcome;
    },
  };
}
