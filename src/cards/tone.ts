/** How a line is meant. The symbol says it without colour; the colour follows the client's own theme. */
export type Tone = 'plain' | 'good' | 'warning' | 'attention' | 'busy';

const looks = {
  plain: { symbol: '•', color: 'Default' },
  good: { symbol: '✓', color: 'Good' },
  // With the text selector, so that no client draws an emoji.
  warning: { symbol: '⚠\ufe0e', color: 'Warning' },
  attention: { symbol: '✕', color: 'Attention' },
  busy: { symbol: '↻', color: 'Accent' },
} as const satisfies Record<Tone, { symbol: string; color: string }>;

export const toned = (tone: Tone, text: string) => ({
  text: `${looks[tone].symbol} ${text}`,
  color: looks[tone].color,
});

/** Without a symbol, for what needs no emphasis. */
export const untoned = (text: string) => ({ text, color: 'Default' });

export const colored = (tone: Tone, text: string) => ({ text, color: looks[tone].color });
