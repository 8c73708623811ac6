import type { Remedy } from '../core/remedy.ts'
import { type Family, familyOf, type RemedyContext, socketVolume, storageVolume } from './remedies.ts'

/** What to paste to observe more: YAML for the step or the runner's configuration, or a command. */
export function remedyYaml(remedy: Remedy, context: RemedyContext): string {
  const lines = yamls[familyOf(context)]
  return lines(remedy, context).join('\n')
}

const yamls: Record<Family, (remedy: Remedy, context: RemedyContext) => string[]> = {
  woodpecker: (remedy) => {
    const step = (...lines: string[]) => [
      'steps:',
      '  - name: verify',
      '    image: regguard-plugin',
      ...lines.map((line) => `    ${line}`),
    ]
    const withSocket = [`volumes: [${socketVolume}]`]
    const snapshot = step(...withSocket, 'settings:', '  host_snapshot: true')
    return {
      'docker-socket': step(...withSocket),
      'socket-access': step(...withSocket, 'backend_options:', '  docker:', '    user: "0:0"'),
      'host-snapshot': snapshot,
      'host-network': step('network_mode: host'),
      'host-pid': snapshot,
      'kernel-log': step('devices: ["/dev/kmsg:/dev/kmsg:r"]'),
      'net-admin': snapshot,
      tools: step(),
      listeners: step('settings:', '  listeners: [22, 6443]'),
      'listener-entries': step('settings:', '  listeners: ["22", "10.0.0.5:22"]'),
      'storage-mount': step(
        `volumes: [${storageVolume}]`,
        'settings:',
        '  mode: scan',
        '  storage: /var/lib/registry',
      ),
      'storage-access': step('backend_options:', '  docker:', '    user: "0:0"'),
    }[remedy]
  },
  actions: (remedy, { group }) => {
    const runner = (...lines: string[]) => [
      '# config.yaml of the runner',
      'container:',
      ...lines.map((line) => `  ${line}`),
    ]
    const job = (...lines: string[]) => [
      'steps:',
      '  - uses: docker://regguard-plugin',
      ...(lines.length > 0 ? ['    with:', ...lines.map((line) => `      ${line}`)] : []),
    ]
    return {
      'docker-socket': runner('docker_host: automount'),
      'socket-access': runner(
        `options: --user 0:0${group === undefined ? '' : ` # or --group-add ${group}`}`,
      ),
      'host-snapshot': [
        ...runner('docker_host: automount'),
        '---',
        '# the workflow',
        ...job('host_snapshot: true'),
      ],
      'host-network': runner('network: host'),
      'host-pid': runner('options: --pid=host'),
      'kernel-log': runner('options: --cap-add=SYSLOG --device=/dev/kmsg:/dev/kmsg:r'),
      'net-admin': runner('network: host', 'options: --cap-add=NET_ADMIN'),
      tools: job(),
      listeners: job('listeners: "22,6443"'),
      'listener-entries': job('listeners: "22,10.0.0.5:22"'),
      'storage-mount': runner(`options: -v ${storageVolume}`, 'valid_volumes: [/var/lib/registry]'),
      'storage-access': runner('options: --user 0:0'),
    }[remedy]
  },
  plain: (remedy, { group }) => {
    const run = (flags: string, rest = 'IMAGE') => [`docker run --rm ${flags} regguard-plugin ${rest}`]
    return {
      'docker-socket': run(`-v ${socketVolume}`),
      'socket-access': run(
        group === undefined ? `--user 0:0 -v ${socketVolume}` : `--group-add ${group} -v ${socketVolume}`,
      ),
      'host-snapshot': run(`-v ${socketVolume}`, '--host_snapshot true IMAGE'),
      'host-network': run('--network host'),
      'host-pid': run('--pid host'),
      'kernel-log': run('--cap-add SYSLOG --device /dev/kmsg:/dev/kmsg:r'),
      'net-admin': run('--network host --cap-add NET_ADMIN'),
      tools: ['apt-get install iptables nftables iproute2'],
      listeners: ['regguard-plugin --listeners 22,6443 IMAGE'],
      'listener-entries': ['regguard-plugin --listeners 22,10.0.0.5:22 IMAGE'],
      'storage-mount': run(`-v ${storageVolume}`, 'scan /var/lib/registry'),
      'storage-access': run(`--user 0:0 -v ${storageVolume}`, 'scan /var/lib/registry'),
    }[remedy]
  },
}
