import type { Request } from 'express';

/** A field of a form; empty where it is missing or there twice. */
export function field(req: Request, name: string): string {
  const value: unknown = (req.body as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value : '';
}
