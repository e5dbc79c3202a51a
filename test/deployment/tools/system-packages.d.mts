/** Its path, once it is there; installing it takes root. */
export function systemCommand(program: string, debianPackage?: string): () => string;
