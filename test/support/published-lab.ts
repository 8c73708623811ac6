import { type Engine, type EngineOptions, startEngine } from './engine.ts'
import { makeNetworkNamespace, type NetworkNamespace } from './network-namespace.ts'
import { importToolImage } from './tool-image.ts'
import { until } from './until.ts'

/** An engine with an uplink to another host, and containers that say hello at port 80. */
export type PublishedLab = {
  engine: Engine
  /** Runs a line in the host of the engine. */
  onHost(line: string): Promise<string>
  /** Starts a container that says hello, with these flags of `docker run`; returns its id. */
  run(...flags: string[]): Promise<string>
  /** Whether hello comes from a port, asked from the other host, from the engine's host, or from inside a container. */
  hello(from: 'outside' | 'host' | { container: string }, address: string, port: number): Promise<boolean>
  /** A VPN to the other host, by an interface `wg0`: it reaches the networks of containers by that. */
  joinVpn(): Promise<void>
  stop(): Promise<void>
}

/** The addresses of the lab. */
export const labAddresses = { host: '10.99.0.2', outside: '10.99.0.1' }

export async function startPublishedLab(options: EngineOptions = {}): Promise<PublishedLab> {
  const outside = await makeNetworkNamespace()
  let engine: Engine | undefined
  const stop = async () => {
    await engine?.stop()
    await outside.remove()
  }
  try {
    const started = await startEngine(options)
    engine = started
    const { namespace } = started
    await connect(namespace, outside)
    // With docker0 alone, a nested engine may be in any namespace.
    await started.docker(['network', 'create', 'other'])
    await importToolImage(started, { files: { greeting: 'hello\n' } })
    const ask = (address: string, port: number) => [
      ...['socat', '-T2', '-u', `TCP:${address}:${port},connect-timeout=2`, 'STDOUT'],
    ]
    const hello: PublishedLab['hello'] = async (from, address, port) => {
      const [program = '', ...args] = ask(address, port)
      const asked =
        typeof from === 'object'
          ? started.docker(['exec', from.container, program, ...args])
          : (from === 'outside' ? outside : namespace).run(program, args)
      return (await asked.catch(() => '')).includes('hello')
    }
    return {
      ...{ engine: started, hello, stop },
      joinVpn: () => joinVpn(namespace, outside),
      onHost: (line) => namespace.run('sh', ['-c', line]),
      run: async (...flags) => {
        const server = ['socat', '-U', 'TCP-LISTEN:80,fork,reuseaddr', 'FILE:/greeting']
        const id = await started.docker(['run', '-d', ...flags, 'tools', ...server])
        await until('the container listens', async () =>
          (await started.docker(['exec', id, 'ss', '-Hltn', 'sport = :80'])).includes(':80'),
        )
        return id
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function connect(host: NetworkNamespace, outside: NetworkNamespace): Promise<void> {
  await host.run('ip', ['link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'c0', 'netns', outside.name])
  await host.run('ip', ['address', 'add', `${labAddresses.host}/24`, 'dev', 'up0'])
  await host.run('ip', ['link', 'set', 'up0', 'up'])
  await outside.run('ip', ['address', 'add', `${labAddresses.outside}/24`, 'dev', 'c0'])
  await outside.run('ip', ['link', 'set', 'c0', 'up'])
  await host.run('ip', ['route', 'add', 'default', 'via', labAddresses.outside])
}

async function joinVpn(host: NetworkNamespace, outside: NetworkNamespace): Promise<void> {
  await host.run('ip', ['link', 'add', 'wg0', 'type', 'veth', 'peer', 'name', 'wg0', 'netns', outside.name])
  for (const [namespace, address] of [[host, '10.8.0.1/24'] as const, [outside, '10.8.0.2/24'] as const]) {
    await namespace.run('ip', ['address', 'add', address, 'dev', 'wg0'])
    await namespace.run('ip', ['link', 'set', 'wg0', 'up'])
  }
  await outside.run('ip', ['route', 'add', '172.16.0.0/12', 'via', '10.8.0.1'])
}
