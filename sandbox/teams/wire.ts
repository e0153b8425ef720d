/** What travels between Teams and a bot, as loosely as it really comes: only what the stand-in looks at is named. */
export interface WireActivity {
  readonly type: string;
  readonly id?: string;
  readonly text?: string;
  readonly summary?: string;
  readonly replyToId?: string;
  readonly attachments?: readonly WireAttachment[];
  readonly [property: string]: unknown;
}

export interface WireAttachment {
  readonly contentType: string;
  readonly content?: unknown;
}

export type CardJson = Readonly<Record<string, unknown>>;

/** An `Action.Execute` as it stands on a card. */
export interface ExecuteAction {
  readonly type: 'Action.Execute';
  readonly id?: string;
  readonly title?: string;
  readonly verb?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

export const adaptiveCardType = 'application/vnd.microsoft.card.adaptive';
export const oauthCardType = 'application/vnd.microsoft.card.oauth';
export const loginRequestType = 'application/vnd.microsoft.activity.loginRequest';

/** Content of an `OAuthCard`, and the value of a `loginRequest`: the two have one shape. */
export interface SignInCard {
  readonly text?: string;
  readonly connectionName?: string;
  readonly tokenExchangeResource?: { readonly id: string; readonly uri?: string };
  readonly buttons?: readonly { readonly type: string; readonly title?: string; readonly value: string }[];
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
