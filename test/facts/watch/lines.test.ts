import { describe, expect, test } from 'vitest'
import { createStateReader, stateLines } from '../../../src/facts/watch/lines.ts'
import { emptyState, type RegistryState, repositoryIn } from '../../../src/facts/watch/state.ts'
import { layerAt, start } from './states.ts'

/** A state with something in every field. */
function fullState(): RegistryState {
  const state: RegistryState = {
    ...emptyState('registry.example.com'),
    catalog: { at: start, names: ['team/app', 'other'], of: ['team/*'] },
    lastRun: {
      ...{ at: start, ms: 1200, outcome: 'findings', listed: true, repositories: 2, tags: 2, indexes: 1 },
      ...{ unknown: { 'rate-limited': 2 }, why: 'registry.example.com: HTTP 429', unseenMore: 1 },
      unseen: [
        { repository: 'other', kind: 'rate-limited', count: 2, objects: [':1', '/tags/list'], detail: '429' },
      ],
      phases: { registry: { first_byte: 12, body: 1 } },
    },
    lastSuccess: start,
    ...{ unfinished: { at: start, why: 'it crashed' }, pending: 'a repository vanished' },
    bytes: 4711,
  }
  state.runs.findings = 3
  const repository = repositoryIn(state, 'team/app')
  const fault = {
    ...{
      id: 'layer-missing',
      severity: 'error' as const,
      digest: 'sha256:b',
      subject: 'r/team/app@sha256:b',
    },
    ...{ message: '404 “\n"', title: 'Missing', advice: 'Push again.', platforms: ['linux/amd64'] },
    ...{ firstSeen: start, lastSeen: start, confirmed: start },
  }
  repository.tags.set('1.0', { digest: 'sha256:i', firstSeen: start, moved: start })
  repository.tags.set('gone', { firstSeen: start, fault })
  repository.images.set('sha256:i', {
    ...{ digest: 'sha256:i', isIndex: true, firstSeen: start, lastRead: start },
    ...{ manifests: ['sha256:m'], blobs: ['sha256:b'], incompleteSince: start, faults: [fault] },
  })
  for (let at = 0; at < 120; at += 1)
    repository.objects.set(
      `d${at}`,
      layerAt(`d${at}`, start, { hashedAt: start, firstBroken: start, onlyByHash: true }),
    )
  repositoryIn(state, 'other').emptied = start
  return state
}

const read = (lines: Iterable<string>, registry = 'registry.example.com') => {
  const reader = createStateReader(registry)
  for (const line of lines) if (!reader.take(line)) break
  return reader.end()
}

test('a state is read as it was written', () => {
  const state = fullState()
  expect(read(stateLines(state))).toEqual({ ok: true, state })
})

describe('a state that is not used', () => {
  const lines = [...stateLines(fullState())]

  test('is one that ends too early, wherever it was cut', () => {
    for (let kept = 1; kept < lines.length; kept += 1)
      expect(read(lines.slice(0, kept)), `${kept} lines`).toEqual({ ok: false, why: 'ends too early' })
    const text = lines.join('\n')
    for (const end of [10, 300, text.length - 20, text.length - 3])
      expect(read(text.slice(0, end).split('\n'))).toMatchObject({ ok: false })
  })

  test('is an empty one, one of another version, kind or registry, or with other lines', () => {
    const [first = '', ...rest] = lines
    expect(read([])).toEqual({ ok: false, why: 'is empty' })
    for (const head of [
      first.replace('"version":2', '"version":1'),
      first.replace('"regguard":"watch"', '"regguard":"hashes"'),
      'SQLite format 3\0',
      '',
    ])
      expect(read([head, ...rest])).toEqual({
        ok: false,
        why: 'is not a state of this version of regguard',
      })
    expect(read(lines, 'other.example.com')).toEqual({
      ok: false,
      why: 'is the state of registry.example.com',
    })
    expect(read([first, '{"repository":7}', ...rest])).toEqual({ ok: false, why: 'is not valid at line 2' })
    expect(read([...lines, '{"repository":"late"}'])).toMatchObject({ ok: false })
  })
})
