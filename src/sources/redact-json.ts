/**
 * Redaction of JSON of which nobody knows what it is: records that were turned down. Stricter than that of objects, for nothing here has a schema: every
 * text is judged as prose and by the names under which it stands, the data of anything that calls itself a Secret goes as a whole, and so does what is
 * text in base64.
 */
import { credentialGrade, type Fingerprint, looksRandom, redactNamed, redactText } from './credentials-in-text.ts';

const DEPTH_MAX = 100;
/** Names that say nothing: what stands under them is called as what they stand in, or as their neighbour says. */
const NAMELESS = /^(?:value|data|body|message|text|note|payload|\w+Value|values|content|stringData)$/;
const BASE64 = /^[A-Za-z0-9+/]{24,}={0,2}$/;

/** `name`: what the value is called. */
export function redactJson(value: unknown, fingerprint: Fingerprint, name = ''): unknown {
  return redact(value, name, fingerprint, 0);
}

function redact(value: unknown, name: string, fingerprint: Fingerprint, depth: number): unknown {
  if (typeof value === 'string') return redactOne(value, name, fingerprint);
  if (typeof value === 'number')
    return credentialGrade(name) === 3 ? redactOne(String(value), name, fingerprint) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEPTH_MAX) return 'redacted: nested too deeply';
  if (Array.isArray(value)) return value.map((item) => redact(item, name, fingerprint, depth + 1));
  const fields = value as Readonly<Record<string, unknown>>;
  const isSecret = /secret$/i.test(String(fields['kind'] ?? ''));
  const called = [fields['key'], fields['name']].find((one) => typeof one === 'string') as string | undefined;
  const entries = Object.entries(fields).map(([key, inner]) => {
    if (isSecret && (key === 'data' || key === 'stringData')) return [key, sealed(inner, fingerprint)];
    const own = NAMELESS.test(key) ? (called ?? name) : key;
    return [key, redact(inner, own, fingerprint, depth + 1)];
  });
  return Object.fromEntries(entries);
}

function redactOne(text: string, name: string, fingerprint: Fingerprint): string {
  const named = redactNamed(name, text, 1, fingerprint);
  if (named !== undefined) return named;
  if (looksRandom(name, text) || isHiddenText(text)) return fingerprint(text);
  return redactText(text, fingerprint, true);
}

/** Whether it is text in base64, of which nobody sees what it says. */
function isHiddenText(text: string): boolean {
  if (!BASE64.test(text)) return false;
  return /^[\t\n\r\x20-\x7e]+$/.test(Buffer.from(text, 'base64').toString('latin1'));
}

/** Every value in it as a fingerprint, names stay. */
function sealed(value: unknown, fingerprint: Fingerprint): unknown {
  if (typeof value !== 'object' || value === null) return fingerprint(String(value));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      fingerprint(typeof inner === 'string' ? inner : JSON.stringify(inner)),
    ]),
  );
}
