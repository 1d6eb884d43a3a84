const PORT_DEFAULT = "8787";
const PORT_MAX = 65_535;

/** The system on this machine, on the port that npm start takes from the same variable; undefined = no port. */
export function localAddress(port: string | undefined): string | undefined {
  const text = port === undefined || port === "" ? PORT_DEFAULT : port;
  const isPort = /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= PORT_MAX;
  return isPort ? `http://127.0.0.1:${text}` : undefined;
}

/** Whether a host name is this machine: only there is the demo's admin key tried unasked. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
