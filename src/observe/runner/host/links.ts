import * as z from 'zod'
import type { Area } from '../../../core/observed.ts'
import type { LinkFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { seen, unseen } from './area.ts'
import {
  type HostNetwork,
  networkRemedies,
  notInHostNetwork,
  procRemedies,
  whyUnreadable,
} from './host-network.ts'
import { outputOf } from './program-output.ts'

/** The fields read of each interface in the output of `ip -j -d addr`. */
const interfaceSchema = z.object({
  ifindex: z.number(),
  ifname: z.string().max(64),
  flags: z.array(z.string()),
  mtu: z.number(),
  master: z.string().optional(),
  linkinfo: z
    .object({
      info_kind: z.string().optional(),
      info_slave_kind: z.string().optional(),
      info_slave_data: z.object({ state: z.unknown() }).optional(),
    })
    .optional(),
  addr_info: z.array(z.object({ local: z.string().optional(), prefixlen: z.number().optional() })).optional(),
})

/** Parses `ip -j -d addr`; undefined where it is not a list. Skips entries that are not interfaces. */
export function parseLinks(text: string): LinkFact[] | undefined {
  const listed = z.array(z.unknown()).safeParse(jsonOf(text))
  return listed.data?.flatMap((entry) => {
    const { data } = interfaceSchema.safeParse(entry)
    return data ? [linkFrom(data)] : []
  })
}

function linkFrom(data: z.infer<typeof interfaceSchema>): LinkFact {
  const { ifindex, ifname, flags, mtu, master, linkinfo, addr_info = [] } = data
  const state = linkinfo?.info_slave_kind === 'bridge' ? linkinfo.info_slave_data?.state : undefined
  return {
    index: ifindex,
    name: ifname,
    kind: linkinfo?.info_kind ?? '',
    up: flags.includes('UP'),
    carrier: flags.includes('LOWER_UP'),
    mtu,
    ...(master === undefined ? {} : { master }),
    ...(typeof state === 'string' ? { portState: state } : {}),
    addresses: addr_info.flatMap(({ local, prefixlen }) =>
      local === undefined ? [] : [`${local}/${prefixlen}`],
    ),
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Names of Docker's bridges: `br-` and the first twelve digits of the network's id (libnetwork, bridge driver). */
const dockerBridge = /^(?:docker0|br-[0-9a-f]{12})$/

/** Parses the names in /proc/net/dev: two header lines, then a name and its counters per line. */
export function parseLinkNames(text: string): LinkFact[] {
  return text
    .split('\n')
    .slice(2)
    .flatMap((line) => {
      const name = /^\s*(\S{1,64}):\s*\d/.exec(line)?.[1]
      return name === undefined
        ? []
        : [{ name, kind: dockerBridge.test(name) ? 'bridge' : '', addresses: [] }]
    })
}

/** The host's interfaces; through /proc/1/net only their names. */
export async function observeLinks(
  access: HostAccess,
  network: HostNetwork | undefined,
): Promise<Area<LinkFact[]>> {
  if (!network) return unseen(notInHostNetwork, procRemedies)
  if (!network.isOwn) return linkNames(access, `${network.procNet}/dev`)
  const output = outputOf('ip', await access.run('ip', ['-j', '-d', 'addr', 'show'], { timeoutMs: 15_000 }))
  const links = output.ok && !output.truncated ? parseLinks(output.text) : undefined
  if (links) return seen(links, 'ip addr')
  // An ip without JSON output (BusyBox): the names can still be read.
  const names = await linkNames(access, `${network.procNet}/dev`)
  const why = output.ok ? 'ip did not print a list of interfaces' : output.why
  return names.seen ? seen(names.value, `${names.from}, names only: ${why}`) : unseen(why, ['tools'])
}

async function linkNames(access: HostAccess, path: string): Promise<Area<LinkFact[]>> {
  const file = await access.read(path)
  return file.ok
    ? seen(parseLinkNames(file.text), path)
    : unseen(whyUnreadable(path, file.code), networkRemedies)
}
