export const DEMO_VERSION = '2025.4.4-demo';

export function houseConfig(): object {
  return {
    location_name: 'Maison de démonstration',
    latitude: 48.85,
    longitude: 2.35,
    elevation: 35,
    unit_system: { length: 'km', mass: 'g', temperature: '°C', volume: 'L' },
    time_zone: 'Europe/Paris',
    currency: 'EUR',
    country: 'FR',
    language: 'fr',
    components: ['automation', 'climate', 'config', 'cover', 'history', 'light', 'notify', 'scene', 'script', 'sensor', 'switch'],
    version: DEMO_VERSION,
    state: 'RUNNING',
  };
}
