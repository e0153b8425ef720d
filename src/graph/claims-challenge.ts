import { isJsonObject, parseJson } from '../lib/json.ts';

/**
 * The JSON text of a Conditional Access or continuous access evaluation challenge, or undefined when the header carries none
 * that can be read. Source: "Claims challenges, claims requests, and client capabilities" (Microsoft identity platform).
 */
export function findClaims(wwwAuthenticate: string | null): string | undefined {
  const encoded = wwwAuthenticate?.match(/\bclaims="([A-Za-z0-9+/_=-]+)"/i)?.[1];
  if (!encoded) return undefined;
  const claims = Buffer.from(encoded, 'base64').toString('utf8');
  return isJsonObject(parseJson(claims)) ? claims : undefined;
}
