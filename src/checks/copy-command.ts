import { isInsecure } from '../settings/plan/insecure.ts'
import type { Settings } from '../settings/schema.ts'

/** The flag that crane needs where a registry of these references may speak plain HTTP. */
export const insecureFlag = (settings: Settings, ...references: string[]): string =>
  references.some((one) => isInsecure(settings, one.split('/')[0] ?? '')) ? ' --insecure' : ''

/** The command that copies an image, with all its platforms, into a mirror. */
export const copyCommand = ({ image, at }: { image: string; at: string }, settings: Settings): string =>
  `crane copy${insecureFlag(settings, image, at)} ${image} ${at}`
