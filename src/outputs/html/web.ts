/** Whether an address is one of the web: no other kind becomes a link. */
export const isOfWeb = (url: string): boolean =>
  URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol)
