/**
 * The default of the setting `docs_url`. In the bundle this file is replaced by one with the value that `DOCS_URL` had during the
 * build (scripts/bundle.ts).
 */
export const defaultDocsUrl: string | undefined = undefined
