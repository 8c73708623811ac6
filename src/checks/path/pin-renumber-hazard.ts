import { canonicalHost, isAddress } from '../../net/ip.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'pin-renumber-hazard',
  group: 'path',
  title: 'no address is written in the hosts file and in mirror files alike',
  fault:
    'Renumbering hazard: the same address is written in the hosts file and in mirror files, so all of them must change together.',
  severity: 'note',
  advice:
    'Use a name in the mirror files instead of the address, or keep a list of every file that has it: “grep -rn ADDRESS /etc/hosts /etc/containerd /etc/rancher”.',
  reads: ['path.names', 'path.mirrors'],
  run: ({ path: { names, mirrors } }) => {
    const endpoints = (mirrors?.pulls ?? []).flatMap((pull) => pull.endpoints)
    const inFiles = Map.groupBy(
      endpoints.flatMap(({ host, file }) => {
        const address = addressIn(host)
        return address === undefined || file === undefined ? [] : [{ address, file }]
      }),
      ({ address }) => address,
    )
    return [...inFiles].flatMap(([address, written]) => {
      const pinned = (names?.names ?? []).filter(({ pins }) => pins.map(canonicalHost).includes(address))
      if (pinned.length === 0) return []
      const files = [...new Set(written.map(({ file }) => file))]
      return [
        {
          subject: address,
          message: `in the hosts file for ${pinned.map(({ name }) => name).join(', ')}, and in ${files.join(', ')}`,
        },
      ]
    })
  },
})

/** The address in `10.0.0.5:5000` or `[fd00::5]:5000`; undefined for a name. */
function addressIn(host: string): string | undefined {
  const address = canonicalHost(new URL(`https://${host}`).hostname)
  return isAddress(address) ? address : undefined
}
