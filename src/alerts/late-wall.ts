import type { AlertWall } from './wall.ts';

/** A wall that is made later than those who put alerts on it: nobody may, before it is there. */
export const createLateWall = (get: () => AlertWall): AlertWall => ({
  post: (...posted) => get().post(...posted),
  edit: (...edited) => get().edit(...edited),
  reply: (...replied) => get().reply(...replied),
  openPersonal: (...opened) => get().openPersonal(...opened),
});
