import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'

/** The properties of a certificate. */
export type CertificateOptions = {
  /** DNS names and addresses; for a wrong-name certificate, leave out 127.0.0.1. */
  names?: string[]
  expired?: boolean
  /** How long it is valid from now; default: 10. */
  days?: number
  /** Signed by its own key instead of by the authority. */
  selfSigned?: boolean
}

/** A key pair as PEM, and its files. */
export type Certificate = { key: string; cert: string; keyFile: string; certFile: string }

/** A certificate authority for tests. */
export type Authority = {
  /** Its certificate as PEM, and its file. */
  ca: string
  caFile: string
  issue(options?: CertificateOptions): Promise<Certificate>
  /** Removes every file. */
  remove(): Promise<void>
}

/** Creates an authority in a temporary directory. */
export async function createAuthority(): Promise<Authority> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-certs-'))
  const file = (name: string) => join(directory, name)
  const openssl = (...args: string[]) => execa('openssl', args, { cwd: directory })
  let issued = 0

  await writeFile(file('ca.cnf'), caConfig)
  await writeFile(file('index.txt'), '')
  await openssl(
    ...['req', '-x509', '-config', 'ca.cnf', '-extensions', 'authority', '-subj', '/CN=regguard test CA'],
    ...[...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '30'],
  )

  async function issue(options: CertificateOptions = {}): Promise<Certificate> {
    const { names = ['localhost', '127.0.0.1'], expired = false, selfSigned = false, days = 10 } = options
    issued += 1
    const leaf = `leaf-${issued}`
    const [key, csr, pem, ext] = [`${leaf}.key`, `${leaf}.csr`, `${leaf}.pem`, `${leaf}.ext`] as const
    await writeFile(file(ext), `basicConstraints=CA:FALSE\nsubjectAltName=${names.map(altName).join(',')}\n`)
    const subject = `/CN=${names[0] ?? 'nobody'}`
    await openssl('req', '-config', 'ca.cnf', '-subj', subject, ...newKey, '-keyout', key, '-out', csr)
    const signer = selfSigned ? ['-selfsign', '-keyfile', key] : ['-keyfile', 'ca.key', '-cert', 'ca.pem']
    await openssl(
      ...['ca', '-batch', '-notext', '-config', 'ca.cnf', ...signer, '-in', csr, '-out', pem],
      ...['-extfile', ext, '-startdate', day(-20), '-enddate', day(expired ? -10 : days), '-rand_serial'],
    )
    return {
      key: await readFile(file(key), 'utf8'),
      cert: await readFile(file(pem), 'utf8'),
      keyFile: file(key),
      certFile: file(pem),
    }
  }

  return {
    ca: await readFile(file('ca.pem'), 'utf8'),
    caFile: file('ca.pem'),
    issue,
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

const caConfig = `
[req]
distinguished_name = subject
[subject]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
serial = serial.txt
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
`

function altName(name: string): string {
  return /^[\d.]+$|:/.test(name) ? `IP:${name}` : `DNS:${name}`
}

function day(offset: number): string {
  const date = new Date(Date.now() + offset * 86_400_000)
  return `${date.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`
}
