import { fold, nearNames } from './french.js';

const HOUSE = [
  { id: 'light.salon_lamp', name: 'Lampe Salon' },
  { id: 'light.salon_etagere', name: 'Étagère Salon' },
  { id: 'light.chambre', name: 'Lampe Chambre' },
  { id: 'sensor.temperature_salon', name: 'Température Salon' },
  { id: 'switch.tv', name: 'TV' },
];

describe(fold.name, () => {
  it.each([
    ['Étagère', 'etagere'],
    ['CŒUR', 'coeur'],
    [' Noël ', 'noel'],
  ])('makes %s comparable', (text, folded) => {
    expect(fold(text)).toBe(folded);
  });
});

describe(nearNames.name, () => {
  it.each([
    ['Lampe Salon', 'light.salon_lamp'],
    ['light.salon_lam', 'light.salon_lamp'],
    ['etagere salon', 'light.salon_etagere'],
    ['temperatur salon', 'sensor.temperature_salon'],
  ])('guesses what %s may mean', (wanted, meant) => {
    expect(nearNames(wanted, HOUSE)[0]).toBe(meant);
  });

  it('says nothing when nothing is near, and never more than five', () => {
    const twenty = Array.from({ length: 20 }, (_, index) => ({ id: `light.salon_${index}`, name: 'Salon' }));

    expect(nearNames('aspirateur', HOUSE)).toEqual([]);
    expect(nearNames('light.salon', twenty)).toHaveLength(5);
  });
});
