import type { SignInCard } from './wire.ts';

/** A sign-in button that Teams shows to one person on one message, and what finishing it sends to the bot. */
export type SignInOffer = {
  readonly title: string;
  readonly url: string;
  readonly text: string;
} & (
  | { readonly kind: 'oauthCard' }
  /** The action's whole value is sent again, with `state`. */
  | { readonly kind: 'cardAction'; readonly value: Readonly<Record<string, unknown>> }
);

/** The button of a sign-in card; undefined when it has none that Teams would open. */
export function findSignInButton(card: SignInCard): { title: string; url: string; text: string } | undefined {
  const button = card.buttons?.find((each) => each.type === 'signin');
  if (!button || !URL.canParse(button.value)) return undefined;
  return { title: button.title ?? 'Sign in', url: button.value, text: card.text ?? '' };
}
