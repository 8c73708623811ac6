/** What a registry is asked with. `from` names the source for messages; it never holds a value. */
export type Credential =
  | { kind: 'password'; username: string; password: string; from: string }
  /** An OAuth2 refresh token, which Docker calls identity token. */
  | { kind: 'identity'; token: string; from: string }
  /** A bearer token that needs no token server. */
  | { kind: 'bearer'; token: string; from: string }

/** Every value in a credential that must never be seen. */
export const secretOf = (credential: Credential): string =>
  credential.kind === 'password' ? credential.password : credential.token

/** Who asks, for a message: the user's name, or the kind of token; and where it came from. */
export const whoOf = (credential: Credential): string =>
  credential.kind === 'password'
    ? `user “${credential.username}” (${credential.from})`
    : `the ${credential.kind === 'identity' ? 'identity' : 'registry'} token of ${credential.from}`
