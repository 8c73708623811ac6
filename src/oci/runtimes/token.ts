/** The URL of an anonymous token request, with its query in the order of Go's url.Values. */
export function tokenUrl({ realm, service }: { realm: string; service?: string }, scope: string): string {
  const url = URL.canParse(realm) ? new URL(realm) : undefined
  if (!url) return realm
  url.searchParams.append('scope', scope)
  if (service) url.searchParams.append('service', service)
  url.searchParams.sort()
  return url.href
}
