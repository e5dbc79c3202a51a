import type { DemoHouse } from '../../src/home-assistant-server/demo/demo-house.js';
import { newContext } from '../../src/home-assistant-server/demo/state.js';

const DOMAINS = ['sensor', 'light', 'switch', 'binary_sensor'];

/** Fills a house with entities as a large one has them. @returns their ids */
export function moveIn(demo: DemoHouse, count: number): readonly string[] {
  const context = newContext(null);
  return Array.from({ length: count }, (_, index) => {
    const number = String(index).padStart(5, '0');
    const id = `${DOMAINS[index % DOMAINS.length]!}.appareil_numero_${number}`;
    const attributes = { friendly_name: `Appareil numéro ${number} de la Grande Maison`, device_class: 'power', unit_of_measurement: 'W' };
    demo.house.set(id, { state: index % 4 === 0 ? String(index) : 'off', attributes }, context);
    return id;
  });
}
