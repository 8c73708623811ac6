import * as z from 'zod'

const claims = z.object({
  access: z.array(z.object({ type: z.string(), name: z.string(), actions: z.array(z.string()) })),
})

/**
 * The scope that a token grants: the `access` claim of a JWT (distribution, docs/spec/auth/jwt.md), which is what the registry reads, else
 * `scope` of the token response; `nothing` for an empty list, '' if neither is given. The signature is not verified: that is up to the
 * registry.
 */
export function grantedScope(token: string, scope: unknown): string {
  return accessOf(token) ?? (typeof scope === 'string' ? scope : '')
}

function accessOf(token: string): string | undefined {
  const payload = token.split('.')[1]
  if (!payload) return undefined
  try {
    const parsed = claims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
    if (!parsed.success) return undefined
    const granted = parsed.data.access.map(
      ({ type, name, actions }) => `${type}:${name}:${actions.join(',')}`,
    )
    return granted.length > 0 ? granted.join(' ') : 'nothing'
  } catch {
    return undefined
  }
}

/** Whether a scope allows an action on a repository; `*` allows all. A name may contain a colon, if a registry puts a port into it. */
export function allows(scope: string, repository: string, action: string): boolean {
  return scope.split(' ').some((one) => {
    const [, name, actions = ''] = /^repository(?:\([^)]*\))?:(.+):([^:]*)$/.exec(one) ?? []
    const allowed = actions.split(',')
    return name === repository && (allowed.includes(action) || allowed.includes('*'))
  })
}
