/** What a sync changed on its token. Values are Graph's own, as they came; absent means Graph had none. */
export interface Change {
  readonly what: 'state' | 'expiry' | 'lastSync';
  readonly before?: string;
  readonly after?: string;
}
