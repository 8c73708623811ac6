import type { Refusal } from '../../image.ts'

/** Status, code and, if it was not the registry itself, the host of a refusal: `404 BLOB_UNKNOWN`. */
export const refusalText = ({ status, code, storage }: Refusal): string =>
  `${status} ${code}`.trimEnd() +
  (storage === undefined ? '' : ` from ${storage}, where the registry redirects`)

/** What the refusal of a storage means: the registry redirects only for what it believes to have. */
export const storageText = ({ storage }: Refusal): { because?: string } =>
  storage === undefined
    ? {}
    : {
        because: `The registry lists it and redirects to ${storage}, which does not have it: it was deleted there, or the registry uses another bucket or path than the push did.`,
      }
