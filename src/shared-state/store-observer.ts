export type StoreOperation = 'get' | 'put' | 'put_if_absent' | 'delete' | 'join' | 'leave' | 'members' | 'take_token' | 'publish';

/** Hears how long the shared store takes; metrics keep it. */
export abstract class StoreObserver {
  abstract took(operation: StoreOperation, seconds: number): void;
}
