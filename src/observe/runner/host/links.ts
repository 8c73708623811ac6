import * as z from 'zod'
import type { Area } from '../../../core/observed.ts'
import type { LinkFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { outputOf, seen, unseen } from './area.ts'
import { elsewhere, networkNeeds, type Place, procNeeds, unreadable } from './place.ts'

/** What is read of each interface in the output of `ip -j -d addr`. */
const interfaceSchema = z.object({
  ifindex: z.number(),
  ifname: z.string().max(64),
  flags: z.array(z.string()),
  mtu: z.number(),
  master: z.string().optional(),
  linkinfo: z.object({ info_kind: z.string().optional() }).optional(),
  addr_info: z.array(z.object({ local: z.string().optional(), prefixlen: z.number().optional() })).optional(),
})

/** Reads `ip -j -d addr`; undefined where that is no list. An entry that is no interface is passed over. */
export function parseLinks(text: string): LinkFact[] | undefined {
  const listed = z.array(z.unknown()).safeParse(jsonOf(text))
  return listed.data?.flatMap((entry) => {
    const { data } = interfaceSchema.safeParse(entry)
    return data ? [linkFrom(data)] : []
  })
}

function linkFrom(data: z.infer<typeof interfaceSchema>): LinkFact {
  const { ifindex, ifname, flags, mtu, master, linkinfo, addr_info = [] } = data
  return {
    index: ifindex,
    name: ifname,
    kind: linkinfo?.info_kind ?? '',
    up: flags.includes('UP'),
    carrier: flags.includes('LOWER_UP'),
    mtu,
    ...(master === undefined ? {} : { master }),
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

/** The names of Docker's bridges: `br-` and the first twelve digits of the network's id (libnetwork, bridge driver). */
const dockerBridge = /^(?:docker0|br-[0-9a-f]{12})$/

/** Reads /proc/net/dev: two lines of titles, then a name and its counters. Names are all that it tells. */
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

/** The host's interfaces; through /proc/1/net their names only. */
export async function observeLinks(access: HostAccess, place: Place | undefined): Promise<Area<LinkFact[]>> {
  if (!place) return unseen(elsewhere, procNeeds)
  if (!place.own) return linkNames(access, `${place.net}/dev`)
  const output = outputOf('ip', await access.run('ip', ['-j', '-d', 'addr', 'show'], { timeoutMs: 15_000 }))
  const links = output.ok && !output.truncated ? parseLinks(output.text) : undefined
  if (links) return seen(links, 'ip addr')
  // An ip that knows no JSON (busybox) still leaves the names.
  const names = await linkNames(access, `${place.net}/dev`)
  const why = output.ok ? 'ip answered something else than a list of interfaces' : output.why
  return names.seen ? seen(names.value, `${names.from}, names only: ${why}`) : unseen(why, ['tools'])
}

async function linkNames(access: HostAccess, path: string): Promise<Area<LinkFact[]>> {
  const file = await access.read(path)
  return file.ok ? seen(parseLinkNames(file.text), path) : unseen(unreadable(path, file.code), networkNeeds)
}
