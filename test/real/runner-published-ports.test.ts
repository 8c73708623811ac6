import { execa } from 'execa'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { commandsOfAdvice } from '../advice/commands.ts'
import { docker29, hasDocker29 } from '../support/docker-29.ts'
import { enginePrograms } from '../support/engine.ts'
import { firewalldPrograms, startFirewalld } from '../support/firewalld.ts'
import { suiteNeeds } from '../support/need.ts'
import { makeNetworkNamespace } from '../support/network-namespace.ts'
import { labAddresses, type PublishedLab, startPublishedLab } from '../support/published-lab.ts'
import { runOnHost } from '../support/run-runner.ts'
import { toolPrograms } from '../support/tool-image.ts'

const { host } = labAddresses
const id = 'published-port-unreachable'

const drop = (hook: 'forward' | 'output', rule: string) =>
  `nft 'table inet guard { chain c { type filter hook ${hook} priority -5; ${rule}; }; }'`
const pass = 'nft delete table inet guard'

suiteNeeds([...enginePrograms, ...toolPrograms, ...firewalldPrograms, 'docker-proxy'])(
  'published ports, with connections as judge',
  () => {
    let lab: PublishedLab
    let second: string
    let undo = ''
    const start = async (options: Parameters<typeof startPublishedLab>[0]) => {
      lab = await startPublishedLab(options)
      await lab.run('-p', '8080:80', '-p', '127.0.0.1:8081:80')
      await lab.run('--network=host')
      second = await lab.run()
    }
    afterEach(async () => {
      if (undo !== '') await lab.onHost(undo)
      undo = ''
    })
    const reached = async () => ({
      outside: await lab.hello('outside', host, 8080),
      host: await lab.hello('host', '127.0.0.1', 8080),
      loopback: await lab.hello('host', '127.0.0.1', 8081),
    })
    const all = { outside: true, host: true, loopback: true }
    const run = async (socket = lab.engine.socket, about = id) => {
      const { namespace } = lab.engine
      const { exitCode, causes, report } = await runOnHost({ namespace, socket }, { runner_window: '0s' })
      const own = report.causes.filter((cause) => cause.id === about)
      const findings = own.flatMap((cause) => cause.findings)
      return {
        // Other tests of this machine create networks, which its kernel log shows.
        ...{
          exitCode,
          causes: causes.filter((one) => one !== 'bridge-churn-burst'),
          title: own[0]?.title,
          advice: own[0]?.advice ?? '',
        },
        subjects: findings.map(({ subject }) => subject).toSorted(),
        text: findings.map(({ message, evidence }) => [message, ...evidence].join('\n')).join('\n'),
      }
    }
    const quiet = { exitCode: 0, causes: [] }

    describe('Docker 20.10', () => {
      beforeAll(() => start({}), 120_000)
      afterAll(() => lab?.stop(), 60_000)

      test('healthy: all are reached, and nothing is reported', async () => {
        expect(await reached()).toEqual(all)
        expect(await lab.hello({ container: second }, host, 8080)).toBe(true)
        expect(await run()).toMatchObject(quiet)
        expect(await run('/nonexistent/docker.sock')).toMatchObject(quiet)
      }, 60_000)

      test('a rule before those of Docker; also without the socket; the advice lets them in', async () => {
        undo = pass
        await lab.onHost(drop('forward', 'tcp dport 80 drop'))
        expect(await lab.hello('outside', host, 8080)).toBe(false)
        const { advice, text, ...found } = await run()
        expect(found).toMatchObject({ exitCode: 1, causes: [id], subjects: ['8080'] })
        expect(text).toContain('tcp dport 80 drop')
        expect((await run('/nonexistent/docker.sock')).subjects).toEqual(['8080'])
        for (const command of commandsOfAdvice(advice)) await lab.onHost(command)
        expect(await reached()).toEqual(all)
        expect(await run()).toMatchObject(quiet)
      }, 60_000)

      test('a container that is also in an internal network', async () => {
        await lab.engine.docker(['network', 'create', '--internal', 'inner'])
        const id = await lab.run('-p', '8082:80')
        await lab.engine.docker(['network', 'connect', 'inner', id])
        expect(await lab.hello('outside', host, 8082)).toBe(true)
        expect(await run()).toMatchObject(quiet)
        undo = pass
        await lab.onHost(drop('forward', 'tcp dport 80 drop'))
        expect((await run()).subjects).toEqual(['8080', '8082'])
      }, 60_000)

      test('a rule about the bridge itself is no firewall', async () => {
        undo = 'iptables -D FORWARD ! -i docker0 -o docker0 -m conntrack --ctstate NEW -j DROP'
        await lab.onHost(undo.replace('-D', '-I'))
        expect(await reached()).toEqual({ ...all, outside: false })
        expect(await run()).toMatchObject({ exitCode: 1, causes: [id], subjects: ['8080', '8082'] })
      }, 60_000)

      test('what only root may connect to, docker-proxy reaches', async () => {
        const rules = ['-o docker0 -j REJECT', '-m owner --uid-owner 0 -j ACCEPT']
        undo = rules.map((rule) => `iptables -D OUTPUT ${rule}`).join('; ')
        await lab.onHost(rules.map((rule) => `iptables -I OUTPUT ${rule}`).join('; '))
        expect(await reached()).toEqual(all)
        expect(await run()).toMatchObject(quiet)
      }, 60_000)

      test('an address that the host lost', async () => {
        await lab.onHost('ip address add 10.99.0.7/24 dev up0')
        const id = await lab.run('-p', '10.99.0.7:8083:80', '--name=lost')
        expect(await lab.hello('outside', '10.99.0.7', 8083)).toBe(true)
        expect(await run()).toMatchObject(quiet)
        await lab.onHost('ip address del 10.99.0.7/24 dev up0')
        expect(await lab.hello('outside', '10.99.0.7', 8083)).toBe(false)
        const found = await run()
        expect(found).toMatchObject({ exitCode: 1, causes: ['published-port-unreachable'] })
        expect(found.subjects).toEqual(['10.99.0.7:8083'])
        expect(found.text).toContain('lost: it is published at 10.99.0.7, which this host does not have')
        undo = 'sysctl -q -w net.ipv4.ip_nonlocal_bind=0'
        await lab.onHost('sysctl -q -w net.ipv4.ip_nonlocal_bind=1')
        expect(await run()).toMatchObject(quiet)
        await lab.engine.docker(['rm', '-f', id])
      }, 60_000)

      test('a rule of a container that is gone comes first', async () => {
        const rule = 'DOCKER -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.99:80'
        undo = `iptables -t nat -D ${rule}`
        await lab.onHost(`iptables -t nat -I ${rule}`)
        expect(await lab.hello('outside', host, 8080)).toBe(false)
        const { advice, text, ...found } = await run()
        expect(found).toMatchObject({ exitCode: 1, causes: [id], subjects: ['8080'] })
        expect(text).toContain('leads it to 172.17.0.99, not to 172.17.0.2 port 80')
        expect(advice).toContain('restart Docker')
      }, 60_000)
    })

    describe('Docker 20.10 without docker-proxy', () => {
      beforeAll(() => start({ flags: ['--userland-proxy=false'] }), 120_000)
      afterAll(() => lab?.stop(), 60_000)

      test('the host itself is kept from them; the advice lets it', async () => {
        expect(await run()).toMatchObject(quiet)
        undo = pass
        await lab.onHost(drop('output', 'tcp dport 80 reject'))
        expect(await reached()).toEqual({ outside: true, host: false, loopback: false })
        const { advice, ...found } = await run()
        expect(found).toMatchObject({ exitCode: 1, causes: [id], subjects: ['127.0.0.1:8081', '8080'] })
        for (const command of commandsOfAdvice(advice)) await lab.onHost(command)
        expect(await reached()).toEqual(all)
        expect(await run()).toMatchObject(quiet)
      }, 60_000)

      test('what routing depends on the user for is a note, whose command shows the route', async () => {
        undo = 'ip rule del priority 100; ip route flush table 52'
        await lab.onHost(
          'ip route add 172.17.0.0/16 dev up0 table 52; ip rule add uidrange 1000-2000 lookup 52 priority 100',
        )
        expect(await reached()).toEqual(all)
        const { advice, ...found } = await run()
        expect(found).toMatchObject({ ...quiet, subjects: ['127.0.0.1:8081', '8080'] })
        expect(found.text).toContain('rule 100: from all uidrange 1000-2000 lookup 52')
        const [command = ''] = commandsOfAdvice(advice)
        expect(await lab.onHost(command)).toContain('dev up0 table 52')
      }, 60_000)

      test('without br_netfilter, not from their own network', async () => {
        undo = 'sysctl -q -w net.bridge.bridge-nf-call-iptables=1'
        expect(await lab.hello({ container: second }, host, 8080)).toBe(true)
        await lab.onHost('sysctl -q -w net.bridge.bridge-nf-call-iptables=0')
        expect(await lab.hello({ container: second }, host, 8080)).toBe(false)
        const found = await run()
        expect(found).toMatchObject({ exitCode: 0, causes: [id], subjects: ['8080'] })
        expect(found.text).toContain('br_netfilter is off')
      }, 60_000)

      test('a rule of NAT that is gone: nothing leads there', async () => {
        const rules = await lab.onHost('iptables -t nat -S DOCKER')
        const rule = rules.split('\n').find((line) => line.includes('--dport 8080')) ?? ''
        undo = `iptables -t nat ${rule}`
        await lab.onHost(`iptables -t nat ${rule.replace('-A', '-D')}`)
        expect(await lab.hello('outside', host, 8080)).toBe(false)
        const found = await run()
        expect(found).toMatchObject({ exitCode: 1, causes: [id], subjects: ['8080'] })
        expect(found.text).toContain('no docker-proxy listens')
      }, 60_000)
    })

    describe.runIf(hasDocker29).each(['iptables', 'nftables'] as const)('Docker 29 with %s', (backend) => {
      beforeAll(async () => start(await docker29(backend)), 120_000)
      afterAll(() => lab?.stop(), 60_000)

      test('healthy: all are reached, and nothing is reported', async () => {
        expect(await reached()).toEqual(all)
        expect(await run()).toMatchObject(quiet)
      }, 60_000)

      test('a firewall that keeps other hosts out is a warning', async () => {
        undo = pass
        await lab.onHost(drop('forward', 'iifname up0 ct state new drop'))
        expect(await reached()).toEqual({ ...all, outside: false })
        const found = await run()
        expect(found).toMatchObject({ exitCode: 0, causes: [id], subjects: ['8080'] })
        expect(found.title).toMatch(/^Published port closed/)
      }, 60_000)

      test('peers of a VPN are kept from the containers’ own addresses, unless a network trusts it', async () => {
        const vpn = 'container-address-unreachable-by-vpn'
        await lab.joinVpn()
        const trusting = ['-o', 'com.docker.network.bridge.trusted_host_interfaces=wg0']
        await lab.engine.docker(['network', 'create', '--subnet=172.30.9.0/24', ...trusting, 'trusting'])
        await lab.run('--network=trusting', '--ip=172.30.9.9', '-p', '8090:80')
        expect(await lab.hello('outside', '172.30.9.9', 80)).toBe(true)
        expect(await lab.hello('outside', '172.17.0.2', 80)).toBe(false)
        const found = await run(lab.engine.socket, vpn)
        expect(found).toMatchObject({ exitCode: 0, causes: [], subjects: ['wg0'] })
        expect(found.text).toContain('to 172.17.0.2 port 80 are dropped before routing')
        expect(found.advice).toContain('trusted_host_interfaces=wg0')
      }, 60_000)
    })

    test('a policy of firewalld keeps this host from containers; the advice lets it', async () => {
      const namespace = await makeNetworkNamespace()
      await namespace.run('sysctl', ['-q', '-w', 'net.ipv4.ip_forward=1'])
      const firewalld = await startFirewalld(namespace)
      try {
        lab = await startPublishedLab({ namespace, env: firewalld.env })
        await lab.run('-p', '127.0.0.1:8081:80')
        expect(await run()).toMatchObject(quiet)
        const policy = (...flags: string[]) => firewalld.command('--permanent', ...flags)
        await policy('--new-policy=my-guard')
        await policy('--policy=my-guard', '--add-ingress-zone=HOST')
        await policy('--policy=my-guard', '--add-egress-zone=docker')
        await policy('--policy=my-guard', '--set-target=REJECT')
        await firewalld.command('--reload')
        // Docker 20.10 does not get its isolation back by itself.
        await lab.engine.restart()
        await lab.run('-p', '127.0.0.1:8082:80')
        expect(await lab.hello('host', '127.0.0.1', 8082)).toBe(false)
        const { advice, ...found } = await run()
        expect(found).toMatchObject({ exitCode: 1, causes: [id], subjects: ['127.0.0.1:8082'] })
        expect(found.text).toContain('chain filter_OUT_policy_my-guard')
        for (const command of commandsOfAdvice(advice))
          await execa('sh', ['-c', `nsenter --net=${namespace.path} ${command}`], { env: firewalld.env })
        expect(await lab.hello('host', '127.0.0.1', 8082)).toBe(true)
        expect(await run()).toMatchObject(quiet)
      } finally {
        await lab?.stop()
        await firewalld.stop()
      }
    }, 120_000)

    test('an engine that writes no rules: docker-proxy serves, and its firewall is up to its operator', async () => {
      lab = await startPublishedLab({ flags: ['--iptables=false'] })
      try {
        await lab.run('-p', '8080:80')
        expect(await lab.hello('outside', host, 8080)).toBe(true)
        expect(await run()).toMatchObject(quiet)
        await lab.onHost('iptables -I INPUT -i up0 -p tcp --dport 8080 -j DROP')
        expect(await lab.hello('outside', host, 8080)).toBe(false)
        expect(await run()).toMatchObject(quiet)
      } finally {
        await lab.stop()
      }
    }, 120_000)
  },
)
