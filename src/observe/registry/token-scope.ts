import * as z from 'zod'

const claims = z.object({
  access: z.array(z.object({ type: z.string(), name: z.string(), actions: z.array(z.string()) })),
})

/**
 * The scope that a token grants: `scope` of the token response, else the `access` claim of the JWT (distribution,
 * docs/spec/auth/jwt.md); `nothing` for an empty list, '' if neither is given. The signature is not verified: that is up to the
 * registry.
 */
export function grantedScope(token: string, scope: unknown): string {
  if (typeof scope === 'string' && scope !== '') return scope
  const payload = token.split('.')[1]
  if (!payload) return ''
  try {
    const parsed = claims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
    if (!parsed.success) return ''
    const granted = parsed.data.access.map(
      ({ type, name, actions }) => `${type}:${name}:${actions.join(',')}`,
    )
    return granted.length > 0 ? granted.join(' ') : 'nothing'
  } catch {
    return ''
  }
}
