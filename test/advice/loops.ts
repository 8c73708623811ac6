/** Deletes the rules that name bridges which do not exist, as the pages have it. */
export const deleteStaleRules = `for bridge in $(iptables-save | grep -oE ' br-[0-9a-f]{12} ' | sort -u); do
  if ip link show $bridge 2>&1 | grep -q 'does not exist'; then
    for table in filter nat raw; do
      iptables-save -t $table | sed -n "/ $bridge /s/^-A/-D/p" | while read -r rule; do iptables -t $table $rule; done
    done
  fi
done`

/** Lists the networks that no container uses, as the pages have it. */
export const listUnusedNetworks = `for name in $(docker network ls --filter driver=bridge --filter type=custom --format '{{.Name}}'); do
  [ -n "$(docker ps -aq --filter network=$name)" ] || echo $name
done`

/** The clamp of mss-clamp-missing and others. */
export const clamp = '-t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu'

/** The same in a table of nft. */
export const nftClamp = [
  'nft add table inet clamp',
  "nft add chain inet clamp forward '{ type filter hook forward priority mangle; }'",
  "nft add rule inet clamp forward 'tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu'",
]

/** Doubles a number of the kernel, and never lowers it. */
export const doubling = (name: string): string => `sysctl -w ${name}=$(($(sysctl -n ${name}) * 2))`

/** Lets containers of a subnet reach a port of the host, in firewalld. */
export const richRule =
  "--add-rich-rule='rule family=ipv4 source address=SUBNET port port=PORT protocol=tcp accept'"
