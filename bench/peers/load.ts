/** A module as this folder sees it: the peers installed here, and where they are not, those of the workspace. */
export function load(name: string): Promise<unknown> {
  return import(name);
}
