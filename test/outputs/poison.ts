import fc from 'fast-check'
import type { Report } from '../../src/report/schema.ts'
import { hostileText } from '../log/hostile.ts'
import { certificateEnds } from '../report/changes.ts'
import { reportOf } from '../report/reports.ts'
import { absent, all, hostIn, unseen, withBlob, withManifest } from '../support/facts.ts'

/** The fields of a report that hold text from outside, or text that was made with some. */
const outside = new Set(
  `reference digest platform faults host why title because advice rebuild subject issuer message
  expected actual evidence platforms event number url repository`.split(/\s+/),
)

/** A report that has a bit of everything, so that every line a renderer has is there. */
const full = (): Report =>
  reportOf(
    all(
      withManifest('arm64', absent()),
      withManifest('arm64 attestation', absent()),
      withBlob('amd64 layer', unseen('registry-error')),
      withBlob('amd64 config', unseen('storage-unreachable', 'cdn.example.com')),
      certificateEnds(3),
      (facts) => {
        hostIn(facts).retries = [{ kind: 'registry-unavailable', detail: '503' }]
        facts.image.targets.push(...structuredClone(facts.image.targets))
        facts.path.hosts.push({
          ...structuredClone(hostIn(facts)),
          host: 'cdn.example.com',
          roles: ['storage'],
        })
      },
    ),
    {
      ci: { platform: 'woodpecker', event: 'push', number: '#1', url: 'https://ci.example.com' },
      stopped: { why: 'SIGTERM came', exitCode: 143 },
      crashes: [{ check: 'layer-missing', error: new Error('a mistake') }],
    },
  )

/** A full report with every text from outside replaced, one after the other, over and over. */
export function poisoned(texts: readonly string[]): Report {
  let at = 0
  const walk = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => walk(item, key))
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, walk(inner, name)]))
    }
    if (typeof value !== 'string' || !outside.has(key) || value === 'woodpecker') return value
    at += 1
    return texts[(at - 1) % texts.length]
  }
  return walk(full(), '') as Report
}

/** Texts as a hostile registry would choose them; also in a colour that is not ours. */
export const hostileTexts = (): fc.Arbitrary<string[]> =>
  fc.array(
    fc.tuple(hostileText(), fc.constantFrom('', '\u001b[35m', '\u001b[45;5m')).map((parts) => parts.join('')),
    { minLength: 1, maxLength: 12 },
  )
