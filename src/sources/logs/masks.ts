/**
 * What differs from one writing of a message to the next, replaced by its kind: times, ids, addresses, numbers. What tells one trouble from another stays:
 * status and exit codes, error numbers, the ports of servers. Pure.
 */

/** First of the ports that Linux gives to clients. */
const CLIENT_PORTS = 32_768;

const MASKS =
  /(?<code>\b(?:HTTP(?:\/[\d.]+)?|status|code|errno|signal|exit|exited with|error|SQLSTATE|ORA|port)(?: code| status)?["']?[ :=#([-]{0,3}\d{1,5}\b)|(?<secret>redacted:[0-9a-f]{16})|(?<time>\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d[\d.,]*(?:Z|[+-]\d\d:?\d\d)?|\b\d\d:\d\d:\d\d[.,\d]*\b)|(?<id>\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b0x[0-9a-f]+\b|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b)|(?<pod>-[0-9a-f]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b)|(?<ip>\b\d{1,3}(?:\.\d{1,3}){3}\b|\[[0-9a-f:]*:[0-9a-f:]+\])(?<port>:\d{1,5}\b)?|(?<place>\b[A-Za-z][\w.-]{0,100}:\d{1,5}\b)|(?<number>(?<![A-Za-z_\d.])[-+]?\d+(?:[.,]\d+)*(?=(?:ns|[µu]s|ms|s|m|h|[KMGT]i?B?|B|%)?(?![A-Za-z\d_])))/gi;

const TEXT_MAX = 2_000;

/** The text with `<num>`, `<ip>`, `<id>`, `<time>` for what passes. */
export function masked(text: string): string {
  const head = text.length > TEXT_MAX ? text.slice(0, TEXT_MAX) : text;
  return head.replace(MASKS, (match, ...rest) => {
    const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>;
    if (groups['code'] !== undefined) return match;
    if (groups['place'] !== undefined) return match.replace(/:\d+$/, portOf);
    if (groups['ip'] !== undefined) return `<ip>${portOf(groups['port'])}`;
    if (groups['secret'] !== undefined) return '<secret>';
    if (groups['time'] !== undefined) return '<time>';
    if (groups['id'] !== undefined) return '<id>';
    return groups['pod'] === undefined ? '<num>' : '-<pod>';
  });
}

/** Ports, and lines of source code, are few. */
function portOf(port = ''): string {
  if (port === '') return '';
  return Number(port.slice(1)) < CLIENT_PORTS ? port : ':<num>';
}
