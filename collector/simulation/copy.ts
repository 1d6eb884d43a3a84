/** As it comes out of an RPC: nothing is shared with what went in. */
export function copy<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
