/** A label's text and what the reader must find in it. */
export interface LabelCase {
  readonly about: string;
  readonly text: string;
  /** As `describeFindings` writes it. */
  readonly says: string;
  /** Understood entries of all entries that count. */
  readonly recognised: string;
}
