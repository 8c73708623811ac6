import { expect, test } from 'vitest'
import { observeCached } from '../../../src/observe/path/cached.ts'
import { parseReference, type Reference } from '../../../src/oci/reference.ts'
import { useSockets } from '../../support/fake-engine.ts'

const { engine } = useSockets()
const digest = `sha256:${'a'.repeat(64)}`

const reference = (text: string): Reference => {
  const parsed = parseReference(text)
  if (!parsed.ok) throw new Error(parsed.problem)
  return parsed.value
}

const ask = (setting: string, ...names: string[]) =>
  observeCached(names.map(reference), { setting, env: {}, signal: new AbortController().signal })

test('an image that the engine has is reported with the digest of its own repository', async () => {
  const { path, requests } = await engine({
    respond: ({ path }) =>
      path === '/images/registry.lab/team/app:1/json'
        ? {
            value: {
              RepoDigests: [`other.lab/app@sha256:${'b'.repeat(64)}`, `registry.lab/team/app@${digest}`],
            },
          }
        : undefined,
  })
  expect(await ask(path, 'registry.lab/team/app:1', 'registry.lab/team/gone:1')).toEqual([
    { reference: 'registry.lab/team/app:1', digest },
  ])
  expect(requests.every(({ method }) => method === 'GET')).toBe(true)
})

test('Docker Hub’s images are known to the engine without their host; one built here has no digest', async () => {
  const hub = await engine({ respond: () => ({ value: { RepoDigests: [`nginx@${digest}`] } }) })
  expect(await ask(hub.path, 'nginx:1')).toMatchObject([{ digest }])
  const built = await engine({ respond: () => ({ value: { RepoDigests: [] } }) })
  expect(await ask(built.path, 'registry.lab/app:1')).toEqual([{ reference: 'registry.lab/app:1' }])
})

test('without an engine nothing is known', async () => {
  expect(await ask('/nonexistent/docker.sock', 'registry.lab/app:1')).toEqual([])
})
