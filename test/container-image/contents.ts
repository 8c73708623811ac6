/** Files that an engine adds to every container. */
const engines = /^(\.dockerenv|dev\/console|etc\/(hostname|hosts|mtab|resolv\.conf))$/

const libraries = [
  // Node's
  ...['c', 'm', 'dl', 'pthread', 'stdc++', 'gcc_s'],
  // ip, ss
  ...[
    'bpf',
    'elf',
    'z',
    'cap',
    'mnl',
    'selinux',
    'pcre2-8',
    'tirpc',
    'gssapi_krb5',
    'krb5',
    'k5crypto',
    'com_err',
  ],
  ...['krb5support', 'keyutils', 'resolv', 'bsd', 'md', 'db-5.3'],
  // iptables and its extensions, nft
  ...[
    'xtables',
    'ip4tc',
    'ip6tc',
    'nftnl',
    'nftables',
    'netfilter_conntrack',
    'nfnetlink',
    'jansson',
    'edit',
    'tinfo',
  ],
  ...['gmp'],
  // ping, socat
  ...['idn2', 'unistring', 'wrap', 'nsl', 'ssl', 'crypto'],
]
const library = new RegExp(
  `^usr/lib/[a-z0-9_]+-linux-gnu/lib(${libraries.map(literal).join('|')})\\.so\\.\\d+(\\.\\d+)?$`,
)

const allowed = [
  engines,
  library,
  /^(bin|sbin|lib|lib64)$/,
  /^etc\/(passwd|group|nsswitch\.conf|os-release|ssl\/certs\/ca-certificates\.crt)$/,
  /^usr\/lib\/os-release$/,
  /^usr\/lib(64)?\/ld-linux-[a-z0-9-]+\.so\.\d$/,
  /^usr\/lib\/[a-z0-9_]+-linux-gnu\/xtables\/lib(xt|ipt|ip6t|ebt|arpt)_[A-Za-z0-9_]+\.so$/,
  /^usr\/bin\/(ss|ping|socat)$/,
  /^usr\/sbin\/(ip|nft|xtables-(nft|legacy)-multi|ip6?tables(-nft|-legacy)?(-save)?)$/,
  /^usr\/local\/bin\/node$/,
  /^usr\/local\/lib\/regguard\/(regguard-plugin|parts\/[\w-]+)\.mjs(\.map)?$/,
  /^usr\/local\/lib\/regguard\/regguard-plugin\.(snapshot|cjs\.map)$/,
  /^usr\/share\/doc\/[a-z0-9.+-]+\/copyright$/,
  /^var\/lib\/dpkg\/status\.d\/[a-z0-9.+-]+$/,
]

/** Whether a file is allowed in the plugin image. */
export function allowedInImage(file: string): boolean {
  return allowed.some((pattern) => pattern.test(file))
}

function literal(text: string): string {
  return text.replaceAll(/[.+]/g, '\\$&')
}
