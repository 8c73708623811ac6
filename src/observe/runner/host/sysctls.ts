import type { HostAccess } from '../host-access.ts'

const general = [
  'net.ipv4.ip_forward',
  'net.ipv4.ip_nonlocal_bind',
  'net.ipv6.conf.all.forwarding',
  'net.bridge.bridge-nf-call-iptables',
  'net.bridge.bridge-nf-call-ip6tables',
]
const perDevice = ['forwarding', 'rp_filter', 'src_valid_mark', 'route_localnet']
const maxDevices = 200

/** The settings of the kernel that decide about forwarded packets, by their names; those that do not exist are absent. */
export async function readSysctls(access: HostAccess, devices: string[]): Promise<Record<string, string>> {
  const own = ['all', ...devices.slice(0, maxDevices)].flatMap((device) =>
    perDevice.map((name) => [`net.ipv4.conf.${device}.${name}`, `ipv4/conf/${device}/${name}`] as const),
  )
  const wanted = [
    ...general.map((name) => [name, name.split('.').slice(1).join('/')] as const),
    // A name with a dot or a slash in it could be another file.
    ...own.filter(([, path]) => !path.includes('..')),
  ]
  const values: Record<string, string> = {}
  const read = async (name: string, path: string) => {
    const file = await access.read(`/proc/sys/net/${path}`, 64)
    if (file.ok) values[name] = file.text.trim()
  }
  for (const [name, path] of wanted) await read(name, path)
  // Since Linux 6.17, single interfaces may forward IPv6 where the host does not.
  if (values['net.ipv6.conf.all.forwarding'] === '0')
    for (const device of devices.slice(0, maxDevices).filter((one) => !one.includes('..')))
      await read(`net.ipv6.conf.${device}.force_forwarding`, `ipv6/conf/${device}/force_forwarding`)
  return values
}
