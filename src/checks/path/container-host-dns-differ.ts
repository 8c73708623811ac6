import type { NamesFact } from '../../facts/path/names.ts'
import { lastServers } from '../../facts/queries/path/resolver-state.ts'
import { differencesBetween, sameServers } from '../../facts/queries/path/server-lists.ts'
import { isLoopback } from '../../net/address-class.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'container-host-dns-differ',
  group: 'path',
  title: 'containers and their host ask the same DNS servers',
  fault:
    'Container and host ask different DNS servers: a name may resolve in this step and not on the host, or to another address there.',
  severity: 'warning',
  advice:
    'Set "dns" in /etc/docker/daemon.json to the servers of the host, restart Docker, and recreate the containers. In Kubernetes, correct the upstream servers of the cluster DNS.',
  reads: ['path.names'],
  run: ({ path: { names } }) => {
    if (!names?.config) return []
    const own = lastServers(names)
    const host = hostServers(names)
    // A resolver on loopback hides which servers it asks; Docker's own may also ask that of the host.
    const isHidden = own.length === 0 || own.some(isLoopback)
    if (isHidden || host.length === 0 || sameServers(own, host)) return []
    const differences = differencesBetween(own, host, names)
    return [
      {
        subject: names.config.file,
        severity: differences.length > 0 ? 'warning' : 'note',
        message: `this step asks ${own.join(', ')}; the host asks ${host.join(', ')}`,
        because:
          'The runtime on the host pulls images with the servers of the host, so what resolves here says little about it.',
        evidence: differences.slice(0, 8),
      },
    ]
  },
})

/** The servers of the host's resolv.conf or, where that has only a local resolver, those that netplan and systemd-resolved have. */
function hostServers({ files, config }: NamesFact): string[] {
  const others = (files?.files ?? []).filter(({ file }) => file !== config?.file)
  const servers = (some: typeof others) =>
    some.flatMap((file) => file.servers).filter((server) => !isLoopback(server))
  const listed = servers(others.filter(({ kind }) => kind === 'resolv.conf'))
  return listed.length > 0 ? listed : servers(others.filter(({ kind }) => kind !== 'resolv.conf'))
}
