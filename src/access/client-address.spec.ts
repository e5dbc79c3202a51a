import type { IncomingMessage } from 'node:http';
import { ClientAddress, networkProblem } from './client-address.js';

const from = (remoteAddress: string, forwarded?: string) =>
  ({
    socket: { remoteAddress },
    headers: { ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }) },
  }) as unknown as IncomingMessage;

describe(ClientAddress.name, () => {
  it.each([
    ['10.1.2.3', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['::ffff:a01:203', '10.1.2.3'],
    ['0:0:0:0:0:ffff:0a01:0203', '10.1.2.3'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('calls %s %s', (address, name) => {
    expect(new ClientAddress([]).of(from(address))).toBe(name);
  });

  it('keeps two IPv4 hosts apart that come in IPv6 clothes', () => {
    const addresses = new ClientAddress([]);
    expect(addresses.of(from('::ffff:10.0.0.1'))).not.toBe(addresses.of(from('::ffff:10.0.0.2')));
  });

  it.each([
    ['a stranger says anything', '203.0.113.7', '1.1.1.1', '203.0.113.7'],
    ['a proxy names its client', '10.0.0.2', '1.1.1.1', '1.1.1.1'],
    ['a proxy in IPv6 clothes names its client', '::ffff:10.0.0.2', '1.1.1.1', '1.1.1.1'],
    ['a client made up earlier hops', '10.0.0.2', '6.6.6.6, 1.1.1.1', '1.1.1.1'],
    ['proxies stand in a row', '10.0.0.2', '6.6.6.6, 1.1.1.1, 10.0.0.9, fd00::1', '1.1.1.1'],
    ['a hop is nonsense', '10.0.0.2', '1.1.1.1, evil, 10.0.0.9', '10.0.0.9'],
    ['a proxy says nothing', '10.0.0.2', undefined, '10.0.0.2'],
  ])('when %s: peer %s, header %s', (_, peer, forwarded, expected) => {
    expect(new ClientAddress(['10.0.0.0/8', 'fd00::/8']).of(from(peer, forwarded))).toBe(expected);
  });

  it.each(['10.0.0.0/8', '192.168.1.1', 'fd00::/8', '::1'])('takes %s for a network', (network) => {
    expect(networkProblem(network)).toBeUndefined();
  });

  it.each(['', 'loopback', '10.0.0.0/33', '10.0.0/8', 'fd00::/129', '10.0.0.0/', '10.0.0.0/-1'])(
    'does not take %j for a network',
    (network) => {
      expect(networkProblem(network)).toContain(network);
    },
  );
});
