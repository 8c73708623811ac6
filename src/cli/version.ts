import about from '../../package.json' with { type: 'json' }

/** The version of this program; package.json holds it. */
export const version: string = about.version
