import { addressOf, isBroken, legText, mirrorsIn, originText } from '../../facts/queries/path/mirrors.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'redirect-host-unreachable',
  group: 'path',
  title: 'hosts that mirrors redirect to can be reached',
  fault: 'Redirect of a mirror leads nowhere: the host that it sends blobs to cannot be reached.',
  severity: 'error',
  advice:
    'Make that host reachable from this network (DNS, a pin, the firewall), or let the mirror send the blobs itself (registry: storage.redirect.disable).',
  reads: ['path.mirrors'],
  run: ({ path: { mirrors } }) =>
    (mirrors ? mirrorsIn(mirrors) : []).flatMap(({ endpoint, pull }) =>
      endpoint.legs
        .filter((walked) => walked.leg.step === 'storage' && isBroken(walked))
        .map((walked) => ({
          subject: walked.leg.host,
          severity: pull.ok ? ('warning' as const) : ('error' as const),
          message: `${endpoint.host} redirects ${walked.object.slice(0, 25)} to ${walked.leg.host} at ${addressOf(walked)}: ${walked.failure?.detail}`,
          evidence: [...originText(endpoint), legText(walked)],
        })),
    ),
})
