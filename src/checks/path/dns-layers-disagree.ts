import type { Fault } from '../../core/finding.ts'
import type { DnsFile } from '../../facts/path/dns-files.ts'
import type { NamesFact } from '../../facts/path/names.ts'
import { differencesBetween, sameServers } from '../../facts/queries/path/server-lists.ts'
import { isLoopback } from '../../net/address-class.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'dns-layers-disagree',
  group: 'path',
  title: 'all layers of the DNS configuration name the same servers',
  fault:
    'DNS layers disagree: netplan, systemd-resolved and resolv.conf name different DNS servers, and their lists are not merged.',
  severity: 'warning',
  advice:
    'Configure the same servers in every layer: nameservers in netplan for each link, and DNS= in /etc/systemd/resolved.conf. Then run netplan apply, and restart systemd-resolved.',
  reads: ['path.names'],
  run: ({ path: { names } }) => {
    if (!names?.files) return []
    const layers = layersIn(names.files.files)
    return layers.flatMap((layer, at) =>
      layers.slice(at + 1).flatMap((other) => faultOf(layer, other, names)),
    )
  },
})

interface Layer {
  kind: DnsFile['kind']
  name: string
  file: string
  servers: string[]
}

/** One layer for each link of netplan, one for the global servers of systemd-resolved, and one for resolv.conf. */
function layersIn(files: DnsFile[]): Layer[] {
  const byName = Map.groupBy(files, ({ kind, link }) =>
    link === undefined ? names[kind] : `netplan for ${link}`,
  )
  return [...byName].flatMap(([name, same]) => {
    const [first] = same
    // resolv.conf often has only the address of a local resolver.
    const servers = same.flatMap((file) => file.servers).filter((server) => !isLoopback(server))
    return first && servers.length > 0 ? [{ kind: first.kind, name, file: first.file, servers }] : []
  })
}

const names: Record<DnsFile['kind'], string> = {
  netplan: 'netplan',
  resolved: 'systemd-resolved',
  'resolv.conf': 'resolv.conf',
}

/** Links of one machine may have different servers. A warning needs a name that is answered differently. */
function faultOf(layer: Layer, other: Layer, fact: NamesFact): Fault[] {
  if (layer.kind === other.kind || sameServers(layer.servers, other.servers)) return []
  const differences = differencesBetween(layer.servers, other.servers, fact)
  return [
    {
      subject: other.file,
      severity: differences.length > 0 ? 'warning' : 'note',
      message: `${layer.name} has ${layer.servers.join(', ')}; ${other.name} has ${other.servers.join(', ')}`,
      because: reasonOf(layer, other),
      evidence: differences.slice(0, 8),
      cause: 'layers',
    },
  ]
}

const reasonOf = ({ kind }: Layer, other: Layer): string =>
  kind === 'resolv.conf' || other.kind === 'resolv.conf'
    ? 'Programs that read resolv.conf do not ask systemd-resolved, so they do not get the servers of the other layer.'
    : 'systemd-resolved asks the servers of the link and the global ones at the same time and takes the first address that comes. Containers get both lists as one, and take the first answer.'
