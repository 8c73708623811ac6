import type { RulesFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'

type Saved = NonNullable<RulesFact['saved']>[number]

/** Programs that restore rules from a file at boot, the files that they read, and their units, as distributions package them. */
const restorers = [
  {
    program: 'netfilter-persistent',
    files: ['/etc/iptables/rules.v4'],
    units: ['netfilter-persistent.service'],
  },
  {
    program: 'iptables.service',
    files: ['/etc/sysconfig/iptables', '/etc/iptables/iptables.rules'],
    units: ['iptables.service'],
  },
  {
    program: 'nftables.service',
    files: ['/etc/nftables.conf', '/etc/sysconfig/nftables.conf'],
    units: ['nftables.service'],
  },
  { program: 'ferm', files: ['/etc/ferm/ferm.conf'], units: ['ferm.service'] },
]

const fileLimit = 4 * 1024 * 1024
const maxBridges = 200

/**
 * The files from which rules are restored, on the host's own file system or where it is mounted. In a container these paths are
 * those of its image, and do not exist.
 */
export async function observeSavedRules(access: HostAccess): Promise<Saved[]> {
  const found: Saved[] = []
  for (const { program, files, units } of restorers) {
    for (const file of files) {
      const text = await access.read(file, fileLimit)
      if (text.ok)
        found.push(savedIn({ program, file, text: text.text, enabled: await isEnabled(access, units) }))
    }
  }
  return found
}

function savedIn({ text, ...rest }: Pick<Saved, 'program' | 'file' | 'enabled'> & { text: string }): Saved {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line))
  const bridges = new Set(lines.flatMap((line) => line.match(/\bbr-[0-9a-f]{12}\b/g) ?? []))
  return {
    ...rest,
    flushes: lines.some((line) => /^\s*flush ruleset\b/.test(line)),
    bridges: [...bridges].slice(0, maxBridges),
  }
}

/** A unit is enabled by a link in a `.wants` directory (systemctl(1)). */
async function isEnabled(access: HostAccess, units: string[]): Promise<boolean> {
  const wants = (await access.list('/etc/systemd/system')).filter((name) => name.endsWith('.wants'))
  const wanted = await Promise.all(wants.map((name) => access.list(`/etc/systemd/system/${name}`)))
  return wanted.some((names) => names.some((name) => units.includes(name)))
}
