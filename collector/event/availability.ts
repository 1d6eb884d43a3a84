export const AVAILABILITIES = ["in_stock", "out_of_stock"] as const;
/** Whether an item can be bought. */
export type Availability = (typeof AVAILABILITIES)[number];
