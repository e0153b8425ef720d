/** Fields, then a message: a sentence of the code, which nothing is put into. */
export type Write = {
  (fields: object, message: string): void;
  (message: string): void;
};

export type Log = Readonly<Record<'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal', Write>>;
