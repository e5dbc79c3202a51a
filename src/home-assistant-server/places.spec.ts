import { placesOf } from './places.js';

describe(placesOf.name, () => {
  const rows = {
    displayed: [
      { ei: 'light.own', ai: 'hall', di: 'strip', lb: ['night'] },
      { ei: 'light.strip', di: 'strip' },
      { ei: 'sensor.lost', di: 'gone', ai: 'gone' },
      { ei: 'switch.free' },
    ],
    areas: [
      { area_id: 'hall', name: 'Entrée', floor_id: 'ground', labels: ['public'] },
      { area_id: 'attic', name: 'Grenier' },
    ],
    devices: [{ id: 'strip', name: 'Strip', name_by_user: 'Bandeau', area_id: 'attic', labels: ['led'] }],
    labels: ['night', 'public', 'led'].map((label_id) => ({ label_id, name: label_id.toUpperCase() })),
    floors: [{ floor_id: 'ground', name: 'Rez-de-chaussée' }],
  };
  const places = placesOf(rows);
  const inside = (key: keyof typeof places, id: string) => [...(places[key].find((place) => place.id === id)?.entities ?? [])];

  it('puts an entity into its own area, else into that of its device, and onto the floor of that area', () => {
    expect(inside('area_id', 'hall')).toEqual(['light.own']);
    expect(inside('area_id', 'attic')).toEqual(['light.strip']);
    expect(inside('floor_id', 'ground')).toEqual(['light.own']);
    expect(inside('device_id', 'strip')).toEqual(['light.own', 'light.strip']);
  });

  it('labels an entity as itself, as its device and as its area', () => {
    expect(inside('label_id', 'night')).toEqual(['light.own']);
    expect(inside('label_id', 'led')).toEqual(['light.own', 'light.strip']);
    expect(inside('label_id', 'public')).toEqual(['light.own']);
  });

  it('calls a device what its people call it', () => expect(places.device_id[0]?.name).toBe('Bandeau'));
});
