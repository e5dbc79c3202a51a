export type StoreOperation =
  | 'get'
  | 'put'
  | 'put_if_absent'
  | 'put_if_unchanged'
  | 'delete'
  | 'delete_if_unchanged'
  | 'join'
  | 'leave'
  | 'members'
  | 'take_token'
  | 'publish';

/** Hears how long the shared store takes; metrics keep it. */
export abstract class StoreObserver {
  abstract took(operation: StoreOperation, seconds: number): void;
}
