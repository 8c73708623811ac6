import { firstOf } from '../../core/names.ts'
import { clockText } from '../../facts/queries/cluster/pull-text.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'external-secret-failing',
  group: 'cluster',
  title: 'every ExternalSecret that is asked about is synchronised',
  fault: 'ExternalSecret failing: the secret was not synchronised, so that an old value is in use, or none.',
  severity: 'error',
  advice:
    'Read its events (kubectl describe externalsecret), and check its SecretStore and the login of that.',
  reads: ['cluster.secrets'],
  run: ({ cluster: { secrets, at } }) =>
    (secrets?.failures ?? []).map(({ name, target, reason, text, refreshedAt, refusedPulls }) => ({
      subject: name,
      message: `${reason}; Secret ${target} ${refreshedAt === undefined ? 'was never synchronised' : `is of ${clockText(refreshedAt, at)}`}`,
      evidence: [text].filter(Boolean),
      ...(refusedPulls.length > 0
        ? {
            because: `It owns the pull secret ${target}, with which pulls are refused: ${firstOf(refusedPulls)}.`,
          }
        : {}),
    })),
})
