import { clamp, deleteStaleRules, nftClamp, richRule } from './loops.ts'
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
  restartsDocker,
  type Uses,
} from './uses.ts'

const noUfw = 'ufw writes to /etc and is not installed; this is the rule that it writes'
const clamps = healsIn('clamped by iptables')
const clampsByNft = Object.fromEntries(nftClamp.map((command) => [command, healsIn('clamped by nft')]))

/** The commands of findings about rules. */
export const ruleTable: Record<string, Uses> = {
  'bridge-churn-race': {
    'systemctl restart docker': restartsDocker(),
    [deleteStaleRules]: heals,
    'docker network create ci': helps,
  },
  'docker-chain-missing': {
    'iptables -N DOCKER-USER': healsIn('DOCKER-USER'),
    'iptables -A DOCKER-USER -j RETURN': healsIn('DOCKER-USER'),
    'iptables -I FORWARD -j DOCKER-USER': healsIn('DOCKER-USER', 'the jump to DOCKER-USER'),
    'iptables -N DOCKER-USER && iptables -A DOCKER-USER -j RETURN && iptables -I FORWARD -j DOCKER-USER':
      healsIn('DOCKER-USER'),
    'systemctl restart docker': restartsDocker('the chain DOCKER of nat'),
    'systemctl restart firewalld': named('after which Docker is to be restarted'),
  },
  'docker-network-rules-missing': { 'systemctl restart docker': restartsDocker() },
  'docker-rules-flushed': {
    'systemctl restart docker': restartsDocker(),
    'systemctl enable nftables': {
      kind: 'helps',
      ...byCommand(
        'mkdir -p root/etc/systemd/system && cp /lib/systemd/system/nftables.service root/etc/systemd/system && systemctl --root="$PWD/root" enable nftables && grep network-pre root/etc/systemd/system/nftables.service',
        'systemd does not run here; its links are made in a directory of the test',
      ),
    },
    'nft table inet mine\ndelete table inet mine\ntable inet mine { … }': {
      kind: 'helps',
      ...byCommand(
        "printf 'table inet mine\ndelete table inet mine\ntable inet mine { chain input { type filter hook input priority 10; }; }' | nft -f - && nft delete table inet mine",
        'the file of the host stays as it is; the same text is loaded',
      ),
    },
  },
  'docker-user-jump-flapping': {
    'iptables -t raw -I PREROUTING …': {
      kind: 'helps',
      ...byCommand(
        'iptables -t raw -I PREROUTING -s 198.51.100.66 -j DROP && iptables -t raw -D PREROUTING -s 198.51.100.66 -j DROP',
        'the page leaves the rule to its reader',
      ),
    },
  },
  'duplicate-rules': {
    'iptables-save | sort | uniq -d | grep ^-A': looks,
    'iptables -D FORWARD -j ts-forward': heals,
    'iptables -C … || iptables -A …': {
      kind: 'helps',
      ...byCommand(
        'iptables -C FORWARD -j ts-forward || iptables -A FORWARD -j ts-forward',
        'the page leaves the rule to its reader',
      ),
    },
  },
  'firewall-manager-conflict': {
    'ufw allow from 10.42.0.0/16': {
      kind: 'helps',
      ...byCommand(
        'iptables -N ufw-user-input && iptables -A ufw-user-input -s 10.42.0.0/16 -j ACCEPT && iptables -I INPUT -j ufw-user-input',
        noUfw,
      ),
    },
    'ufw allow from 10.43.0.0/16': {
      kind: 'helps',
      ...byCommand('iptables -A ufw-user-input -s 10.43.0.0/16 -j ACCEPT', noUfw),
    },
    'ufw disable': {
      kind: 'helps',
      ...byCommand(
        'iptables -D INPUT -j ufw-user-input && iptables -F ufw-user-input && iptables -X ufw-user-input',
        'ufw is not installed; it takes its jumps out of INPUT',
      ),
    },
    'systemctl disable --now firewalld': named('the same for another firewall than that of the state'),
  },
  'firewalld-reload-lost-isolation': {
    'systemctl restart docker': restartsDocker(),
    'firewall-cmd --reload': named('what causes the finding, and after which Docker is to be restarted'),
    [deleteStaleRules]: heals,
  },
  'forward-policy-drop-unaccepted': {
    'iptables -I DOCKER-USER -i BRIDGE -o UPLINK -j ACCEPT': heals,
    'iptables -I DOCKER-USER -i UPLINK -o BRIDGE -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT': heals,
    'iptables -I DOCKER-USER -i BRIDGE -o BRIDGE -j ACCEPT': helps,
    'iptables -I DOCKER-USER -i <bridge> -o <uplink> -j ACCEPT': heals,
    'iptables -I DOCKER-USER -i <uplink> -o <bridge> -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT':
      heals,
  },
  'iptables-backend-mixed': {
    'iptables-nft-save | grep -c ^-A': looks,
    'iptables-legacy-save | grep -c ^-A': looks,
    'iptables --version': looks,
    'update-alternatives --set iptables /usr/sbin/iptables-nft': {
      kind: 'heals',
      ...byAction(
        'remove the legacy rules',
        'the links of the machine stay as they are; after the reboot that the page asks for, legacy has no rules',
      ),
    },
    'update-alternatives --set ip6tables /usr/sbin/ip6tables-nft': named('the same for IPv6'),
  },
  'iptables-stale-bridge-rule': {
    'systemctl restart docker': restartsDocker('the bridge of a network deleted'),
    [deleteStaleRules]: healsIn('rules restored from a file'),
    'netfilter-persistent save': named('what is not to be run while Docker runs'),
    'nft monitor': {
      kind: 'helps',
      ...byCommand('timeout 1 nft monitor || [ $? = 124 ]', 'it does not end by itself'),
    },
  },
  'jump-position-fight': {
    'tailscale set --netfilter-mode=nodivert': {
      kind: 'helps',
      ...byCommand(
        'iptables -N ts-forward && iptables -I FORWARD -j ts-forward && iptables -D FORWARD -j ts-forward && iptables -X ts-forward',
        'Tailscale is not installed; in this mode it takes its jump out of FORWARD',
      ),
    },
  },
  'mss-clamp-missing': { [`iptables ${clamp}`]: clamps, [`ip6tables ${clamp}`]: clamps, ...clampsByNft },
  'mss-clamp-one-way': { [`iptables ${clamp}`]: clamps, ...clampsByNft },
  'networks-not-isolated': {
    'iptables -I FORWARD -i BRIDGE -o UPLINK -j ACCEPT': healsIn('a rule that accepts all'),
    'iptables -I FORWARD -i UPLINK -o BRIDGE -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT':
      healsIn('a rule that accepts all'),
    'iptables -D FORWARD -j ACCEPT': healsIn('a rule that accepts all'),
    'systemctl restart docker': restartsDocker('a chain that nothing leads to'),
  },
  'xtables-lock-contention': {
    'fuser -v /run/xtables.lock': looksAndMayFail('nobody holds the lock'),
    'iptables -w 10 …': {
      kind: 'helps',
      ...byCommand('iptables -w 10 -C DOCKER-USER -j RETURN', 'the page leaves the rule to its reader'),
    },
    'update-alternatives --set iptables /usr/sbin/iptables-nft': named(
      'the links of the machine stay as they are; iptables is iptables-nft here',
    ),
  },
  'docker-api-unsupported': {
    "docker version --format '{{.Server.Version}}: {{.Server.MinAPIVersion}} to {{.Server.APIVersion}}'":
      looks,
  },
  'host-tcp-blackhole': {
    'iptables-save -c > rules.txt': helps,
    'nft list ruleset >> rules.txt': helps,
    'iptables-save -c > rules.txt; nft list ruleset >> rules.txt': named('the page has the same commands'),
    'ufw reload': named('the owner of the rule; the state has another one'),
    'systemctl restart k3s': named('the owner of the rule; the state has another one'),
    'firewall-cmd --reload': named('the owner of the rule; the state has another one'),
    'systemctl restart tailscaled': {
      kind: 'heals',
      ...byCommand(
        'iptables -N ts-input && iptables -A ts-input -p tcp -m multiport --dports 22,6443,443 -j ACCEPT && iptables -I INPUT -j ts-input',
        'Tailscale is not installed; at its start it writes its chain and its jump',
      ),
    },
  },
  'oom-kills-seen': { "journalctl -k -g 'Killed process|oom-kill' --since -1h": noJournal },
  'netdev-leak': { 'journalctl -k -g unregister_netdevice --since -1h': noJournal },
  'host-firewall-reject': {
    'firewall-cmd --get-zone-of-interface=BRIDGE': looksAndMayFail('it has no zone'),
    [`firewall-cmd ${richRule}`]: heals,
    [`firewall-cmd --permanent ${richRule}`]: heals,
    [`firewall-cmd ${richRule.replaceAll("'", '"')}`]: heals,
    'iptables-save | grep REJECT': noMatch,
    'nft list ruleset | grep -i reject': noMatch,
    'iptables-save | grep REJECT; nft list ruleset | grep -i reject': noMatch,
  },
}
