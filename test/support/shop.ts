/** A small shop that runs: web calls cart, cart keeps its data in mysql. For tests of what is told although everything runs. */
import { deployment, podStatus } from './estate.ts';
import { often, type Story, service, together } from './told.ts';

const DAY = 86_400;

type Made = ReturnType<typeof deployment>;

/** A Deployment that has run for a day, with one port. */
export function running(
  name: string,
  { container = {}, ...rest }: Parameters<typeof deployment>[1] & { readonly container?: object } = {},
): Made {
  return deployment(name, {
    created: -DAY,
    container: { ports: [{ containerPort: 8080 }], ...container },
    status: { readyReplicas: 1, availableReplicas: 1, updatedReplicas: 1 },
    podStatus: podStatus.running(-DAY + 60),
    ...rest,
  });
}

/** A container that is told addresses. */
export function calling(...addresses: readonly string[]): object {
  return { env: addresses.map((value, index) => ({ name: `ADDRESS_${index}`, value })) };
}

export const web = running('shop/web', { container: calling('cart:80') });
export const cart = running('shop/cart', { container: calling('mysql:3306') });
export const mysql = running('shop/mysql', { container: { image: 'mysql:8', ports: [{ containerPort: 3306 }] } });

export const mysqlService = (spec: object = {}) =>
  service('shop/mysql', { ports: [{ port: 3306, protocol: 'TCP' }], ...spec });

/** The shop from the first second, with others in the place of its parts. */
export function shopOf(parts: { readonly web?: Made; readonly cart?: Made; readonly mysql?: Made } = {}): Story {
  const made = { web, cart, mysql, ...parts };
  const services = [service('shop/web'), service('shop/cart'), mysqlService()].map((apply) => ({ apply }));
  return { 0: [...made.web.all, ...made.cart.all, ...made.mysql.all, ...services] };
}

export const shop = shopOf();

type Complaint = (second: number) => Story[number];

/** A shop, what happens to it, and that somebody complains of it from the second minute to the fifth. */
export function complainingIn(place: Story, change: Story, ...complaints: readonly Complaint[]): Story {
  return together(place, change, ...complaints.map((what) => often(120, 300, 10, what)));
}

export function complaining(change: Story, ...complaints: readonly Complaint[]): Story {
  return complainingIn(shop, change, ...complaints);
}
