import { expect, test } from 'vitest'
import { planOf, plugin, problemsIn, settingsIn } from './settings.ts'

const problems = (given: Record<string, string>) =>
  problemsIn(plugin({ mode: 'probe', endpoints: 'ghcr.io', ...given })).map(
    ({ setting, message }) => `${setting} ${message}`,
  )

test('a probe is about the path alone, and probes every 5 minutes', () => {
  const { checks, require, interval } = settingsIn(plugin({ mode: 'probe', endpoints: 'ghcr.io' }))
  expect({ checks, require, interval }).toEqual({ checks: ['path'], require: ['path'], interval: 300_000 })
  expect(settingsIn(plugin({ mode: 'probe', endpoints: 'ghcr.io', interval: '1m' })).interval).toBe(60_000)
})

test('it serves where listen says, and 9743 is its port', () => {
  const listen = (given: Record<string, string>) =>
    planOf({ mode: 'probe', endpoints: 'ghcr.io', ...given }).listen
  expect([listen({}), listen({ listen: '10.0.0.7:9744' }), listen({ listen: '[fd00::7]:9744' })]).toEqual([
    { host: '0.0.0.0', port: 9743 },
    { host: '10.0.0.7', port: 9744 },
    { host: 'fd00::7', port: 9744 },
  ])
  expect(planOf({ repo: 'a.b/c' }).listen).toBeUndefined()
})

test('without endpoints there is nothing to probe', () => {
  expect(problems({ endpoints: '' })).toEqual([
    'endpoints nothing to probe: name the hosts that images are pulled from',
  ])
})

test('what it would not do is refused', () => {
  expect(problems({ repo: 'a.b/c' })).toEqual(['repo is not for mode: probe'])
  expect(problems({ report_json: 'x.json' })).toEqual(['report_json is not for mode: probe'])
  expect(problems({ listen: 'none' })).toEqual(['listen must be an address: a probe serves its report'])
  expect(problems({ once: 'true' })).toEqual(['once is only for mode: watch'])
  expect(problems({ namespaces: 'shop' })).toEqual(['namespaces is only for mode: cluster'])
})

test('an interval and an address to listen at are no settings of a verification', () => {
  for (const [name, value] of [
    ['interval', '1m'],
    ['listen', '9743'],
  ] as const)
    expect(problemsIn(plugin({ repo: 'a.b/c', [name]: value })).map(({ message }) => message)).toEqual([
      'is only for mode: watch',
    ])
})
