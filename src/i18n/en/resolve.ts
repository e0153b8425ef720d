import { formats } from '../formats.ts';

const { number } = formats.en;

/** From a typed name to one token. `asked` is what the person typed. */
export const resolve = {
  which: (asked: string, count: number) => `“${asked}” matches ${number(count)} tokens. Which one do you mean?`,
  whichOfAll: (count: number) => `Which of the ${number(count)} tokens do you mean?`,
  label: 'Tokens',
  required: 'Choose a token first.',
  typeInstead: 'You can also type its number, or more of its name.',
  notShown: (count: number) =>
    count === 1 ? 'One more matches and is not shown.' : `${number(count)} more match and are not shown.`,
  none: (asked: string) => `No token you can see is called “${asked}”.`,
  nearest: 'These names come nearest. Is it one of them?',
  noneAndNothingNear:
    'Type part of the token’s name, its organisation, location or Apple ID, as the Intune admin center shows it.',
  noTokens:
    'There is no Apple VPP token that you can see. Either none was added to Intune yet, or your scope tags hide them. An Intune administrator can tell which.',
  numberOutside: (count: number) => `Type a number from 1 to ${number(count)}, or more of the name.`,
  cancelled: 'Cancelled. Nothing was changed.',
  gone: (name: string) => `${name} is no longer in Intune. Nothing was changed.`,
} as const;
