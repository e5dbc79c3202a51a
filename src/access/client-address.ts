import { type IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv4, type Socket, SocketAddress } from 'node:net';

const PEER = Symbol('peer');

interface Connection extends Socket {
  [PEER]?: Peer;
}

interface Peer {
  readonly address: string;
  readonly bucket: string;
  readonly isTrusted: boolean;
}

/** Tells whom a request comes from, and believes X-Forwarded-For only from the networks it was told to trust. */
export class ClientAddress {
  private readonly trusted = new BlockList();

  /** @param trustedNetworks CIDRs or single addresses; see `networkProblem` */
  constructor(trustedNetworks: readonly string[]) {
    for (const network of trustedNetworks) {
      const { address, prefix, family } = parseNetwork(network);
      this.trusted.addSubnet(address, prefix, family);
    }
  }

  of(request: IncomingMessage): string {
    const peer = this.peerOf(request.socket);
    return peer.isTrusted ? bucketOf(this.forwardedFor(request, peer.address)) : peer.bucket;
  }

  /** Told once per connection: its other end stays who it is. */
  private peerOf(socket: Connection): Peer {
    return (socket[PEER] ??= this.peerAt(plain(socket.remoteAddress ?? '')));
  }

  private peerAt(address: string): Peer {
    return { address, bucket: bucketOf(address), isTrusted: this.trusts(address) };
  }

  /** From the nearest hop outwards, the first one that is not ours; what lies beyond it anybody could have written. */
  private forwardedFor(request: IncomingMessage, peer: string): string {
    const header = request.headers['x-forwarded-for'];
    const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').reverse();
    let client = peer;
    for (const hop of hops) {
      const address = plain(hop.trim());
      if (isIP(address) === 0) return client;
      client = address;
      if (!this.trusts(address)) return client;
    }
    return client;
  }

  private trusts(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.trusted.check(address, version === 4 ? 'ipv4' : 'ipv6');
  }
}

/** What is wrong with a network of `access.trust_proxy`, if anything. */
export function networkProblem(network: string): string | undefined {
  const { address, prefix } = parseNetwork(network);
  const version = isIP(address);
  const isInRange = Number.isInteger(prefix) && prefix >= 0 && prefix <= (version === 4 ? 32 : 128);
  return version !== 0 && isInRange ? undefined : `expected an address or a network such as 10.0.0.0/8, got ${network}`;
}

function parseNetwork(network: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } {
  const [address = '', prefix] = network.split('/', 2);
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  return { address, prefix: prefix === undefined ? (family === 'ipv4' ? 32 : 128) : /^\d+$/.test(prefix) ? Number(prefix) : NaN, family };
}

/** The address without zone and port of a v4 in v6 clothes: `::ffff:10.0.0.1`, `::ffff:a00:1` and `10.0.0.1` are one host. */
function plain(address: string): string {
  if (isIPv4(address)) return address;
  const [bare = ''] = address.split('%', 1);
  if (isIP(bare) === 0) return address;
  const canonical = new SocketAddress({ address: bare, family: 'ipv6' }).address;
  const mapped = canonical.startsWith('::ffff:') ? canonical.slice('::ffff:'.length) : '';
  return isIPv4(mapped) ? mapped : canonical;
}

/** A household gets a whole /64, so single IPv6 addresses are free to take and count as one. */
function bucketOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [left = '', right] = address.split('::');
  const head = groupsOf(left);
  const tail = right === undefined ? [] : groupsOf(right);
  const zeros = right === undefined ? 0 : 8 - head.length - tail.length;
  return `${[...head, ...Array<string>(zeros).fill('0'), ...tail].slice(0, 4).join(':')}::/64`;
}

/** A dotted tail stands for two groups; it is never among the first four. */
function groupsOf(part: string): string[] {
  return part === '' ? [] : part.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
}
