import type { TableFact } from '../../src/facts/runner.ts'
import { savedTables } from './recorded-rules.ts'
import { areaIn, linkOf, type RunnerChange, withLink, withPrograms } from './runner-facts.ts'

/**
 * Adds the rules of another program to the host's tables: existing chains get them at the end, or at the head for a program that
 * moves its rules to the top.
 */
export const withSavedRules =
  (saved: string, place: 'head' | 'end' = 'end'): RunnerChange =>
  (runner) => {
    for (const table of savedTables(saved)) {
      const known = areaIn(runner, 'rules').tables.find(
        ({ backend, family, name }) => backend === 'nft' && family === table.family && name === table.name,
      )
      if (known) merge(known, table, place)
      else areaIn(runner, 'rules').tables.push(table)
    }
  }

function merge(known: TableFact, { chains }: TableFact, place: 'head' | 'end'): void {
  for (const chain of chains) {
    const same = known.chains.find(({ name }) => name === chain.name)
    if (!same) known.chains.push(chain)
    else if (place === 'head') same.rules.unshift(...chain.rules)
    else same.rules.push(...chain.rules)
  }
}

const both =
  (...changes: RunnerChange[]): RunnerChange =>
  (runner) => {
    for (const change of changes) change(runner)
  }

/** Chains and rules of k3s 1.2x, in the form that k3s-io/k3s#5611 and #7244 show, for one pod. */
export const k3s = both(
  withSavedRules(
    `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:FLANNEL-FWD - [0:0]
:KUBE-EXTERNAL-SERVICES - [0:0]
:KUBE-FIREWALL - [0:0]
:KUBE-FORWARD - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-NWPLCY-DEFAULT - [0:0]
:KUBE-POD-FW-MLN43CE5BLFI7QUX - [0:0]
:KUBE-PROXY-CANARY - [0:0]
:KUBE-ROUTER-FORWARD - [0:0]
:KUBE-ROUTER-INPUT - [0:0]
:KUBE-ROUTER-OUTPUT - [0:0]
:KUBE-SERVICES - [0:0]
-A INPUT -m comment --comment "kube-router netpol - 4IA2OSFRMVNDXBVV" -j KUBE-ROUTER-INPUT
-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
-A INPUT -j KUBE-FIREWALL
-A FORWARD -m comment --comment "kube-router netpol - TEMCG2JMHZYE7H7T" -j KUBE-ROUTER-FORWARD
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD
-A OUTPUT -m comment --comment "kube-router netpol - VEAAIY32XVBHCSCY" -j KUBE-ROUTER-OUTPUT
-A OUTPUT -j KUBE-FIREWALL
-A FLANNEL-FWD -s 10.42.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
-A FLANNEL-FWD -d 10.42.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-POD-FW-MLN43CE5BLFI7QUX -m comment --comment "rule for stateful firewall for pod" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A KUBE-ROUTER-FORWARD -d 10.42.0.5/32 -m comment --comment "rule to jump traffic destined to POD name:coredns" -j KUBE-POD-FW-MLN43CE5BLFI7QUX
-A KUBE-ROUTER-FORWARD -m comment --comment "rule to explicitly ACCEPT traffic that comply to network policies" -m mark --mark 0x20000/0x20000 -j ACCEPT
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:FLANNEL-POSTRTG - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-SERVICES - [0:0]
:CNI-HOSTPORT-DNAT - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG
-A FLANNEL-POSTRTG -s 10.42.0.0/16 ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MASQUERADE --random-fully
COMMIT
`,
    'head',
  ),
  withLink(linkOf('cni0', 80, { kind: 'bridge', mtu: 1450, addresses: ['10.42.0.1/24'] })),
  withLink(linkOf('flannel.1', 81, { kind: 'vxlan', mtu: 1450, addresses: ['10.42.0.0/32'] })),
  withLink(linkOf('veth0a1b2c3d', 82, { kind: 'veth', mtu: 1450, master: 'cni0' })),
  withPrograms('k3s-server', 'containerd-shim'),
)

/** As ufw's before.rules, user.rules and after.rules create them, with one open port. */
export const ufw = withSavedRules(`*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:ufw-after-forward - [0:0]
:ufw-before-forward - [0:0]
:ufw-before-input - [0:0]
:ufw-user-forward - [0:0]
:ufw-user-input - [0:0]
-A INPUT -j ufw-before-input
-A FORWARD -j ufw-before-forward
-A FORWARD -j ufw-after-forward
-A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A ufw-before-forward -j ufw-user-forward
-A ufw-before-input -i lo -j ACCEPT
-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A ufw-before-input -j ufw-user-input
-A ufw-user-input -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
`)

/** firewalld keeps its rules in its own table, and adds docker0 to a zone. */
export const firewalld = both((runner) => {
  areaIn(runner, 'rules').tables.push({
    backend: 'native',
    family: 'inet',
    name: 'firewalld',
    chains: [
      {
        name: 'filter_FORWARD',
        hook: 'forward',
        policy: 'accept',
        rules: ['ct state established,related accept'],
      },
      {
        name: 'filter_INPUT_ZONES',
        rules: ['iifname "docker0" goto filter_IN_docker', 'goto filter_IN_public'],
      },
      { name: 'filter_IN_public_allow', rules: ['tcp dport 22 accept'] },
    ],
  })
  areaIn(runner, 'engine').firewall = 'firewalld'
}, withPrograms('firewalld'))

/** As tailscaled writes them, at the head of INPUT and FORWARD. */
export const tailscale = both(
  withSavedRules(
    `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:ts-forward - [0:0]
:ts-input - [0:0]
-A INPUT -j ts-input
-A FORWARD -j ts-forward
-A ts-forward -i tailscale0 -j MARK --set-xmark 0x40000/0xff0000
-A ts-forward -m mark --mark 0x40000/0xff0000 -j ACCEPT
-A ts-forward -s 100.64.0.0/10 -o tailscale0 -j DROP
-A ts-forward -o tailscale0 -j ACCEPT
-A ts-input -s 100.64.0.0/10 ! -i tailscale0 -j DROP
-A ts-input -i tailscale0 -j ACCEPT
COMMIT
*nat
:POSTROUTING ACCEPT [0:0]
:ts-postrouting - [0:0]
-A POSTROUTING -j ts-postrouting
-A ts-postrouting -m mark --mark 0x40000/0xff0000 -j MASQUERADE
COMMIT
`,
    'head',
  ),
  withLink(linkOf('tailscale0', 83, { kind: 'tun', mtu: 1280, addresses: ['100.64.0.7/32'] })),
  withPrograms('tailscaled'),
)

/** The default network of libvirt with a running virtual machine, after its networkxml2firewalldata/nat-default-linux. */
export const libvirt = both(
  withSavedRules(
    `*filter
:FORWARD ACCEPT [0:0]
:LIBVIRT_FWI - [0:0]
:LIBVIRT_FWO - [0:0]
:LIBVIRT_FWX - [0:0]
-A FORWARD -j LIBVIRT_FWX
-A FORWARD -j LIBVIRT_FWI
-A FORWARD -j LIBVIRT_FWO
-A LIBVIRT_FWI -d 192.168.122.0/24 -o virbr0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A LIBVIRT_FWI -o virbr0 -j REJECT --reject-with icmp-port-unreachable
-A LIBVIRT_FWO -s 192.168.122.0/24 -i virbr0 -j ACCEPT
-A LIBVIRT_FWO -i virbr0 -j REJECT --reject-with icmp-port-unreachable
-A LIBVIRT_FWX -i virbr0 -o virbr0 -j ACCEPT
COMMIT
*nat
:POSTROUTING ACCEPT [0:0]
:LIBVIRT_PRT - [0:0]
-A POSTROUTING -j LIBVIRT_PRT
-A LIBVIRT_PRT -s 192.168.122.0/24 -d 224.0.0.0/24 -j RETURN
-A LIBVIRT_PRT -s 192.168.122.0/24 ! -d 192.168.122.0/24 -j MASQUERADE
COMMIT
`,
    'head',
  ),
  withLink(linkOf('virbr0', 84, { kind: 'bridge', addresses: ['192.168.122.1/24'] })),
  withLink(linkOf('vnet0', 85, { kind: 'tun', master: 'virbr0' })),
  withPrograms('libvirtd'),
)

/** netavark 1.4 for one container, in the form of its own tests. */
export const netavark = both(
  withSavedRules(`*filter
:FORWARD ACCEPT [0:0]
:NETAVARK_FORWARD - [0:0]
-A FORWARD -m comment --comment "netavark firewall plugin rules" -j NETAVARK_FORWARD
-A NETAVARK_FORWARD -d 10.88.0.0/16 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A NETAVARK_FORWARD -s 10.88.0.0/16 -j ACCEPT
COMMIT
*nat
:POSTROUTING ACCEPT [0:0]
:NETAVARK-1D8721804F16F - [0:0]
-A POSTROUTING -s 10.88.0.0/16 -j NETAVARK-1D8721804F16F
-A NETAVARK-1D8721804F16F -d 10.88.0.0/16 -j ACCEPT
-A NETAVARK-1D8721804F16F ! -d 224.0.0.0/4 -j MASQUERADE
COMMIT
`),
  withLink(linkOf('podman0', 86, { kind: 'bridge', addresses: ['10.88.0.1/16'] })),
  withLink(linkOf('veth0', 87, { kind: 'veth', master: 'podman0' })),
)

/** As fail2ban's iptables-multiport action creates them. */
export const fail2ban = both(
  withSavedRules(
    `*filter
:INPUT ACCEPT [0:0]
:f2b-sshd - [0:0]
-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
-A f2b-sshd -s 198.51.100.7/32 -j REJECT --reject-with icmp-port-unreachable
-A f2b-sshd -j RETURN
COMMIT
`,
    'head',
  ),
  withPrograms('fail2ban-server'),
)
