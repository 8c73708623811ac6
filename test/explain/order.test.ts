import { expect, test } from 'vitest'
import type { FailureKind } from '../../src/core/failure.ts'
import type { Cause, Finding } from '../../src/core/finding.ts'
import { orderOfFaults } from '../../src/explain/order.ts'
import type { RequestFact } from '../../src/facts/path.ts'

const digest = `sha256:${'a'.repeat(64)}`

const cause = (id: string, group: Cause['group'], finding: Partial<Finding>): Cause => ({
  ...{ id, group, severity: 'error', title: '', advice: '', page: '' },
  findings: [
    {
      id,
      group,
      severity: 'error',
      subject: 's',
      message: '',
      evidence: [],
      advice: '',
      cause: '',
      title: '',
      ...finding,
    },
  ],
})

const request = (at: number, url: string, kind?: FailureKind): RequestFact => ({
  ...{ method: 'GET', url, role: 'registry', at, http2: false, attempt: 0 },
  phases: { connect: 5, headers: 10 },
  ...(kind
    ? { failure: { kind, host: new URL(url).host, phase: 'connect', detail: '', evidence: [] } }
    : { status: 404 }),
})

const missing = cause('layer-missing', 'image', { digest })
const dead = cause('storage-unreachable', 'path', { subject: 'cdn.lab' })
const of404 = `https://registry.lab/v2/app/blobs/${digest}`

test('faults of image and path are put in the order of the requests that met them', () => {
  const log = [request(100, of404), request(20, 'https://cdn.lab/x', 'connection-timeout')]
  expect(orderOfFaults([missing, dead], { path: { log } as never })).toEqual([
    { id: 'storage-unreachable', group: 'path', at: 35, url: 'https://cdn.lab/x' },
    { id: 'layer-missing', group: 'image', at: 115, url: of404 },
  ])
})

test('a missing tag is found by its name', () => {
  const gone = cause('tag-missing', 'image', { subject: 'registry.lab/app:1.2' })
  const log = [
    request(1, 'https://registry.lab/v2/app/manifests/1.2'),
    request(50, 'https://cdn.lab/x', 'connection-timeout'),
  ]
  expect(orderOfFaults([gone, dead], { path: { log } as never }).map(({ id }) => id)).toEqual([
    'tag-missing',
    'storage-unreachable',
  ])
})

test.each<[string, Cause[]]>([
  ['only the image', [missing]],
  ['only the path', [dead]],
  ['the path only by a warning', [missing, { ...dead, severity: 'warning' }]],
  ['the image only because the run was stopped', [cause('run-stopped', 'image', {}), dead]],
])('nothing is put in order where %s is at fault', (_, causes) => {
  expect(orderOfFaults(causes, { path: { log: [request(1, of404)] } as never })).toEqual([])
})
