import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWTPayload, jwtVerify, SignJWT } from 'jose';

const algorithm = 'RS256';

export interface SigningKeys {
  sign(claims: JWTPayload): Promise<string>;
  /** Signed with a key nobody publishes, under the published key's id. */
  signWrongly(claims: JWTPayload): Promise<string>;
  listPublicKeys(): Promise<JSONWebKeySet>;
  /** The claims, when the signature is right and `now` lies between nbf and exp. Throws jose's errors otherwise. */
  verify(token: string, now: number): Promise<JWTPayload>;
}

/** One RSA key pair for all tenants, new with every start and made at first need. */
export function createSigningKeys(): SigningKeys {
  const keyId = crypto.randomUUID();
  const right = once(() => generateKeyPair(algorithm));
  const wrong = once(() => generateKeyPair(algorithm));
  const header = { alg: algorithm, typ: 'JWT', kid: keyId };
  return {
    sign: async (claims) => new SignJWT(claims).setProtectedHeader(header).sign((await right()).privateKey),
    signWrongly: async (claims) => new SignJWT(claims).setProtectedHeader(header).sign((await wrong()).privateKey),
    listPublicKeys: async () => ({
      keys: [{ ...(await exportJWK((await right()).publicKey)), kid: keyId, use: 'sig', alg: algorithm }],
    }),
    async verify(token, now) {
      const options = { algorithms: [algorithm], currentDate: new Date(now), requiredClaims: ['exp'] };
      return (await jwtVerify(token, (await right()).publicKey, options)).payload;
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
