import type { Problem } from '../problem.ts'

const defaultPort = 9743

/** The address and port of the setting `listen`; undefined for `none`. */
export function listenAt(
  written: string | undefined,
  problems: Problem[],
): { host: string; port: number } | undefined {
  if (written === 'none') return undefined
  if (written === undefined) return { host: '0.0.0.0', port: defaultPort }
  const [, host, digits] = /^(?:(\[[0-9a-fA-F:.]+\]|[\w.-]*):)?(\d{1,5})$/.exec(written.trim()) ?? []
  const port = Number(digits)
  if (digits === undefined || port > 65_535) {
    problems.push({
      setting: 'listen',
      value: written,
      message: 'must be a port, or an address and a port, such as 127.0.0.1:9743; or none',
    })
    return undefined
  }
  return { host: (host ?? '').replace(/^\[|\]$/g, '') || '0.0.0.0', port }
}
