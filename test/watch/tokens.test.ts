import { afterEach, expect, test } from 'vitest'
import { emptyState, repositoryIn } from '../../src/facts/watch/state.ts'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { createMask } from '../../src/log/mask.ts'
import { forgetTokens } from '../../src/watch/tokens.ts'
import { watchOf } from './kit.ts'

let registry: EmbeddedRegistry | undefined
afterEach(() => registry?.close())

test('after each run only the secrets that last are kept', async () => {
  registry = await startRegistry({ auth: { kind: 'bearer', users: { ci: 'a-password' } } })
  registry.store.push('team/app', multiPlatform({ seed: 'app' }).contents, '1')
  const mask = createMask()
  mask.add('a-password')
  const added = new Set<string>()
  const login = { username: 'ci', password: 'a-password' }
  const watch = watchOf(registry.host, login, {
    add: (secret) => {
      mask.add(secret)
      added.add(secret)
    },
    remove: mask.remove,
  })
  for (let run = 0; run < 4; run += 1) {
    await watch.run()
    expect(watch.state.lastRun?.outcome).toBe('ok')
    expect([...added].filter((secret) => mask.apply(secret) !== secret)).toEqual(['a-password'])
  }
  expect(added.size).toBeGreaterThan(4)
})

test('what is remembered of a registry quotes no token that is forgotten', () => {
  const state = emptyState('r.example.com')
  const times = { firstSeen: 1, lastSeen: 1 }
  const texts = { subject: 's', message: 'it said token-1', title: 'token-1', advice: 'no token-1' }
  const fault = () => ({ id: 'x', severity: 'error' as const, platforms: [], ...texts, ...times })
  const { tags, images } = repositoryIn(state, 'team/app')
  tags.set('1', { firstSeen: 1, fault: fault() })
  tags.set('2', { firstSeen: 1 })
  images.set('d', {
    ...{ digest: 'd', isIndex: false, firstSeen: 1, manifests: [], blobs: [], lastRead: 1 },
    faults: [fault()],
  })
  const forgotten: string[] = []
  forgetTokens(state, ['token-1'], (token) => forgotten.push(token))
  expect(forgotten).toEqual(['token-1'])
  const hidden = { message: 'it said ********', title: '********', advice: 'no ********' }
  expect([tags.get('1')?.fault, ...(images.get('d')?.faults ?? [])]).toMatchObject([hidden, hidden])
})
