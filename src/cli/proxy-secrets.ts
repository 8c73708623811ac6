import type { Env } from '../settings/sources.ts'

/** The passwords in the addresses of proxies, those included that make no address: a proxy may say back what it was told. */
export function proxySecrets(env: Env): string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    if (!/_proxy$/i.test(name)) return []
    const address = value.replace(/^\s*[a-z0-9+.-]+:\/\//i, '')
    // A password may hold what should have been escaped, so it goes on to the last `@`.
    const password = /^[^:]*:(.+)@/s.exec(address)?.[1]
    return password === undefined ? [] : [password, decoded(password)]
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
