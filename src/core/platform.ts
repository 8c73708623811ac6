/** The CI systems that regguard knows; `plain` is a terminal or an unknown CI. Each treats logs in its own way (`src/log/render.ts`). */
export const ciPlatforms = ['plain', 'woodpecker', 'forgejo', 'gitea', 'github'] as const
export type CiPlatform = (typeof ciPlatforms)[number]
