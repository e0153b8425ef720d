// Replaces adaptivecards' own schema.ts, which adaptivecards-templating's types name and which is no strict TypeScript.
export type IAdaptiveCard = Readonly<Record<string, unknown>>;
