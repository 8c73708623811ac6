import { chown, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, startEngine } from '../support/engine.ts'
import { type EngineRegistry, robot, startEngineRegistry, story } from '../support/engine-registry.ts'
import { suiteNeeds } from '../support/need.ts'
import {
  loadPluginImage,
  pluginImage,
  pluginImagePrograms,
  pluginImageTimeout,
} from '../support/plugin-image.ts'
import { until } from '../support/until.ts'

suiteNeeds([...pluginImagePrograms, 'docker-registry'])('the plugin image, run by a real engine', () => {
  let engine: Engine
  let registry: EngineRegistry

  beforeAll(async () => {
    engine = await startEngine()
    await loadPluginImage(engine)
    registry = await startEngineRegistry(engine)
  }, pluginImageTimeout)
  afterAll(async () => {
    await registry?.stop()
    await engine?.stop()
  })

  const hardened = ['--rm', '--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges']
  const login = ['--insecure', '--username', robot.username, '--password', robot.password]
  const tool = (name: string, args: string[], flags = hardened) =>
    engine.docker(['run', ...flags, `--entrypoint=${name}`, pluginImage, ...args])

  test('runs as uid 65532, which has a name', async () => {
    const printed = await tool('/usr/local/bin/node', [
      '-p',
      'const { uid, username } = os.userInfo(); uid + username',
    ])
    expect(printed).toBe('65532regguard')
  })

  test('verifies with a read-only root and without capabilities', async () => {
    const printed = await engine.docker([
      ...['run', ...hardened, pluginImage, `${registry.host}/${story.healthy}:1.2`, ...login],
    ])
    expect(printed).toContain('exit 0')
    expect(printed).not.toContain(robot.password)
    const container = await engine.docker([
      ...['create', pluginImage, `${registry.host}/${story.healthy}:1.2`, ...login],
    ])
    await engine.docker(['start', '--attach', container])
    expect(await engine.docker(['diff', container])).toBe('')
  })

  test.each([
    ['ip', ['-V'], 'iproute2'],
    ['ss', ['-V'], 'iproute2'],
    ['nft', ['--version'], 'nftables v'],
    ['ping', ['-V'], 'iputils'],
    ['socat', ['-V'], 'socat version'],
    ['iptables', ['--version'], '(nf_tables)'],
    ['iptables-nft-save', ['--version'], '(nf_tables)'],
    ['iptables-legacy', ['--version'], '(legacy)'],
    ['ip6tables-legacy-save', ['--version'], '(legacy)'],
  ])('%s starts and prints its version', async (name, args, words) => {
    expect(await tool(name, args)).toContain(words)
  })

  test('ping works without capabilities', async () => {
    expect(await tool('ping', ['-c1', '127.0.0.1'])).toContain('1 received')
  })

  test('iptables shows the host’s rules, including extensions', async () => {
    await engine.namespace.run('iptables', [
      ...[
        '-A',
        'FORWARD',
        '-p',
        'tcp',
        '-m',
        'conntrack',
        '--ctstate',
        'NEW',
        '-m',
        'comment',
        '--comment',
        'ours',
      ],
      ...['-m', 'hashlimit', '--hashlimit-upto', '5/sec', '--hashlimit-name', 'ours', '-j', 'ACCEPT'],
    ])
    const asRoot = [
      '--rm',
      '--user=0',
      '--network=host',
      '--cap-drop=ALL',
      '--cap-add=NET_ADMIN',
      '--cap-add=NET_RAW',
    ]
    const rules = await tool('iptables-save', ['-t', 'filter'], asRoot)
    expect(rules).toContain('--ctstate NEW -m comment --comment ours -m hashlimit --hashlimit-upto 5/sec')
    expect(rules).toContain(':DOCKER ')
    expect(await tool('nft', ['list', 'ruleset'], asRoot)).toContain('chain DOCKER')
  })

  test('its certificate file exists', async () => {
    const count =
      'fs.readFileSync("/etc/ssl/certs/ca-certificates.crt", "utf8").split("BEGIN CERT").length > 100'
    expect(await tool('/usr/local/bin/node', ['-p', count])).toBe('true')
  })

  test('watches a registry with the command of README, and serves metrics', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
    const command = /^docker (run .*--name regguard-watch .*\\\n.*)$/m.exec(readme)?.[1] ?? ''
    const state = await mkdtemp(join(tmpdir(), 'regguard-watch-'))
    try {
      // README: install -d -m 0700 -o 65532 -g 65532
      await chown(state, 65532, 65532)
      const args = command
        .replace('\\\n', '')
        .replace('/var/lib/regguard:', `${state}:`)
        .replace(/registry\.example\.com\/regguard\/regguard-plugin:\S+/, pluginImage)
        .replace('watch registry.example.com', `watch ${registry.host}`)
        .split(/\s+/)
      await engine.docker([...args, ...login, '--settle', '0s'])
      const metrics = () =>
        engine.namespace.run('curl', ['-sf', 'http://127.0.0.1:9743/metrics']).catch(() => '')
      const shown = await until('the first run has ended', async () => {
        const text = await metrics()
        return /^regguard_probe_last_success_timestamp_seconds\{/m.test(text) ? text : undefined
      })
      expect(shown).toContain(`registry="${registry.host}"`)
      await until('its state is saved', async () => (await readdir(state)).length > 0)
      expect(
        await engine.docker(['inspect', '--format={{.HostConfig.RestartPolicy.Name}}', 'regguard-watch']),
      ).toBe('unless-stopped')
    } finally {
      await engine.docker(['rm', '--force', 'regguard-watch']).catch(() => '')
      await rm(state, { recursive: true, force: true })
    }
  }, 120_000)

  test('as PID 1, it stops at SIGTERM in time, with partial results', async () => {
    const hang = ['-u', 'TCP-LISTEN:5000,fork,reuseaddr', 'OPEN:/dev/null']
    const silent = await engine.docker(['run', '-d', '--entrypoint=socat', pluginImage, ...hang])
    const address = await engine.docker(['inspect', silent, '--format', '{{.NetworkSettings.IPAddress}}'])
    const images = `${registry.host}/${story.broken}:latest,${address}:5000/team/app:1`
    const missing = () => registry.log().split('"manifest unknown"').length
    const before = missing()
    const container = await engine.docker([
      ...['run', '-d', '--read-only', pluginImage, '--images', images, '--registry', registry.host, ...login],
    ])
    await until('it has found two manifests missing', () => missing() >= before + 2)
    await until('it waits for the silent registry', async () => (await established(engine, silent)) > 0)
    // What is left after two seconds is killed, and its exit code is 137 then.
    await engine.docker(['stop', '--time=2', container])
    expect(await engine.docker(['inspect', container, '--format', '{{.State.ExitCode}}'])).toBe('143')
    const printed = await engine.docker(['logs', container])
    expect(printed).toContain('SIGTERM')
    expect(printed).toContain('Orphaned index')
  })
})

/** The number of connections to a container's port 5000. */
async function established(engine: Engine, container: string): Promise<number> {
  const args = ['exec', container, 'ss', '-Htn', 'state', 'established', 'sport', '=', ':5000']
  return (await engine.docker(args)).split('\n').filter(Boolean).length
}
