import { helps, looks, named, noMatch, type Uses } from './uses.ts'

/** Other tests run the commands of these findings where they are, and judge by packets that they heal. */
const elsewhere = (file: string) => named(`run by test/real/${file}.test.ts, with packets as judge`)
const byPorts = elsewhere('runner-published-ports')
const byNeighbours = elsewhere('runner-neighbours')
const byEgress = elsewhere('runner-egress')
const noUfw = named('ufw writes to /etc and is not installed')
const byZone = named('run in the state of container-no-egress with firewalld')

/** The commands of findings about published ports and about containers of one network. */
export const packetTable: Record<string, Uses> = {
  'container-address-unreachable-by-vpn': {
    'docker network create -o com.docker.network.bridge.trusted_host_interfaces=wg0 NAME': byPorts,
    'json { "allow-direct-routing": true }': named('for daemon.json, which tests leave alone'),
    'docker network create -o com.docker.network.bridge.gateway_mode_ipv4=nat-unprotected NAME': named(
      'for Docker 28.0 and 28.1, which are not built here',
    ),
  },
  'containers-cannot-reach-each-other': {
    'iptables -I FORWARD -i BRIDGE -o BRIDGE -j ACCEPT': byNeighbours,
    'ip link set <stop.name> up': byEgress,
    'podman network reload --all': named('Podman’s; the engines of these states are Docker'),
  },
  'icc-not-enforced': {
    'modprobe br_netfilter': named('no module can be loaded in a namespace; its setting is the next command'),
    'sysctl -w net.bridge.bridge-nf-call-iptables=1': byNeighbours,
    'systemctl restart docker': named('run in the states of docker-rules-flushed and others'),
  },
  'published-port-unreachable': {
    'iptables -I FORWARD -o BRIDGE -m conntrack --ctstate DNAT -j ACCEPT': byPorts,
    'iptables -I FORWARD -i BRIDGE -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT': byPorts,
    'podman network reload --all': named('Podman’s; the engines of these states are Docker'),
  },
  'step-no-egress': {
    'sysctl net.ipv4.ip_forward': looks,
    'sysctl -w net.ipv4.ip_forward=1': helps,
    'grep -rs ip_forward /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d /run/sysctl.d': noMatch,
    'ip route get 9.9.9.9': looks,
    'ip rule': looks,
    'ip neigh': looks,
    'docker run --rm -v /var/run/docker.sock:/var/run/docker.sock regguard-plugin --checks runner --host_snapshot true':
      named('a run of regguard itself, by test/real/runner-docker-sibling.test.ts'),
  },
  'published-advice': {
    'ip route get <to><user>': byPorts,
    'ufw route allow proto tcp to <network> port <port.containerPort>': noUfw,
    'ufw allow out proto tcp to <network> port <port.containerPort>': noUfw,
    'firewall-cmd --zone=docker --change-interface=<bridge>': byZone,
    'firewall-cmd --permanent --zone=docker --change-interface=<bridge>': byZone,
    'firewall-cmd <rule>': byPorts,
    'firewall-cmd --permanent <rule>': byPorts,
    'podman network reload --all': named('Podman’s; the engines of these states are Docker'),
    'systemctl restart docker': byPorts,
    'sysctl -w <stop.name>=1': byEgress,
    'ip link set <stop.name> up': byEgress,
    'sysctl -w net.bridge.bridge-nf-call-iptables=1': byPorts,
  },
}
