import type { ProxyFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { commandsIn } from './daemons.ts'
import type { HostNetwork } from './host-network.ts'
import type { Processes } from './programs.ts'

const maxProxies = 512

/**
 * Docker's userland proxies: one process for each published port, whose flags name both ends (moby, cmd/docker-proxy). Undefined where
 * there are too many to read.
 */
export async function observeProxies(
  access: HostAccess,
  network: HostNetwork,
  processes: Processes,
): Promise<ProxyFact[] | undefined> {
  const ids = processes.get('docker-proxy') ?? []
  if (ids.length > maxProxies) return undefined
  const commands = await commandsIn(access, network, ids)
  return commands.flatMap(({ words }) => {
    const flag = (name: string) =>
      words[words.findIndex((word) => word.replace(/^--?/, '') === name) + 1] ?? ''
    const port = Number(flag('host-port'))
    const container = flag('container-ip')
    const containerPort = Number(flag('container-port'))
    if (!Number.isInteger(port) || port < 1 || container === '') return []
    const to = containerPort > 0 ? { container, containerPort } : { container }
    return [{ protocol: flag('proto'), address: flag('host-ip'), port, ...to }]
  })
}
