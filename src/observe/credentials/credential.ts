/** Credentials for a registry. `from` names their source in messages, and never contains a secret. */
export type Credential =
  | { kind: 'password'; username: string; password: string; from: string }
  /** An OAuth2 refresh token; Docker calls it an identity token. */
  | { kind: 'identity'; token: string; from: string }
  /** A bearer token that is sent to the registry as it is, without a token server. */
  | { kind: 'bearer'; token: string; from: string }

/** The part of a credential that must never be printed. */
export const secretOf = (credential: Credential): string =>
  credential.kind === 'password' ? credential.password : credential.token

/** A credential as messages name it: the user or the kind of token, and its source. */
export const describeCredential = (credential: Credential): string =>
  credential.kind === 'password'
    ? `user “${credential.username}” (from ${credential.from})`
    : `the ${credential.kind === 'identity' ? 'identity' : 'registry'} token from ${credential.from}`
