import { formats } from '../formats.ts';

const { number } = formats.en;

export const tokens = (count: number) => (count === 1 ? '1 token' : `${number(count)} tokens`);
export const apps = (count: number) => (count === 1 ? '1 app' : `${number(count)} apps`);
export const alerts = (count: number) => (count === 1 ? '1 alert' : `${number(count)} alerts`);
