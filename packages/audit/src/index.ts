export { AuditError, type AuditErrorCode } from './errors.ts';
