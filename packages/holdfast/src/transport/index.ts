export {
  secureTransport,
  type Transport,
  type TransportOptions,
  type TransportOutcome,
} from './transport.ts';
