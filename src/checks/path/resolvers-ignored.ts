import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { defineCheck } from '../define.ts'

/** MAXNS of glibc and musl. */
const maxServers = 3

export default defineCheck({
  id: 'resolvers-ignored',
  group: 'path',
  title: 'libc uses every DNS server in resolv.conf',
  fault: 'DNS servers ignored: libc does not use all servers in resolv.conf.',
  severity: 'note',
  advice: 'Keep the three servers that know all names, each by its IP address.',
  reads: ['path.names'],
  run: ({ path: { names } }) => {
    const { file = '', servers = [], invalid = [] } = names?.config ?? {}
    const faults: Fault[] = []
    if (servers.length > maxServers)
      faults.push({
        subject: file,
        message: `${count(servers.length, 'DNS server')}: glibc and musl use the first three, ${servers.slice(0, maxServers).join(', ')}, and never ask the others`,
        evidence: [`never asked: ${servers.slice(maxServers).join(', ')}`],
      })
    if (invalid.length > 0)
      faults.push({ subject: file, message: `not an IP address, so ignored: ${invalid.join(', ')}` })
    return faults
  },
})
