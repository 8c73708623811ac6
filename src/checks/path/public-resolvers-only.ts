import type { NameFact } from '../../facts/path/names.ts'
import { isInternal } from '../../facts/queries/path/disagreements.ts'
import { answerLine, libcLine } from '../../facts/queries/path/name-text.ts'
import { lastServers, namesFromDns, verdictOf } from '../../facts/queries/path/resolver-state.ts'
import { isPrivateName } from '../../net/private-name.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'public-resolvers-only',
  group: 'path',
  title: 'internal names have an internal DNS server',
  fault: 'Only public DNS servers: none of the configured servers can know an internal name.',
  severity: 'error',
  advice:
    'Configure the internal DNS server first, in every layer: netplan, /etc/systemd/resolved.conf, and "dns" in /etc/docker/daemon.json for containers.',
  covers: ['name-not-resolved', 'lookup-failed'],
  reads: ['path.names'],
  run: ({ path: { names } }) => {
    if (!names) return []
    const servers = lastServers(names)
    if (servers.length === 0 || servers.some(isInternal)) return []
    return namesFromDns(names)
      .filter((name) => isPrivateName(name.name) && isUnknown(name))
      .map((name) => ({
        subject: name.name,
        message: `not known to ${servers.length === 1 ? 'the only DNS server' : `any of ${servers.length} DNS servers`}: ${servers.join(', ')}`,
        evidence: [...name.answers.map((answer) => answerLine(name.name, answer)), libcLine(name)],
        cause: 'public resolvers',
        explains: [name.name],
      }))
  },
})

const isUnknown = ({ libc, answers }: NameFact): boolean =>
  libc.state !== 'found' && answers.every((answer) => verdictOf(answer) !== 'found')
