/**
 * Where the pages of findings are on the web, unless the setting `docs_url` says otherwise. The build puts the value of its
 * environment variable `DOCS_URL` here (scripts/bundle.ts).
 */
export const defaultDocsUrl: string | undefined = undefined
