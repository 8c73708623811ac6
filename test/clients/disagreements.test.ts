import { expect, test } from 'vitest'
import { disagreements } from './disagreements.ts'
import type { Judgement } from './judge.ts'
import { shapeOf } from './shapes/shape.ts'

type Cause = Judgement['causes'][number]

const refuses = (error: string) => ({ ok: false as const, error })
const pulls = { ok: true as const }
const cause = (severity: Cause['severity'], because = ''): Cause => ({
  ...{ id: 'some-finding', group: 'image', severity, title: 'A fault.', because, advice: 'Do this.' },
  ...{ page: 'docs/findings/some-finding.md', findings: [] },
})

const rulesOf = (of: Partial<Judgement>) =>
  disagreements({ shape: shapeOf({ image: 'OCI', packing: 'xz' }), pulls: {}, causes: [], ...of }).map(
    ({ rule }) => rule,
  )

const all = {
  ...{ docker: pulls, 'docker-29': pulls, podman: pulls, skopeo: pulls },
  ...{ containerd: pulls, 'containerd-2': pulls, 'containerd-2-local': pulls },
}

test('an error about what every client pulls is a false alarm; a warning is none', () => {
  expect(rulesOf({ pulls: all, causes: [cause('error')] })).toEqual(['false alarm'])
  expect(rulesOf({ pulls: all, causes: [cause('warning')] })).toEqual([])
  expect(rulesOf({ pulls: { ...all, podman: refuses('no') }, causes: [cause('error')] })).toEqual([])
})

test('silence about what Docker or containerd refuse is a fault; not where others do, or with a note', () => {
  for (const id of ['containerd', 'docker-29'])
    expect(rulesOf({ pulls: { ...all, [id]: refuses('no') } })).toEqual(['silence'])
  expect(rulesOf({ pulls: { ...all, podman: refuses('no') } })).toEqual([])
  expect(rulesOf({ pulls: { ...all, docker: refuses('no') } })).toEqual([])
  expect(rulesOf({ pulls: { ...all, containerd: refuses('no') }, causes: [cause('note')] })).toEqual([])
})

test('a note about requests says nothing of the image', () => {
  const repeated = { ...cause('note'), id: 'requests-repeated' }
  expect(rulesOf({ pulls: { ...all, containerd: refuses('no') }, causes: [repeated] })).toEqual(['silence'])
})

test('a client that a finding names must refuse, with the words that the finding quotes', () => {
  const causes = [
    cause('error', 'Pulls fail in containerd with “no match for …: not found”, in podman with “no image”.'),
  ]
  const refusing = {
    containerd: refuses('ctr: no match for sha256:1234: not found'),
    podman: refuses('Error: no image found'),
  }
  expect(rulesOf({ pulls: { ...all, ...refusing }, causes })).toEqual([])
  expect(rulesOf({ pulls: { ...all, ...refusing, podman: pulls }, causes })).toEqual(['wrong name'])
  expect(rulesOf({ pulls: { ...all, ...refusing, containerd: refuses('no room') }, causes })).toEqual([
    'wrong text',
  ])
})

test('a name is not judged where a version that it stands for is missing', () => {
  const causes = [cause('warning', 'Pulls fail in containerd with “no match”.')]
  expect(rulesOf({ pulls: all, causes })).toEqual(['wrong name'])
  const { 'containerd-2': _, ...without } = all
  expect(rulesOf({ pulls: without, causes })).toEqual([])
})

test('of several faults, a client tells the first, so that its words are not compared', () => {
  const causes = [cause('error', 'Pulls fail in containerd with “no match”.'), cause('error')]
  expect(rulesOf({ pulls: { ...all, containerd: refuses('no room') }, causes })).toEqual([])
  expect(rulesOf({ pulls: all, causes })).toEqual(['false alarm', 'wrong name'])
  const shape = shapeOf({ image: 'OCI', packing: 'xz', config: 'null' })
  const without = { ...all, containerd: refuses('no room') }
  expect(rulesOf({ shape, pulls: without, causes: causes.slice(0, 1) })).toEqual([])
})

test('a name that stands for several clients holds where one of them refuses', () => {
  const causes = [
    cause('warning', 'Pulls fail in Docker with the classic image store and podman with “no (x)”.'),
  ]
  const refusing = { docker: pulls, 'docker-29': refuses('no (x)'), podman: refuses('NO (X)') }
  expect(rulesOf({ pulls: { ...all, ...refusing }, causes })).toEqual([])
})
