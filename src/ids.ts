import { randomBytes } from 'node:crypto';

/** 144 random bits: cannot be guessed, so knowing it shows that one was given it. */
export const newOpaqueId = (): string => randomBytes(18).toString('base64url');

/** Whether a text has the form of such an id, so that it is worth looking for. */
export const isOpaqueId = (text: string): boolean => /^[\w-]{1,100}$/.test(text);

/** Short enough to read out over the phone; stands in the log and in what the person is told. */
export const newCorrelationId = (): string => randomBytes(5).toString('hex');
