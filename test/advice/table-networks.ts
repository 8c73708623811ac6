import { clamp, doubling, listUnusedNetworks } from './loops.ts'
import {
  byAction,
  byCommand,
  heals,
  healsIn,
  helps,
  looks,
  looksAndMayFail,
  named,
  noJournal,
  noMatch,
  noSystemd,
  restartsDocker,
  type Use,
  type Uses,
} from './uses.ts'

const removeUnused: Uses = {
  [listUnusedNetworks]: looks,
  'docker ps -a --filter network=NAME': looks,
  'docker network rm NAME': healsIn('networks that jobs left'),
}
const noUfw = named('ufw writes to /etc and is not installed')
const byPolicy = named('for a policy of firewalld, of which the state has none')
const isCovered = 'shown only below docker-bridge-unusable, where it is run'
const pools = 'json { "default-address-pools": [{ "base": "10.200.0.0/16", "size": 24 }] }'
const isMachineWide = 'the number belongs to the whole machine, and other tests run on it'
/** The command with a number of this namespace, which it must double. */
const doubles = (name: string): Use => ({
  kind: 'helps',
  ...byCommand(
    `before=$(sysctl -n net.core.somaxconn) && ${doubling('net.core.somaxconn')} && [ $(sysctl -n net.core.somaxconn) = $((before * 2)) ]`,
    `${name}: ${isMachineWide}; the same command with a number of the namespace`,
  ),
})
const raises = (...names: string[]): Uses =>
  Object.fromEntries(names.map((name) => [doubling(name), doubles(name)]))

/** The commands of findings about networks, links, ports and the kernel. */
export const networkTable: Record<string, Uses> = {
  'address-pool-exhausted': { ...removeUnused, [pools]: healsIn('other pools') },
  'address-pool-low': { ...removeUnused, [pools]: healsIn('other pools') },
  'bridge-churn-burst': { 'docker network create ci': helps },
  remediation: { 'docker network create ci': helps },
  'bridge-ports-full': {
    'ip link show master BRIDGE | grep -c master': looks,
    'docker ps -q --filter network=NAME | wc -l': looks,
    'docker network create NAME': {
      kind: 'helps',
      ...byCommand(
        'docker network create further && docker run --rm --network=further tools sh -c : && docker network rm further',
        'a container has to start in it',
      ),
    },
  },
  'conntrack-near-full': {
    ...raises('net.netfilter.nf_conntrack_max'),
    'sysctl net.netfilter.nf_conntrack_max > /etc/sysctl.d/90-conntrack.conf': helps,
    "conntrack -L -o extended | awk '{print $7}' | sort | uniq -c | sort -n | tail": looks,
    'iptables -t raw -A PREROUTING … -j CT --notrack': {
      kind: 'helps',
      ...byCommand(
        'iptables -t raw -A PREROUTING -s 198.51.100.66 -j CT --notrack && iptables -t raw -D PREROUTING -s 198.51.100.66 -j CT --notrack',
        'the page leaves the match to its reader',
      ),
    },
  },
  'container-no-egress': {
    'iptables -I FORWARD -i BRIDGE -o UPLINK -j ACCEPT': healsIn('a rule that rejects'),
    'iptables -I FORWARD -i UPLINK -o BRIDGE -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT':
      healsIn('a rule that rejects'),
    'firewall-cmd --zone=docker --change-interface=BRIDGE': healsIn('a bridge outside of Docker’s zone'),
    'firewall-cmd --permanent --zone=docker --change-interface=BRIDGE': healsIn(
      'a bridge outside of Docker’s zone',
    ),
    'podman network reload --all': named('Podman’s; the engines of these states are Docker'),
    'ufw route allow in on BRIDGE out on UPLINK': noUfw,
    'ip rule add to SUBNET lookup main priority NUMBER': healsIn('a route of a VPN'),
    'sysctl -w net.ipv4.conf.BRIDGE.forwarding=1': healsIn('forwarding disabled for a bridge'),
    'sysctl -w net.ipv4.conf.UPLINK.rp_filter=2': helps,
    'systemctl restart docker': restartsDocker('a rule in a chain of Docker'),
  },
  'way-out': {
    'systemctl restart docker': restartsDocker(),
    'sysctl -w <name>=1': heals,
    'ip -6 route show default': looks,
    'sysctl -w net.ipv6.conf.<devicePart(uplink)>.accept_ra=2': heals,
    'ip link set <stop.name> up': named(isCovered),
    'ip address add <guests.gateway> dev <stop.name>': named(isCovered),
    'ufw route <first>allow in on <bridge> out on <uplink><names>': noUfw,
    'ufw <first>allow in on <bridge><names>': noUfw,
    'firewall-cmd <rule>': byPolicy,
    'firewall-cmd --permanent <rule>': byPolicy,
    'firewall-cmd --zone=<zone> --change-interface=<bridge>': heals,
    'firewall-cmd --permanent --zone=<zone> --change-interface=<bridge>': heals,
    'podman network reload --all': named('Podman’s; the engines of these states are Docker'),
    'iptables -t nat -A POSTROUTING -s <subnet> ! -o <bridge> -j MASQUERADE': heals,
    'nft insert rule <table.family> <table.name> <chain.name> <nft>': heals,
    'iptables-<table.backend> -t <table.name> -I <chain.name> <saved>': heals,
    "ip rule add <toSubnet ? 'to' : 'from'> <subnet> lookup main priority <rule.priority - 1>": heals,
    'ip route add <subnet> dev <bridge><source>': heals,
    'ip route del <route.type> <route.destination> table <route.table>': heals,
    'sysctl -w net.ipv4.conf.<devicePart(trouble.uplink)>.rp_filter=2': named(
      'shown where a host has two uplinks; the command is run for the page',
    ),
  },
  'dangling-veths': {
    'ip -br link show type veth': looks,
    'docker ps -q': looks,
    'docker exec NAME cat /sys/class/net/eth0/iflink': looks,
    'ip link delete VETH': heals,
  },
  'docker-bridge-unusable': {
    'ip address add GATEWAY/PREFIX dev BRIDGE': heals,
    'ip link set BRIDGE up': heals,
    'ip address add <address> dev <link.name>': heals,
    'ip link set <link.name> up': heals,
  },
  'docker-mtu-exceeds-uplink': {
    'json { "mtu": 1400, "default-network-opts": { "bridge": { "com.docker.network.driver.mtu": "1400" } } }':
      healsIn('Docker 29'),
    [`iptables ${clamp}`]: healsIn('Docker 20.10'),
  },
  'docker-not-answering': {
    'systemctl status docker': noSystemd,
    'journalctl -u docker -n 50': noJournal,
    'systemctl start docker': restartsDocker('dockerd ended'),
    'kill -USR1 $(pidof dockerd)': {
      kind: 'helps',
      ...byCommand(
        'kill -USR1 $(cat PIDFILE) && for i in $(seq 50); do ls GOROUTINES* && exit; sleep 0.1; done; exit 1',
        'pidof would find the engines of other tests; the id of this one is in its file',
      ),
    },
    'systemctl restart docker': restartsDocker('dockerd hangs'),
  },
  'docker-proxy-left': {
    'systemctl restart docker': restartsDocker(),
    'ps -C docker-proxy -o pid,args': looks,
    "docker ps -q | xargs -r docker inspect -f '{{.Name}} {{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}'":
      looks,
    'kill PID': heals,
  },
  'docker-subnet-shadows-peer': {
    'ip route get ADDRESS': looks,
    'ip route get ADDRESS-OF-THIS-RUNNER': named(
      'for the host that does not answer, which another machine is',
    ),
    [pools.replace('10.200', '10.201')]: helps,
    'docker compose down': {
      kind: 'heals',
      ...byCommand(
        'docker rm -f shadow-web && docker network rm shadow',
        'the plugin compose is not installed; it removes the containers of the project and its network',
      ),
    },
    'docker compose up -d': {
      kind: 'heals',
      ...byCommand(
        'docker network create shadow && docker run -d --network=shadow --name=shadow-web --stop-signal=SIGKILL tools',
        'the plugin compose is not installed; it creates the network of the project and its containers',
      ),
    },
  },
  'host-listener-starved': {
    'systemctl status ssh': noSystemd,
    'cat /proc/pressure/cpu /proc/pressure/io': looks,
    'top -b -n 1 | head -20': looks,
    'systemctl status ssh; cat /proc/pressure/cpu /proc/pressure/io; top -b -n 1 | head -20': looks,
  },
  'host-port-refused': { 'ss -ltnp': looks, 'iptables-save | grep REJECT; ss -ltnp': looks },
  'host-unreachable-from-runner': {
    'ip route get ADDRESS': looks,
    'ip neigh show ADDRESS': looks,
    'ip address': looks,
    'ip route get ADDRESS; ip neigh show ADDRESS': looks,
    'getent ahosts NAME': looksAndMayFail('the name does not resolve'),
  },
  'ip-forwarding-off': {
    'sysctl -w net.ipv4.ip_forward=1': heals,
    'grep -rs ip_forward /etc/sysctl.conf /etc/sysctl.d /usr/lib/sysctl.d /run/sysctl.d': noMatch,
    'echo net.ipv4.ip_forward=1 > /etc/sysctl.d/99-docker.conf': helps,
  },
  'leaked-ci-networks': removeUnused,
  'listener-backlog-overflow': {
    'ss -ltnp': looks,
    'nstat -asz TcpExtListenOverflows TcpExtListenDrops': looks,
    'iptables-save | grep -- --dport': noMatch,
    'nft list ruleset': looks,
    'sysctl net.core.somaxconn': looks,
    'ss -ltnp; nstat -asz TcpExtListenOverflows TcpExtListenDrops': looks,
    'ss -ltn': looks,
  },
  'many-interfaces-made': { "docker ps --format '{{.Names}} {{.Status}}'": looks },
  'neighbour-table-full': {
    ...raises('net.ipv4.neigh.default.gc_thresh3', 'net.ipv4.neigh.default.gc_thresh2'),
    "ip neigh show | awk '{print $3}' | sort | uniq -c": looks,
  },
  'orphan-docker-bridge': {
    'ip -d link show BRIDGE': looks,
    'ip link show master BRIDGE': looks,
    'ip link show master <name>': looks,
    'iptables -t nat -D POSTROUTING -s SUBNET ! -o BRIDGE -j MASQUERADE': heals,
    'ip link delete BRIDGE': heals,
    'ip link delete <name>': named('where no rule is left; the page has the same command'),
    '<iptables> -t <rule.table> -D <rule.chain> <rule.rule> && ip link delete <name>': heals,
    'journalctl -u docker | grep -i network': noJournal,
  },
  'second-docker-engine': {
    'docker -H unix:///var/run/docker.sock ps -a': looks,
    'docker -H unix:///run/snap.docker/docker.sock ps -a': looks,
    'docker -H SOCKET ps -a': looks,
    'snap disable docker': {
      kind: 'heals',
      ...byAction('stop the second engine', 'snap is not installed; it stops the service and keeps its data'),
    },
    'systemctl restart docker': restartsDocker(),
  },
  'softnet-drops': raises('net.core.netdev_max_backlog'),
  'syn-queue-overflow': {
    "ss -ltn 'sport = :6443'": looks,
    [doubling('net.core.somaxconn')]: helps,
    [doubling('net.ipv4.tcp_max_syn_backlog')]: helps,
  },
}
