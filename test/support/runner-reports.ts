/** A state of a host that people reported, or one of the same kind. */
export interface ReportedState {
  /** What is the case, as its finding should say. */
  name: string
  /** Commands that bring it about on a host with a running job, and those that end it. */
  begin: string
  end: string
  /** Restart Docker after `end`: it writes rules only when it starts. */
  restart?: true
  /** Whether new connections of the job’s container get an answer meanwhile, which real ones confirm. */
  reaches: boolean
  /** The first finding and the exit code, from the host and from a step with the socket and a snapshot. */
  finds: string
  exitCode: 0 | 1
  /** What the report says of it. */
  says?: RegExp[]
  /** The first finding with the socket alone; absent where that shows nothing. */
  socket?: string
}

/** A tunnel, as far as routes know. */
const tunnel = 'ip link add wg0 type veth peer wgfar && ip link set wg0 up && ip link set wgfar up'
const accepts = (name: string) =>
  `iptables -A FORWARD -i ${name} -j ACCEPT && iptables -A FORWARD -o ${name} -j ACCEPT`
/** A bridge of another program, with a guest. */
const guests = (name: string, address: string) =>
  [
    `ip link add ${name} type bridge && ip addr add ${address} dev ${name} && ip link set ${name} up`,
    `ip link add v${name} type veth peer p${name} && ip link set v${name} master ${name} up && ip link set p${name} up`,
  ].join(' && ')
const noGuests = (name: string) => `ip link del v${name}; ip link del ${name}`

/** The engines on whose hosts states are brought about, one after the other. */
export type HostKind =
  | 'Docker 20.10'
  | 'Docker 20.10 with firewalld'
  | 'Docker 29 with nftables'
  | 'Docker 29 with iptables'

const flushed: ReportedState = {
  name: 'a ruleset that was flushed after Docker started',
  begin: 'nft flush ruleset',
  ...{ end: 'true', restart: true },
  ...{ reaches: false, finds: 'docker-rules-flushed', exitCode: 1 },
  says: [/something flushed Docker’s rules/, /systemctl restart docker/],
}

const ofDocker20: ReportedState[] = [
  {
    name: 'a rule that rejects everything before Docker’s rules',
    begin: 'iptables -I FORWARD -j REJECT --reject-with icmp-host-prohibited',
    end: 'iptables -D FORWARD 1',
    ...{ reaches: false, finds: 'container-no-egress', exitCode: 1 },
    says: [/hook forward, priority 0: iptables-nft table filter, chain FORWARD/, /-A FORWARD -j REJECT/],
  },
  {
    name: 'a policy of another base chain that drops',
    begin: `nft 'table inet guard { chain f { type filter hook forward priority 10; policy drop; }; }'`,
    end: 'nft delete table inet guard',
    ...{ reaches: false, finds: 'container-no-egress', exitCode: 1 },
    says: [/hook forward, priority 10: nft table inet guard, chain f/, /policy drop of chain f/],
  },
  {
    name: 'a rule that drops in the table raw of iptables-legacy',
    begin: 'iptables-legacy -t raw -I PREROUTING -s $SUBNET -j DROP',
    end: 'iptables-legacy -t raw -F',
    ...{ reaches: false, finds: 'container-no-egress', exitCode: 1 },
    says: [/hook prerouting, priority -300: iptables-legacy table raw, chain PREROUTING/],
  },
  {
    name: 'a rule of the bridge family that drops',
    begin: 'ebtables -A INPUT -p IPv4 -j DROP',
    end: 'ebtables -F',
    ...{ reaches: false, finds: 'container-no-egress', exitCode: 1 },
    says: [/table bridge filter, chain INPUT/],
  },
  {
    name: 'IPv4 forwarding that was switched off',
    begin: 'echo 0 > /proc/sys/net/ipv4/ip_forward',
    end: 'echo 1 > /proc/sys/net/ipv4/ip_forward',
    ...{ reaches: false, finds: 'ip-forwarding-off', exitCode: 1, socket: 'ip-forwarding-off' },
    says: [/sysctl -w net\.ipv4\.ip_forward=1/],
  },
  {
    name: 'forwarding that was switched off at the uplink',
    begin: 'echo 0 > /proc/sys/net/ipv4/conf/eth0/forwarding',
    end: 'echo 1 > /proc/sys/net/ipv4/conf/eth0/forwarding',
    ...{ reaches: false, finds: 'container-no-egress', exitCode: 1 },
    says: [/net\.ipv4\.conf\.eth0\.forwarding is 0/],
  },
  {
    name: 'the route of a VPN over Docker’s subnet, in a policy table',
    begin: `${tunnel} && ip route add 10.192.0.0/10 dev wg0 table 52 && ip rule add lookup 52 priority 5270`,
    end: 'ip rule del priority 5270; ip link del wg0',
    ...{ reaches: false, finds: 'container-no-egress', exitCode: 1 },
    says: [/rule 5270: from all lookup 52/, /10\.192\.0\.0\/10 dev wg0 table 52/],
  },
  {
    name: 'the route of a VPN over a part of Docker’s subnet, in the main table',
    begin: `${tunnel} && ip route add \${SUBNET%/24}/25 dev wg0`,
    end: 'ip link del wg0',
    ...{ reaches: false, finds: 'container-no-egress', exitCode: 1 },
    says: [/\/25 dev wg0 table main/],
  },
  {
    name: 'a rule of routing that refuses the job’s packets',
    begin: 'ip rule add from $SUBNET prohibit priority 100',
    end: 'ip rule del priority 100',
    ...{ reaches: false, finds: 'container-no-egress', exitCode: 1 },
    says: [/rule 100: from 10\.213\.\S+ prohibit/, /ip rule add from 10\.213\.\S+ lookup main priority 99/],
  },
  {
    name: 'bridges of LXC and Podman, and the policy of FORWARD that Docker sets',
    begin: `iptables -P FORWARD DROP && ${guests('lxcbr0', '10.0.3.1/24')} && ${guests('cni-podman0', '10.88.0.1/16')}`,
    end: `iptables -P FORWARD ACCEPT; ${noGuests('lxcbr0')}; ${noGuests('cni-podman0')}`,
    ...{ reaches: true, finds: 'container-no-egress', exitCode: 1 },
    says: [
      /lxcbr0: packets to other hosts are dropped/,
      /cni-podman0: packets to other hosts are dropped/,
      /policy drop of chain FORWARD/,
    ],
  },
  {
    name: 'the bridge of a Docker network that is down',
    begin: 'ip link set $BRIDGE down',
    end: 'ip link set $BRIDGE up',
    ...{ reaches: false, finds: 'docker-bridge-unusable', exitCode: 1 },
    says: [/ip link set br-[0-9a-f]{12} up/],
  },
  {
    name: 'the bridge of a Docker network without its address',
    begin: 'ip address flush dev $BRIDGE',
    end: 'ip address add $GATEWAY/24 dev $BRIDGE',
    ...{ reaches: false, finds: 'docker-bridge-unusable', exitCode: 1 },
    says: [/ip address add 10\.213\.\d+\.1\/24 dev br-/],
  },
  {
    name: 'a bridge that a failed create left',
    begin:
      'ip link add br-0123456789ab type bridge && ip addr add 10.213.7.1/24 dev br-0123456789ab && iptables -t nat -I POSTROUTING -s 10.213.7.0/24 ! -o br-0123456789ab -j MASQUERADE',
    end: 'iptables -t nat -D POSTROUTING -s 10.213.7.0/24 ! -o br-0123456789ab -j MASQUERADE; ip link del br-0123456789ab',
    ...{ reaches: true, finds: 'orphan-docker-bridge', exitCode: 0 },
    says: [/iptables -t nat -D POSTROUTING .* && ip link delete br-0123456789ab/],
  },
  {
    name: 'an uplink with a smaller MTU than the networks',
    begin: 'ip link set eth0 mtu 1400',
    end: 'ip link set eth0 mtu 1500',
    ...{ reaches: true, finds: 'docker-mtu-exceeds-uplink', exitCode: 0 },
    // Docker 20.10 has a setting only for docker0.
    says: [/mtu\W+1400/, /clamp-mss-to-pmtu/],
  },
  {
    name: 'rules of a removed network that were restored from a copy',
    begin: [
      'docker network create old > $DIR/id && iptables-save > $DIR/rules && docker network rm old',
      'iptables-restore < $DIR/rules && docker network create brief && docker network rm brief',
    ].join(' && '),
    end: 'iptables-save | grep -v "br-$(head -c 12 $DIR/id)" | iptables-restore',
    ...{ reaches: true, finds: 'iptables-stale-bridge-rule', exitCode: 0 },
    says: [/Stale rules/],
  },
  {
    name: 'a port that a docker-proxy holds for a container that is gone',
    begin:
      'docker-proxy -proto tcp -host-ip 127.0.0.1 -host-port 18080 -container-ip 10.213.1.99 -container-port 80 3> /dev/null > /dev/null 2>&1 < /dev/null & echo $! > $DIR/proxy; until ss -Hltn | grep -q :18080; do :; done',
    end: 'kill $(cat $DIR/proxy)',
    ...{ reaches: true, finds: 'docker-proxy-left', exitCode: 0 },
    says: [/127\.0\.0\.1 port 18080\/tcp to 10\.213\.1\.99/],
  },
  {
    name: 'links of containers that are gone',
    begin: 'for n in $(seq 10 49); do ip link add vetha0b1c$n type veth peer name pa0b1c$n; done',
    end: 'for n in $(seq 10 49); do ip link del vetha0b1c$n; done',
    ...{ reaches: true, finds: 'dangling-veths', exitCode: 0 },
    says: [/40 veth interfaces without a container/],
  },
  // After a restart, containers attach, which some findings wait for: these come last.
  flushed,
  {
    name: 'DOCKER-USER that was removed',
    begin: 'iptables -D FORWARD -j DOCKER-USER && iptables -F DOCKER-USER && iptables -X DOCKER-USER',
    ...{ end: 'true', restart: true },
    ...{ reaches: true, finds: 'docker-chain-missing', exitCode: 0 },
  },
  // Many networks at once are a burst, which is reported beside others from then on.
  {
    name: 'an IPv4 pool that networks of GitHub’s runner fill, beside one of IPv6',
    begin:
      'n=1; while docker network create github_network_$(printf %032x $n); do n=$((n + 1)); done 2> /dev/null',
    end: 'docker network rm $(docker network ls -q --filter name=github_network_)',
    ...{ reaches: true, finds: 'address-pool-exhausted', exitCode: 1, socket: 'address-pool-exhausted' },
    says: [/github_network_0{31}1/, /docker network rm NAME/],
  },
]

/** All states, by the host that they are brought about on. */
export const reportedStates: Record<HostKind, ReportedState[]> = {
  'Docker 20.10': ofDocker20,
  'Docker 20.10 with firewalld': [
    {
      name: 'a bridge outside firewalld’s zone for Docker',
      begin: 'firewall-cmd --zone=docker --remove-interface=$BRIDGE',
      end: 'firewall-cmd --zone=docker --add-interface=$BRIDGE',
      ...{ reaches: false, finds: 'container-no-egress', exitCode: 1 },
      says: [
        /hook forward, priority 10: nft table inet firewalld, chain filter_FWD_public/,
        /zone public of firewalld/,
        /reject with icmpx/,
        /firewall-cmd --zone=docker --change-interface=br-/,
      ],
    },
    {
      name: 'a reload of firewalld, after which networks are not isolated',
      begin:
        'firewall-cmd --reload && for n in $(seq 100); do iptables-save | grep -q "A POSTROUTING -s $SUBNET" && break; sleep 0.1; done',
      ...{ end: 'true', restart: true },
      ...{ reaches: true, finds: 'firewalld-reload-lost-isolation', exitCode: 1 },
      says: [/CVE-2025-54388/, /28\.3\.3/],
    },
  ],
  'Docker 29 with nftables': [
    {
      name: 'an element that is missing in Docker’s verdict map',
      begin:
        'nft delete element ip docker-bridges filter-forward-in-jumps "{ "$BRIDGE" : jump filter-forward-in__$BRIDGE }"',
      ...{ end: 'true', restart: true },
      ...{ reaches: true, finds: 'networks-not-isolated', exitCode: 1 },
      says: [/no rule or map leads to the chain filter-forward-in__br-/],
    },
    flushed,
  ],
  'Docker 29 with iptables': [flushed],
}

/** Changes of the same kinds that stop no packet which anybody needs. */
export const healthyStates: Pick<ReportedState, 'name' | 'begin' | 'end'>[] = [
  {
    name: 'a rule that rejects other packets',
    begin: 'iptables -I FORWARD -i eth9 -j REJECT --reject-with icmp-host-prohibited',
    end: 'iptables -D FORWARD -i eth9 -j REJECT --reject-with icmp-host-prohibited',
  },
  {
    name: 'another base chain that accepts what is needed, and drops the rest',
    begin: `nft 'table inet guard { chain f { type filter hook forward priority 10; policy drop; ct state established,related accept; oifname "eth0" accept; iifname "br-*" oifname "br-*" accept; iifname "docker0" oifname "docker0" accept; }; }'`,
    end: 'nft delete table inet guard',
  },
  {
    name: 'forwarding of IPv6 that is off',
    begin: 'echo 0 > /proc/sys/net/ipv6/conf/all/forwarding',
    end: 'true',
  },
  {
    name: 'routes of a VPN beside Docker’s subnets',
    begin: `${tunnel} && ip route add 10.64.0.0/10 dev wg0 table 52 && ip rule add lookup 52 priority 5270 && ip route add 10.8.0.0/24 dev wg0`,
    end: 'ip rule del priority 5270; ip link del wg0',
  },
  {
    name: 'rules of routing that lead to an empty table, and throw',
    begin:
      'ip rule add from $SUBNET lookup 77 priority 100 && ip route add throw default table 78 && ip rule add from $SUBNET lookup 78 priority 101',
    end: 'ip rule del priority 100; ip rule del priority 101; ip route flush table 78',
  },
  {
    name: 'a bridge of LXC that an operator’s rules accept, and the policy of FORWARD that Docker sets',
    // As lxc-net masquerades it.
    begin: `iptables -P FORWARD DROP && ${guests('lxcbr0', '10.0.3.1/24')} && ${accepts('lxcbr0')} && iptables -t nat -A POSTROUTING -s 10.0.3.0/24 ! -d 10.0.3.0/24 -j MASQUERADE`,
    end: `iptables -P FORWARD ACCEPT; iptables -D FORWARD -i lxcbr0 -j ACCEPT; iptables -D FORWARD -o lxcbr0 -j ACCEPT; iptables -t nat -D POSTROUTING -s 10.0.3.0/24 ! -d 10.0.3.0/24 -j MASQUERADE; ${noGuests('lxcbr0')}`,
  },
  {
    name: 'strict rp_filter with one uplink',
    begin: 'echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter',
    end: 'echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter',
  },
]
