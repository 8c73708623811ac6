import { libcLine } from '../../facts/queries/path/name-text.ts'
import { namesFromDns } from '../../facts/queries/path/resolver-state.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'resolver-missing',
  group: 'path',
  title: 'a DNS server is configured',
  fault: 'No DNS server configured: resolv.conf names none, so libc asks 127.0.0.1, where none answers.',
  severity: 'error',
  advice:
    'Configure a DNS server: in netplan or /etc/systemd/resolved.conf on a host; with “dns” in the step, or in /etc/docker/daemon.json, for containers.',
  covers: ['name-not-resolved', 'lookup-failed'],
  reads: ['path.names'],
  run: ({ path: { names } }) => {
    if (!names || (names.config?.servers ?? []).length > 0) return []
    const failing = namesFromDns(names).filter(({ libc }) => libc.state !== 'found')
    if (failing.length === 0) return []
    return [
      {
        subject: names.config?.file ?? '/etc/resolv.conf',
        message: names.config ? 'it has no “nameserver” line with an address' : 'it does not exist',
        evidence: failing.map(libcLine),
        explains: failing.map(({ name }) => name),
      },
    ]
  },
})
