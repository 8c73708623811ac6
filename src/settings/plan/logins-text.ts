/**
 * The setting `logins` as JSON: Woodpecker passes a list as JSON, Actions pass it as the YAML text that it is written in. Text that is
 * neither is left as it is, and reported by the plan. The YAML parser is loaded only for YAML: it is the largest of all modules.
 */
export async function loginsAsJson(text: string): Promise<string> {
  try {
    JSON.parse(text)
    return text
  } catch {
    const { parse } = await import('yaml')
    try {
      return JSON.stringify(parse(text, { logLevel: 'error', maxAliasCount: 0 }) ?? undefined) ?? text
    } catch {
      return text
    }
  }
}
