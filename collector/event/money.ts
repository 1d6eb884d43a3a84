/** Integer minor units (cents, yen, fils) with their ISO 4217 code beside them. Never a float. */
export interface Money {
  currency: string;
  valueMinor: number;
}
