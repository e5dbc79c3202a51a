export type ToolMatch = (name: string) => boolean;

/** Whether a name is `glob`, in which `*` stands for any characters. */
export function compileGlob(glob: string): ToolMatch {
  if (!glob.includes('*')) return (name) => name === glob;
  const parts = glob.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('[^]*')}$`);
  return (name) => pattern.test(name);
}
