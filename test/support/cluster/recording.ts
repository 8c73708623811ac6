import { readFileSync, writeFileSync } from 'node:fs'

/** One question to an API server, and the shape of its answer. */
export interface Exchange {
  what: string
  /** Who asks: everybody has a certificate, except those whose token is wrong. */
  as: 'reader' | 'ci' | 'wrong token'
  path: string
  status: number
  contentType: string
  retryAfter?: string
  body: unknown
}

const file = new URL('../../recorded/kube-apiserver-1.36.3.json', import.meta.url)

/** What a kube-apiserver 1.36.3 answered; `UPDATE_GOLDEN=1 npx vitest run test/real/cluster/answers.test.ts` records it again. */
export const recorded = (): Exchange[] => JSON.parse(readFileSync(file, 'utf8'))

export const record = (exchanges: Exchange[]): void =>
  writeFileSync(file, `${JSON.stringify(exchanges, undefined, 2)}\n`)

/** Values that differ each time; their kind is kept. */
const varying = new Set([
  'resourceVersion',
  'continue',
  'uid',
  'creationTimestamp',
  'buildDate',
  'lastTransitionTime',
])
/** What no reader of a list needs. */
const left = new Set(['managedFields'])

/** The shape of an answer: of items only their names, of what differs each time only its type. */
export function shapeOf(value: unknown, key = ''): unknown {
  if (varying.has(key)) return `<${typeof value}>`
  if (Array.isArray(value)) return key === 'items' ? value.map(nameOf) : value.map((one) => shapeOf(one))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !left.has(name))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, shapeOf(inner, name)]),
  )
}

/** An item in a list has neither kind nor version. */
function nameOf(item: { kind?: string; metadata: { name: string; namespace?: string } }): string {
  const { kind, metadata } = item
  return [kind, metadata.namespace, metadata.name].filter(Boolean).join('/')
}
