import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import type { NetworkNamespace } from './network-namespace.ts'
import { startProgram } from './program.ts'

/** What a suite names in `suiteNeeds` to run firewalld. */
export const firewalldPrograms = ['firewalld', 'firewall-cmd', 'dbus-daemon']

/** A firewalld of the test's own. */
export interface Firewalld {
  /** The variable by which Docker and firewall-cmd find it. */
  env: Record<string, string>
  /** `firewall-cmd` with these flags. */
  command(...flags: string[]): Promise<void>
  stop(): Promise<void>
}

const busConfiguration = (path: string) => `<!DOCTYPE busconfig PUBLIC
  "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=${path}</listen>
  <policy context="default">
    <allow user="*"/><allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
`

/** Starts firewalld in a namespace, on a D-Bus of its own and with a copy of its configuration. Needs root. */
export async function startFirewalld(namespace: NetworkNamespace): Promise<Firewalld> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-firewalld-'))
  const bus = join(directory, 'bus')
  const configuration = join(directory, 'bus.conf')
  const system = join(directory, 'firewalld')
  await cp('/etc/firewalld', system, { recursive: true })
  await writeFile(configuration, busConfiguration(bus))
  const env = { DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${bus}` }
  const inside = ['nsenter', `--net=${namespace.path}`]
  const command: Firewalld['command'] = async (...flags) =>
    void (await execa('nsenter', [...inside.slice(1), 'firewall-cmd', ...flags], { env }))
  const dbus = await startProgram(
    ['dbus-daemon', `--config-file=${configuration}`, '--nofork', '--print-address'],
    {
      ready: ({ stdout }) => stdout().includes('unix:'),
      clear: () => rm(directory, { recursive: true, force: true }),
    },
  )
  try {
    const firewalld = await startProgram(
      [...inside, 'firewalld', '--nofork', '--nopid', `--system-config=${system}`],
      {
        env,
        name: 'firewalld',
        ready: () =>
          command('--state').then(
            () => true,
            () => false,
          ),
      },
    )
    return {
      env,
      command,
      stop: async () => {
        await firewalld.stop()
        await dbus.stop()
      },
    }
  } catch (error) {
    await dbus.stop()
    throw error
  }
}
