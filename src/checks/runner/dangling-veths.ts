import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { attachedMeanwhile } from '../../facts/queries/runner/churn.ts'
import { dockerBridges } from '../../facts/queries/runner/docker-bridges.ts'
import { runnerCheck } from '../runner-check.ts'

/** A container that is being started or removed has one for a moment. */
const fewVeths = 5

export default runnerCheck({
  id: 'dangling-veths',
  title: 'every veth interface belongs to a container',
  fault:
    'Dangling veth interfaces: links of containers that are gone still exist, because removing them failed; each slows down network changes and may hold a port of a bridge.',
  severity: 'warning',
  advice:
    'When no job is running, compare “ip -br link show type veth” with “docker ps -q”, and delete links without a container one by one: “ip link delete VETH”. Without its link, a running container has no network.',
  reads: ['runner.links'],
  consults: ['runner.networks', 'runner.vantage', 'runner.engine', 'runner.churn'],
  run: (runner) => {
    const links = seenIn(runner.links) ?? []
    const loose = links.filter(
      ({ name, kind, master, addresses }) =>
        kind === 'veth' && name.startsWith('veth') && master === undefined && addresses.every(isLinkLocal),
    )
    const surplus = dockerBridges(runner).flatMap(({ network, link, ports }) => {
      const veths = ports.filter(({ name, kind }) => kind === 'veth' && /^veth[0-9a-f]{7}$/.test(name))
      const known = network.endpoints ?? veths.length
      const more = veths.length - known - (attachedMeanwhile(runner, link.name) ?? veths.length)
      return more > 0
        ? [
            {
              more,
              text: `${link.name}: ${veths.length} veths, ${count(known, 'running container')}`,
            },
          ]
        : []
    })
    const all = loose.length + surplus.reduce((sum, { more }) => sum + more, 0)
    if (all < fewVeths) return []
    return [
      {
        subject: 'veth',
        message: `${count(all, 'veth interface')} without a container`,
        evidence: [
          ...(loose.length > 0
            ? [
                `attached to nothing: ${loose
                  .slice(0, 12)
                  .map(({ name }) => name)
                  .join(' ')}${loose.length > 12 ? ` and ${loose.length - 12} more` : ''}`,
              ]
            : []),
          ...surplus.slice(0, 12).map(({ text }) => text),
        ],
        cause: 'veths',
      },
    ]
  },
})

const isLinkLocal = (address: string): boolean => address.toLowerCase().startsWith('fe80:')
