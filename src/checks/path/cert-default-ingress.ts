import { ingressOf } from '../../facts/queries/path/certificates.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'cert-default-ingress',
  group: 'path',
  title: 'no ingress shows its default certificate',
  fault: 'Default certificate of an ingress: the ingress has no route, or no certificate, for this name.',
  severity: 'error',
  advice:
    'Add the name to the route of the registry, with a certificate for it; the ingress itself was reached.',
  reads: ['path.legs'],
  run: ({ path: { legs = [] } }) => {
    const found = legs
      // A mirror by its bare address has a finding of its own.
      .filter(({ step, servername }) => step !== 'mirror' && servername !== undefined)
      .flatMap(({ host, addresses }) =>
        addresses.flatMap(({ address, attempts, certificate }) => {
          const ingress = certificate && ingressOf(certificate)
          const failed = attempts.some(({ failure }) => failure?.phase === 'tls')
          return certificate && ingress !== undefined && failed
            ? { host, address, ingress, subject: certificate.subject }
            : []
        }),
      )
    return [...Map.groupBy(found, ({ host }) => host)].flatMap(([host, same]) => {
      const [first] = same
      if (!first) return []
      const addresses = [...new Set(same.map(({ address }) => address))]
      return {
        subject: host,
        message: `${addresses.join(', ')} presents “${first.subject}”, which ${first.ingress} makes for names that it does not know`,
      }
    })
  },
})
