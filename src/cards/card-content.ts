/** An Adaptive Card as JSON, ready to be sent. Made by `render` alone. */
export type CardContent = { readonly type: 'AdaptiveCard'; readonly version: string } & Readonly<
  Record<string, unknown>
>;
