import type { Env } from '../settings/sources.ts'

/** The passwords in the proxy variables, even of values that are not valid URLs: a proxy's error may quote them. */
export function proxySecrets(env: Env): string[] {
  return Object.entries(env).flatMap(([name, value = '']) => {
    if (!/_proxy$/i.test(name)) return []
    const address = value.replace(/^\s*[a-z0-9+.-]+:\/\//i, '')
    // A password may contain an unescaped `@`, so it ends at the last one.
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
