import { findInstant } from '../cards/instant.ts';
import type { VppToken } from '../graph/vpp-token.ts';
import { findHopelessState } from '../sync/hopeless-state.ts';
import { isExpired } from '../sync/token-health.ts';
import type { AlertEnding } from './alert.ts';
import { absent, present, type Sight, unknown } from './observed.ts';
import { findExpiringStage } from './timed-stages.ts';

type BrokenState = 'invalid' | 'assignedToExternalMDM' | 'duplicateLocationId';

const knownStates = ['valid', 'expired', 'invalid', 'assignedToExternalMDM', 'duplicateLocationId'];

/** Nothing can be synced with it until somebody mends it. */
export const isHopeless = (token: VppToken, now: number): boolean =>
  isExpired(token, now) || findHopelessState(token) !== undefined;

export function observeExpired(token: VppToken, now: number): Sight {
  if (isExpired(token, now)) return present('expired');
  const hasDate = findInstant(token.expirationDateTime) !== undefined;
  return hasDate || token.state === 'valid' ? absent(endingBeside(token, now)) : unknown;
}

export function observeExpiring(token: VppToken, now: number): Sight {
  if (isExpired(token, now)) return absent('superseded');
  const expiresAt = findInstant(token.expirationDateTime);
  if (expiresAt === undefined) return unknown;
  const stage = findExpiringStage(now, expiresAt);
  return stage ? present(stage) : absent('resolved');
}

/**
 * Intune may call an expired token `invalid`: once its date is past, `expired` says it alone. A state nobody knows, and Graph's own
 * `unknown`, is no trouble by itself, and no sign that a former trouble is over either.
 */
export function observeBroken(state: BrokenState, token: VppToken, now: number): Sight {
  if (state === 'invalid' && isExpired(token, now)) return absent('superseded');
  if (token.state === state) return present(state);
  return knownStates.includes(token.state) ? absent(endingBeside(token, now)) : unknown;
}

// A token has one state at a time: one trouble that hides another has not mended it.
const endingBeside = (token: VppToken, now: number): AlertEnding =>
  isHopeless(token, now) ? 'superseded' : 'resolved';
