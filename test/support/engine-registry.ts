import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import type { Engine } from './engine.ts'
import { findProgram } from './need.ts'
import { type Program, startProgram } from './program.ts'
import { push } from './push.ts'
import { startRealRegistry } from './real-registry.ts'
import { configFor } from './real-registry-config.ts'

/** A registry 2.8 that an engine and its containers can reach, and nothing else. */
export type EngineRegistry = {
  /** As containers and jobs in the engine's networks name it: the address of docker0. */
  host: string
  /** As the engine itself names it. */
  local: string
  /** Its storage, to read. */
  root: string
  /** What it has logged. */
  log(): string
  stop(): Promise<void>
}

/** Who may pull there; `regguard` and `ci`, whom the documents name, have the same password. */
export const robot = { username: 'robot', password: 'right-password' }

/** What `htpasswd -nbBC 5 robot right-password` prints, and the same for the users that the documents name. */
const htpasswd = [robot.username, 'regguard', 'ci']
  .map((name) => `${name}:$2y$05$TAbCwiwQo2sBAv9HgnbmhOQDSYIW1h4NenWvzG6jRHtKshbhx402i\n`)
  .join('')

/** What an engine's registry holds: `team/app`, healthy, as `1.2` and `latest`, and `infra/ci:latest`, an index whose children are gone. */
export const story = { healthy: 'team/app', broken: 'infra/ci', platforms: ['linux/amd64', 'linux/arm64'] }

/** Starts a registry in the engine's namespace, over storage that was filled through loopback before. */
export async function startEngineRegistry(
  engine: Engine,
  { login = true }: { login?: boolean } = {},
): Promise<EngineRegistry> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-engine-registry-'))
  const root = join(directory, 'storage')
  const [configFile, passwords] = [join(directory, 'config.yml'), join(directory, 'htpasswd')]
  await tellStory(root)
  await writeFile(passwords, htpasswd)
  const auth = { auth: { htpasswd: { realm: 'a test', path: passwords } } }
  await writeFile(configFile, JSON.stringify(configFor(root, ':5000', login ? { config: auth } : {})))
  const registry = await serve(engine, configFile, () => rm(directory, { recursive: true, force: true }))
  // Not from `docker network inspect`, which names no gateway for this network unless one was configured.
  const [
    {
      addr_info: [{ local }],
    },
  ] = JSON.parse(await engine.namespace.run('ip', ['-4', '-j', 'addr', 'show', 'docker0']))
  return {
    host: `${local}:5000`,
    local: '127.0.0.1:5000',
    root,
    log: registry.output,
    stop: registry.stop,
  }
}

async function tellStory(root: string): Promise<void> {
  const registry = await startRealRegistry({ root })
  try {
    const built = (seed: string) => multiPlatform({ platforms: story.platforms, seed }).contents
    await push(registry.host, story.broken, built('broken'), { tag: 'latest' })
    const swept = await registry.garbageCollect({ deleteUntagged: true })
    if (swept.exitCode !== 0) throw new Error(swept.output)
    const healthy = built('healthy')
    for (const tag of ['1.2', 'latest']) await push(registry.host, story.healthy, healthy, { tag })
  } finally {
    await registry.stop()
  }
}

function serve(engine: Engine, configFile: string, clear: () => Promise<void>): Promise<Program> {
  const program = findProgram('docker-registry')
  if (program === undefined) throw new Error('docker-registry is neither in PATH nor in /usr/sbin')
  return startProgram(['nsenter', `--net=${engine.namespace.path}`, program, 'serve', configFile], {
    name: "the registry in the engine's namespace",
    ready: ({ output }) => output().includes('listening on'),
    clear,
  })
}
