import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';

export type TokenFlaw = 'foreignKey' | 'unsigned' | 'tampered';

export type ChannelKeys = ReturnType<typeof createChannelKeys>;

/** The key pair with which the rehearsal's channel signs what it posts, and the one document that publishes it. */
export function createChannelKeys() {
  const kid = 'rehearsal-channel';
  const own = generateKeyPair('RS256', { extractable: true });
  let foreign: ReturnType<typeof generateKeyPair> | undefined;

  async function sign(claims: JWTPayload, header: Readonly<Record<string, unknown>> = {}, flaw?: TokenFlaw) {
    if (flaw === 'unsigned') return new UnsecuredJWT(claims).encode();
    foreign ??= flaw === 'foreignKey' ? generateKeyPair('RS256') : undefined;
    const { privateKey } = await (flaw === 'foreignKey' && foreign ? foreign : own);
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid, ...header })
      .sign(privateKey);
    return flaw === 'tampered' ? tamper(token) : token;
  }

  return {
    /** `flaw` makes a token that must be refused. */
    sign,
    async publicKeys() {
      const { publicKey } = await own;
      return { keys: [{ ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256', endorsements: ['msteams'] }] };
    },
  };
}

/** Changes one character in the middle of the signature, where every bit counts. */
function tamper(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const at = signature.length >> 1;
  const other = signature[at] === 'A' ? 'B' : 'A';
  return [header, payload, signature.slice(0, at) + other + signature.slice(at + 1)].join('.');
}
