import { AuditError } from './errors.ts';

/** @throws AuditError `usage` for what is no address of a site */
export function targetOf(target: string | URL): URL {
  if (!URL.canParse(String(target)) || !/^https?:$/.test(new URL(target).protocol)) {
    throw new AuditError(
      'usage',
      `${String(target)} is no address: write one like https://staging.example.com`,
    );
  }
  return new URL(target);
}
