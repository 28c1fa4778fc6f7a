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

/** All of it, from the first second. */
export const shop: Story = {
  0: [
    ...web.all,
    ...cart.all,
    ...mysql.all,
    { apply: service('shop/web') },
    { apply: service('shop/cart') },
    { apply: mysqlService() },
  ],
};

/** The shop, what happens to it, and that somebody complains of it from the second minute to the fifth. */
export function complaining(change: Story, ...complain: readonly ((second: number) => Story[number])[]): Story {
  return together(shop, change, ...complain.map((what) => often(120, 300, 10, what)));
}
