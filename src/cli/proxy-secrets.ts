import type { Env } from '../settings/sources.ts'

/** The passwords in the addresses of proxies: a proxy may say back what it was told. */
export function proxySecrets(env: Env): string[] {
  return Object.entries(env).flatMap(([name, value]) => {
    if (!/_proxy$/i.test(name) || !value || !URL.canParse(value)) return []
    const { password } = new URL(value)
    return password === '' ? [] : [password, decoded(password)]
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
