import { afterAll, beforeAll, expect, test } from 'vitest'
import { inspectInside } from '../support/inspect-inside.ts'
import { suiteNeeds } from '../support/need.ts'
import { type Podman, podmanPrograms, startPodman } from '../support/podman.ts'
import { importTools, toolPrograms } from '../support/tool-image.ts'

/** Replaces regguard's subcommand and prints its own privileges. */
const program = `#!/usr/local/bin/node
const unseen = { seen: false, why: '', remedies: [], applies: true }
const areas = ['links', 'rules', 'routes', 'kernel', 'conntrack', 'pressure', 'programs', 'churn', 'listeners']
const view = Object.fromEntries(areas.map((area) => [area, unseen]))
const status = require('node:fs').readFileSync('/proc/self/status', 'utf8')
console.log(JSON.stringify({ ...view, namespace: 'daemon', rules: { ...unseen, why: status } }))
`

suiteNeeds([...podmanPrograms, ...toolPrograms])('a real Podman', () => {
  let podman: Podman
  let engine: Parameters<typeof inspectInside>[0]
  beforeAll(async () => {
    podman = await startPodman()
    engine = { socket: podman.socket, docker: podman.podman }
    const changes = [
      'LABEL org.opencontainers.image.title=regguard',
      'USER 65532:65532',
      'ENTRYPOINT ["/usr/bin/regguard-plugin"]',
    ]
    await importTools(podman.command, {
      name: 'regguard',
      changes,
      files: { '/usr/bin/regguard-plugin': program },
    })
    await podman.podman(['network', 'create', 'wp_01_0_default'])
  })
  afterAll(() => podman?.stop())

  const image = 'localhost/regguard'
  const inside = {
    image,
    socket: true,
    flags: ['--pull=never', '--user', '0', '--network', 'wp_01_0_default'],
  }

  test('is distinguished from Docker, by its container and at its socket', async () => {
    const { vantage, engine: engineArea } = await inspectInside(engine, inside)
    expect(vantage).toMatchObject({ container: 'podman', namespace: 'container', rootless: false })
    expect(vantage.socket).toEqual({ state: 'answers', path: '/var/run/docker.sock', flavour: 'podman' })
    // It does not report its address pools.
    expect(engineArea).toMatchObject({ seen: true, value: { flavour: 'podman', pools: [] } })
  })

  test('its networks have the bridges that are links of its namespace, and their endpoints', async () => {
    await podman.podman(['create', '--name', 'stopped', '--network', 'wp_01_0_default', image])
    const holder = [
      '--pull=never',
      '--name',
      'holder',
      '--network',
      'wp_01_0_default',
      '--entrypoint',
      'sleep',
    ]
    await podman.podman(['run', '--detach', ...holder, image, '600'])
    const { networks } = await inspectInside(engine, { ...inside, flags: ['--pull=never', '--user', '0'] })
    if (!networks.seen) throw new Error(networks.why)
    const network = networks.value.find(({ name }) => name === 'wp_01_0_default')
    expect(network).toMatchObject({ owner: 'woodpecker', driver: 'bridge', endpoints: 1 })
    const links = JSON.parse(await podman.namespace.run('ip', ['-j', 'link'])) as { ifname: string }[]
    expect(links.map(({ ifname }) => ifname)).toContain(network?.bridge)
    await podman.podman(['rm', '--force', '--time=0', 'holder', 'stopped'])
  })

  test('reports no network events: churn is not seen, rather than empty', async () => {
    const { churn } = await inspectInside(engine, inside)
    expect(churn).toMatchObject({ seen: false, why: expect.stringContaining('Podman reports no network') })
  })

  test('starts a sibling with the same few privileges, and leaves nothing behind', async () => {
    const { snapshot } = await inspectInside(engine, { ...inside, snapshotMs: 10_000 })
    if (!snapshot?.ok) throw new Error(snapshot?.why)
    const { rules } = snapshot.view
    expect(rules.seen ? '' : rules.why).toContain('CapEff:\t0000000400003000')
    expect(rules.seen ? '' : rules.why).toMatch(/^NoNewPrivs:\t1$/m)
    expect(await podman.podman(['ps', '--all', '--quiet'])).toBe('')
  })
})
