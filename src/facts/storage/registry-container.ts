import * as z from 'zod'

/** The container of the registry that keeps its data in a storage, as the engine at the socket describes it. */
export const registryContainerSchema = z.object({
  /** Its name. */
  name: z.string(),
  /** The image as the container was created with it: `registry:2`. */
  image: z.string(),
  /** The version of the program in the image, with what shows it; absent if nothing does. */
  version: z.object({ text: z.string(), from: z.enum(['label', 'history', 'tag']) }).exactOptional(),
  /** It is a pull-through cache, by its environment or by the configuration file in it. */
  cache: z.enum(['environment', 'configuration']).exactOptional(),
  /** The configuration file that it was started with, in the container; absent if it cannot be told. */
  config: z.string().exactOptional(),
  /** The tag names another image by now, which has this version if that is known. */
  replacedBy: z.object({ version: z.string().exactOptional() }).exactOptional(),
})
export type RegistryContainer = z.infer<typeof registryContainerSchema>
