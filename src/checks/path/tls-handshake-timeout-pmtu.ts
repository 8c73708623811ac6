import {
  inboundLoss,
  linkText,
  measuredIn,
  mtuAdvice,
  mtuLines,
  placeOf,
} from '../../facts/queries/path/mtu.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'tls-handshake-timeout-pmtu',
  group: 'path',
  title: 'large packets from the servers arrive',
  fault:
    'Path MTU black hole: large packets from the server are lost on the way here, so TLS handshakes and downloads stall.',
  severity: 'error',
  advice:
    'Set the MTU of this network to that of the path, or clamp the MSS in both directions on the router.',
  covers: ['tls-timeout', 'answer-timeout', 'egress-failing', 'tls-large-clienthello-dropped'],
  reads: ['path.mtu'],
  run: ({ path }) =>
    measuredIn(path).flatMap((endpoint) => {
      const loss = inboundLoss(endpoint)
      if (!loss) return []
      const { mtu, proof } = loss
      return [
        {
          subject: endpoint.host,
          message: `the path from ${placeOf(endpoint)} carries packets of up to ${mtu} bytes, but ${linkText(path)}`,
          because:
            proof === 'measured'
              ? 'The server is not told (ICMP “fragmentation needed” is lost), so it repeats packets that are too large.'
              : `A handshake stalled after a gap in what the server sent; the kernel has learned the MTU ${mtu} since, which hides the fault for 10 minutes.`,
          evidence: mtuLines(endpoint),
          cause: String(mtu),
          advice: mtuAdvice(mtu, path),
        },
      ]
    }),
})
